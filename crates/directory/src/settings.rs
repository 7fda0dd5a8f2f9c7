//! Settings as administrators type them: `KEY=VALUE`, all or none.

use provost_scim::{
    Profile, profile,
    quirk::{self, Quirk},
};

use crate::{
    DirectoryError,
    allowlist::Allowlist,
    tenant::{DeletedUsers, TenantSettings},
};

/// Longest retention of a tombstone, in days.
const MAX_DAYS: u32 = 36_500;

fn invalid<T>(text: String) -> Result<T, DirectoryError> {
    Err(DirectoryError::Invalid(text))
}

/// Changes one setting.
///
/// # Errors
/// `Invalid`, naming the keys or values that exist.
pub(crate) fn set(
    settings: &mut TenantSettings,
    key: &str,
    value: &str,
) -> Result<(), DirectoryError> {
    match key {
        "profile" => settings.profile = profile(value, &settings.profile)?,
        "deleted_users" => settings.deleted_users = deleted_users(value)?,
        "strict_members" => settings.strict_members = boolean(key, value)?,
        "strict_replay" => settings.strict_replay = boolean(key, value)?,
        "accept_passwords" => settings.accept_passwords = boolean(key, value)?,
        "allowed_addresses" => settings.allowed_addresses = Allowlist::parse(value)?,
        "put_without_members" => {
            settings.clear_members_on_put = match value {
                "keep" => false,
                "clear" => true,
                _ => return invalid(format!("{key}={value}: use keep or clear")),
            }
        }
        _ => match Quirk::of_setting(key) {
            Some(quirk) => {
                let quirks = settings.profile.quirks.with(quirk, switch(key, value)?);
                settings.profile.quirks = quirks;
            }
            None => return invalid(unknown(settings, key)),
        },
    }
    Ok(())
}

fn unknown(settings: &TenantSettings, key: &str) -> String {
    let keys: Vec<_> = print(settings).into_iter().map(|(key, _)| key).collect();
    let quirks: Vec<_> = quirk::TABLE.iter().map(|quirk| quirk.setting).collect();
    let known = if key.starts_with(quirk::SETTING) {
        quirks
    } else {
        keys
    };
    format!(
        "there is no tenant setting {key}; there are {}",
        known.join(", ")
    )
}

/// The settings that a tenant of that identity provider begins with.
///
/// # Errors
/// None: the table of choices names settings that exist.
pub(crate) fn for_idp(idp: Option<&str>) -> Result<TenantSettings, DirectoryError> {
    let mut settings = TenantSettings::default();
    for choice in quirk::choices(idp.unwrap_or_default()) {
        set(&mut settings, choice.setting, choice.value)?;
    }
    Ok(settings)
}

/// The settings in the form that [`set`] takes; of the quirks only those that were switched.
pub(crate) fn print(settings: &TenantSettings) -> Vec<(&'static str, String)> {
    let deleted = match settings.deleted_users {
        DeletedUsers::Inactive => "inactive".to_owned(),
        DeletedUsers::RemoveAfterDays(days) => format!("remove-after {days}d"),
        DeletedUsers::Remove => "remove".to_owned(),
    };
    let put = if settings.clear_members_on_put {
        "clear"
    } else {
        "keep"
    };
    let mut pairs = vec![
        ("profile", settings.profile.name.to_owned()),
        ("deleted_users", deleted),
        ("strict_members", settings.strict_members.to_string()),
        ("put_without_members", put.to_owned()),
        ("strict_replay", settings.strict_replay.to_string()),
        ("accept_passwords", settings.accept_passwords.to_string()),
        ("allowed_addresses", settings.allowed_addresses.to_string()),
    ];
    let switched = settings.profile.quirks.changes();
    pairs.extend(switched.map(|(quirk, is_on)| {
        let word = if is_on { "on" } else { "off" };
        (quirk.setting, word.to_owned())
    }));
    pairs
}

/// The form in the store: a JSON object of text values.
pub(crate) fn to_stored(settings: &TenantSettings) -> String {
    let fields = print(settings)
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()));
    serde_json::Value::Object(fields.collect()).to_string()
}

/// Reads what [`to_stored`] wrote. A key of a newer version is refused: ignoring a setting could
/// loosen a rule.
pub(crate) fn from_stored(text: &str) -> Result<TenantSettings, DirectoryError> {
    let damaged = || DirectoryError::Unavailable("the settings of a tenant are damaged".to_owned());
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|_| damaged())?;
    let mut settings = TenantSettings::default();
    for (key, value) in &fields {
        set(&mut settings, key, value.as_str().ok_or_else(damaged)?)?;
    }
    Ok(settings)
}

