//! What an administrator sets about the view of an application (design section 8).
//!
//! Parsing, printing and the pure rules: which names match, which name a user gets. Nothing here
//! reads the directory.

use provost_scim::text::fold;
use regex::Regex;

use crate::{
    DirectoryError,
    brake::{Brake, parse_least, parse_share},
    settings,
};

/// Longest regular expression and replacement, in bytes.
const LONGEST_RULE: usize = 500;
/// Most bytes of a compiled regular expression.
const COMPILED: usize = 1 << 20;
/// Most patterns of a group filter.
const MOST_PATTERNS: usize = 200;

fn invalid<T>(text: String) -> Result<T, DirectoryError> {
    Err(DirectoryError::Invalid(text))
}

/// A pattern for names: `*` stands for any text, `?` for one character; case does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    folded: Vec<char>,
}

impl Pattern {
    fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            folded: fold(text).chars().collect(),
        }
    }

    /// Whether a folded name matches.
    fn matches(&self, folded: &str) -> bool {
        let (pattern, name) = (&self.folded, folded.chars().collect::<Vec<_>>());
        let (mut at, mut next) = (0, 0);
        // Where to go on after the last star, should what follows it not fit.
        let mut star: Option<(usize, usize)> = None;
        while next < name.len() {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at + 1, next));
                    at += 1;
                }
                Some(c) if *c == '?' || name.get(next) == Some(c) => {
                    at += 1;
                    next += 1;
                }
                _ => {
                    let Some((after, tried)) = star else {
                        return false;
                    };
                    star = Some((after, tried + 1));
                    (at, next) = (after, tried + 1);
                }
            }
        }
        pattern.iter().skip(at).all(|c| *c == '*')
    }
}

/// How the name of a user in the view is made of its userName.
#[derive(Clone, Debug)]
pub enum UserNames {
    /// As it is.
    AsIs,
    /// In lower case.
    LowerCase,
    /// Without what follows the first `@`.
    LocalPart,
    /// With the first match of a regular expression replaced.
    Replace {
        /** What is replaced. */
        pattern: Regex,
        /** With what; `$1` stands for the first group. */
        replacement: String,
    },
}

impl PartialEq for UserNames {
    fn eq(&self, other: &Self) -> bool {
        self.print() == other.print()
    }
}

impl UserNames {
    fn parse(value: &str) -> Result<Self, DirectoryError> {
        match value {
            "as-is" => Ok(Self::AsIs),
            "lower-case" => Ok(Self::LowerCase),
            "local-part" => Ok(Self::LocalPart),
            _ => Self::parse_rule(value),
        }
    }

    fn parse_rule(value: &str) -> Result<Self, DirectoryError> {
        let parts: Vec<_> = value.split('/').collect();
        let [first, pattern, replacement, ""] = parts.as_slice() else {
            return invalid(format!(
                "usernames={value}: use as-is, lower-case, local-part, or s/REGEX/REPLACEMENT/"
            ));
        };
        if *first != "s" || pattern.is_empty() || value.len() > LONGEST_RULE {
            return invalid(format!(
                "usernames: write s/REGEX/REPLACEMENT/ with at most {LONGEST_RULE} bytes and no further slash"
            ));
        }
        let built = regex::RegexBuilder::new(pattern)
            .size_limit(COMPILED)
            .build();
        match built {
            Ok(pattern) => Ok(Self::Replace {
                pattern,
                replacement: (*replacement).to_owned(),
            }),
            Err(error) => invalid(format!(
                "usernames: {pattern} is no regular expression: {error}"
            )),
        }
    }

    fn print(&self) -> String {
        match self {
            Self::AsIs => "as-is".to_owned(),
            Self::LowerCase => "lower-case".to_owned(),
            Self::LocalPart => "local-part".to_owned(),
            Self::Replace {
                pattern,
                replacement,
            } => format!("s/{pattern}/{replacement}/"),
        }
    }

    /// The name in the view; a rule that would leave nothing leaves the name as it is.
    fn apply(&self, user_name: &str) -> String {
        let made = match self {
            Self::AsIs => return user_name.to_owned(),
            Self::LowerCase => return user_name.to_lowercase(),
            Self::LocalPart => user_name.split('@').next().unwrap_or_default().to_owned(),
            Self::Replace {
                pattern,
                replacement,
            } => pattern
                .replace(user_name, replacement.as_str())
                .into_owned(),
        };
        let made = made.trim();
        if made.is_empty() { user_name } else { made }.to_owned()
    }

    /// Whether two userNames can become one name.
    const fn can_collide(&self) -> bool {
        matches!(self, Self::LocalPart | Self::Replace { .. })
    }
}

/// The settings of a view.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, with two values"
)]
pub struct ViewSettings {
    /// `groups = jira-*,…`: only matching groups and their people; empty for all.
    pub groups: Vec<Pattern>,
    /// `usernames = as-is | lower-case | local-part | s/REGEX/REPLACEMENT/`.
    pub user_names: UserNames,
    /// `lower_case = true`: names of users and groups go out in lower case.
    pub lower_case: bool,
    /// `nested_groups = flatten`: members of child groups are members, and there are no child
    /// groups.
    pub flatten: bool,
    /// `inactive_users = exclude`: who is inactive is left out.
    pub exclude_inactive: bool,
    /// `group_names = follow`: a rename reaches the application at once.
    pub follow_group_names: bool,
    /// When a mass change is held.
    pub brake: Brake,
}

