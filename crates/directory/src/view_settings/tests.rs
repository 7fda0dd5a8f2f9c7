//! Rules of settings, patterns and names.

use super::*;

fn settings(pairs: &[(&str, &str)]) -> ViewSettings {
    let mut settings = ViewSettings::default();
    for (key, value) in pairs {
        settings.set(key, value).unwrap();
    }
    settings
}

#[test]
fn patterns_match_whole_names_without_case() {
    for (pattern, name, fits) in [
        ("jira-*", "jira-users", true),
        ("jira-*", "jira-", true),
        ("jira-*", "my-jira-users", false),
        ("Jira-Users", "jira-users", true),
        ("*-admins", "jira-admins", true),
        ("*-admins", "jira-admins-old", false),
        ("a*b*c", "a1b2b3c", true),
        ("a*b*c", "a1b2b3", false),
        ("team ?", "team a", true),
        ("team ?", "team ab", false),
        ("ÄRZTE", "ärzte", true),
        ("**", "x", true),
        ("a.c", "abc", false),
    ] {
        let settings = settings(&[("groups", pattern)]);
        assert_eq!(settings.names_group(name), fits, "{pattern} {name}");
    }
    assert!(!settings(&[("groups", "jira-*,*")]).is_filtered());
    assert!(!settings(&[("groups", "")]).is_filtered());
}

#[test]
fn names_of_users_follow_the_rule() {
    for (rule, user_name, expect) in [
        ("as-is", "Anna@E.org", "Anna@E.org"),
        ("lower-case", "Anna@E.org", "anna@e.org"),
        ("local-part", "Anna@E.org", "Anna"),
        ("local-part", "anna", "anna"),
        ("local-part", "@e.org", "@e.org"),
        (r"s/^CORP\\//", r"CORP\anna", "anna"),
        (
            r"s/^(\w+)\.(\w+)@.*$/$2$1/",
            "anna.smith@e.org",
            "smithanna",
        ),
        ("s/.*//", "anna", "anna"),
        ("s/x/y/", "anna", "anna"),
    ] {
        let settings = settings(&[("usernames", rule)]);
        assert_eq!(settings.user_name(user_name), expect, "{rule}");
    }
    let both = settings(&[("usernames", "local-part"), ("lower_case", "true")]);
    assert_eq!(both.user_name("Anna@E.org"), "anna");
    assert_eq!(both.group_name("Jira Ä"), "jira ä");
}

#[test]
fn settings_survive_the_store_and_wrong_ones_say_what_would_do() {
    let all = settings(&[
        ("groups", "jira-*, Teams"),
        ("usernames", r"s/@e\.org$//"),
        ("lower_case", "true"),
        ("nested_groups", "flatten"),
        ("inactive_users", "exclude"),
        ("group_names", "follow"),
        ("mass_change_share", "off"),
        ("mass_change_least", "5"),
    ]);
    let again = ViewSettings::from_stored(&all.to_stored()).unwrap();
    assert_eq!(again, all);
    assert_eq!(
        ViewSettings::from_stored("{}").unwrap(),
        ViewSettings::default()
    );
    for (key, value, word) in [
        ("usernames", "upper", "local-part"),
        ("usernames", "s/(/x/", "regular expression"),
        ("usernames", "s/a/b/c/", "local-part"),
        ("lower_case", "yes", "true"),
        ("nested_groups", "no", "flatten"),
        ("mass_change_share", "120", "1 to 100"),
        ("mass_change_least", "0", "1"),
        ("colour", "red", "mass_change_share"),
    ] {
        let error = ViewSettings::default().set(key, value).unwrap_err();
        assert!(error.to_string().contains(word), "{key}: {error}");
    }
    assert!(ViewSettings::from_stored(r#"{"colour":"red"}"#).is_err());
}