/// The profile of that name, with the quirks that were switched in `current`.
fn profile(name: &str, current: &Profile) -> Result<Profile, DirectoryError> {
    if let Some(found) = profile::find(name) {
        return Ok(Profile {
            quirks: found.quirks.with_changes_of(current.quirks),
            ..*found
        });
    }
    let names: Vec<_> = profile::ALL.iter().map(|profile| profile.name).collect();
    invalid(format!("profile={name}: use one of {}", names.join(", ")))
}

fn switch(key: &str, value: &str) -> Result<bool, DirectoryError> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => invalid(format!("{key}={value}: use on or off")),
    }
}

fn boolean(key: &str, value: &str) -> Result<bool, DirectoryError> {
    value
        .parse()
        .or_else(|_| invalid(format!("{key}={value}: use true or false")))
}

fn deleted_users(value: &str) -> Result<DeletedUsers, DirectoryError> {
    let days = || {
        value
            .strip_prefix("remove-after ")?
            .trim()
            .strip_suffix('d')?
            .parse()
            .ok()
            .filter(|days| (1..=MAX_DAYS).contains(days))
    };
    match value {
        "inactive" => Ok(DeletedUsers::Inactive),
        "remove" => Ok(DeletedUsers::Remove),
        _ => match days() {
            Some(days) => Ok(DeletedUsers::RemoveAfterDays(days)),
            None => invalid(format!(
                "deleted_users={value}: use inactive, remove, or \"remove-after 90d\" with 1 to {MAX_DAYS} days"
            )),
        },
    }
}

/// Splits a list separated by commas; spaces around entries and empty entries are dropped.
pub(crate) fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Checks a tenant's slug: `[a-z0-9-]`, 1 to 63 characters, no hyphen at either end.
pub(crate) fn slug(text: &str) -> Result<(), DirectoryError> {
    let fits = (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    if fits {
        return Ok(());
    }
    invalid(format!(
        "\"{}\" cannot name a tenant: use 1 to 63 of a-z, 0-9 and -, with no - at either end",
        text.escape_debug()
    ))
}

/// Checks an application's name, which is a user name of HTTP Basic and part of commands.
pub(crate) fn application_name(text: &str) -> Result<(), DirectoryError> {
    let fits = (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if fits {
        return Ok(());
    }
    invalid(format!(
        "\"{}\" cannot name an application: use 1 to 63 of A-Z, a-z, 0-9, - _ and .",
        text.escape_debug()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_and_setting_are_inverse() {
        let mut settings = TenantSettings::default();
        for (key, value) in [
            ("profile", "strict"),
            ("profile", "interop"),
            ("deleted_users", "remove-after 90d"),
            ("strict_members", "true"),
            ("put_without_members", "clear"),
            ("strict_replay", "true"),
            ("accept_passwords", "true"),
            (
                "allowed_addresses",
                "198.51.100.0/24,203.0.113.7,set:entra,2001:db8::/32",
            ),
        ] {
            set(&mut settings, key, value).unwrap();
            assert!(print(&settings).contains(&(key, value.to_owned())), "{key}");
        }
        assert_eq!(from_stored(&to_stored(&settings)).unwrap(), settings);
    }

    #[test]
    fn wrong_settings_are_refused_with_what_would_do() {
        for (key, value, hint) in [
            ("colour", "red", "profile, deleted_users"),
            ("profile", "loose", "compat, strict, interop"),
            ("deleted_users", "remove-after 0d", "remove-after 90d"),
            ("deleted_users", "remove-after 90", "remove-after 90d"),
            ("strict_members", "yes", "true or false"),
            ("put_without_members", "", "keep or clear"),
            ("quirk.bare-word", "true", "on or off"),
            ("quirk.nonsense", "on", "quirk.bare-word"),
        ] {
            let error = set(&mut TenantSettings::default(), key, value).unwrap_err();
            assert!(error.to_string().contains(hint), "{key}={value}: {error}");
        }
    }

    #[test]
    fn every_choice_of_an_identity_provider_is_a_setting() {
        for choice in quirk::CHOICES {
            for idp in choice.idps {
                let settings = for_idp(Some(idp)).unwrap();
                let pair = (choice.setting, choice.value.to_owned());
                assert!(print(&settings).contains(&pair), "{idp}");
            }
        }
        assert_eq!(for_idp(None).unwrap(), TenantSettings::default());
    }

    #[test]
    fn slugs_and_names() {
        for (text, good) in [
            ("entra", true),
            ("a-1", true),
            ("", false),
            ("-a", false),
            ("A", false),
        ] {
            assert_eq!(slug(text).is_ok(), good, "{text}");
        }
        for (text, good) in [
            ("jira", true),
            ("Jira_1.x", true),
            ("", false),
            ("a:b", false),
        ] {
            assert_eq!(application_name(text).is_ok(), good, "{text}");
        }
    }
}