impl Default for ViewSettings {
    fn default() -> Self {
        Self {
            groups: Vec::new(),
            user_names: UserNames::AsIs,
            lower_case: false,
            flatten: false,
            exclude_inactive: false,
            follow_group_names: false,
            brake: Brake::default(),
        }
    }
}

impl ViewSettings {
    /// Changes one setting.
    ///
    /// # Errors
    /// `Invalid`, naming what would be accepted.
    pub(crate) fn set(&mut self, key: &str, value: &str) -> Result<(), DirectoryError> {
        match key {
            "groups" => self.groups = patterns(value)?,
            "usernames" => self.user_names = UserNames::parse(value)?,
            "lower_case" => self.lower_case = choice(key, value, "true", "false")?,
            "nested_groups" => self.flatten = choice(key, value, "flatten", "pass")?,
            "inactive_users" => self.exclude_inactive = choice(key, value, "exclude", "include")?,
            "group_names" => self.follow_group_names = choice(key, value, "follow", "stable")?,
            "mass_change_share" => self.brake.share = parse_share(value)?,
            "mass_change_least" => self.brake.least = parse_least(value)?,
            _ => {
                let keys: Vec<_> = self.print().into_iter().map(|(key, _)| key).collect();
                return invalid(format!(
                    "there is no application setting {key}; there are tenants, allowed_addresses, {}",
                    keys.join(", ")
                ));
            }
        }
        Ok(())
    }

    /// The settings in the form in which they are set.
    pub fn print(&self) -> Vec<(&'static str, String)> {
        let pick = |is: bool, yes: &str, no: &str| if is { yes } else { no }.to_owned();
        let groups: Vec<_> = self.groups.iter().map(|p| p.text.as_str()).collect();
        vec![
            (
                "groups",
                if groups.is_empty() {
                    "*".to_owned()
                } else {
                    groups.join(",")
                },
            ),
            ("usernames", self.user_names.print()),
            ("lower_case", self.lower_case.to_string()),
            ("nested_groups", pick(self.flatten, "flatten", "pass")),
            (
                "inactive_users",
                pick(self.exclude_inactive, "exclude", "include"),
            ),
            (
                "group_names",
                pick(self.follow_group_names, "follow", "stable"),
            ),
            ("mass_change_share", self.brake.print_share()),
            ("mass_change_least", self.brake.least.to_string()),
        ]
    }

    /// The form in the store: a JSON object of text values.
    pub(crate) fn to_stored(&self) -> String {
        let fields = self
            .print()
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into()));
        serde_json::Value::Object(fields.collect()).to_string()
    }

    /// Reads what [`ViewSettings::to_stored`] wrote. A key of a newer version is refused:
    /// ignoring a setting could show people whom it hides.
    pub(crate) fn from_stored(text: &str) -> Result<Self, DirectoryError> {
        let damaged =
            || DirectoryError::Unavailable("the settings of an application are damaged".to_owned());
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|_| damaged())?;
        let mut settings = Self::default();
        for (key, value) in &fields {
            settings.set(key, value.as_str().ok_or_else(damaged)?)?;
        }
        Ok(settings)
    }

    /// Whether two settings show the same.
    pub(crate) fn shows_same(&self, other: &Self) -> bool {
        let brake = Brake::default();
        let bare = |settings: &Self| Self {
            brake,
            ..settings.clone()
        };
        bare(self) == bare(other)
    }

    /// Whether users or memberships are shown otherwise than as they are stored, apart from
    /// letter case.
    pub(crate) fn is_plain(&self) -> bool {
        !self.is_filtered() && !self.flatten && !self.exclude_inactive && !self.renames_users()
    }

    pub(crate) fn is_filtered(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Whether names of users are made by a rule that may give two the same.
    pub(crate) const fn renames_users(&self) -> bool {
        self.user_names.can_collide()
    }

    /// Whether the filter names a group of this (folded) name.
    pub(crate) fn names_group(&self, folded: &str) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|p| p.matches(folded))
    }

    /// The name of a user in the view.
    pub(crate) fn user_name(&self, user_name: &str) -> String {
        let made = self.user_names.apply(user_name);
        if self.lower_case {
            made.to_lowercase()
        } else {
            made
        }
    }

    /// The name of a group in the view.
    pub(crate) fn group_name(&self, name: &str) -> String {
        if self.lower_case {
            name.to_lowercase()
        } else {
            name.to_owned()
        }
    }
}

fn choice(key: &str, value: &str, yes: &str, no: &str) -> Result<bool, DirectoryError> {
    if value == yes {
        return Ok(true);
    }
    if value == no {
        return Ok(false);
    }
    invalid(format!("{key}={value}: use {yes} or {no}"))
}

fn patterns(value: &str) -> Result<Vec<Pattern>, DirectoryError> {
    let texts = settings::list(value);
    if texts.len() > MOST_PATTERNS || texts.iter().any(|text| text.len() > LONGEST_RULE) {
        return invalid(format!(
            "groups: give at most {MOST_PATTERNS} names or patterns of at most {LONGEST_RULE} bytes each"
        ));
    }
    // Everything is the same as no filter, under which people without a group are seen too.
    if texts.iter().any(|text| text == "*") {
        return Ok(Vec::new());
    }
    Ok(texts.iter().map(|text| Pattern::new(text)).collect())
}

#[cfg(test)]
mod tests;
