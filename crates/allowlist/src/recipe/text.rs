//! Texts that may stand in a script or a configuration: made such that nothing in them can end a
//! comment, a quotation or a line.

use std::fmt;

/// Longest note, in characters.
const MAX_NOTE: usize = 200;

/// Longest label.
const MAX_LABEL: usize = 16;

/// Free text of others, such as the address of a document: one line of letters, digits and
/// punctuation that means nothing in any target. Everything else becomes `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// What is left of a text; at most 200 characters.
    pub fn new(text: &str) -> Self {
        let mut kept = String::new();
        for c in text.trim().chars().take(MAX_NOTE) {
            let is_plain = c.is_ascii_alphanumeric() || " .:/_()-".contains(c);
            let c = if is_plain { c } else { '_' };
            // Two hyphens end a comment of XML; a leading one is arithmetic for spreadsheets.
            let is_hyphen_too_many = c == '-' && (kept.is_empty() || kept.ends_with('-'));
            if !is_hyphen_too_many {
                kept.push(c);
            }
        }
        Self(kept)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Note {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A text that is no label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no label: use 1 to 16 lower-case letters, digits and single hyphens, a letter first"
)]
pub struct LabelError(String);

/// Tells the tables, chains and groups of several outputs on one machine apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// Reads a label.
    ///
    /// # Errors
    /// Anything but 1 to 16 lower-case letters, digits and single hyphens inside, a letter first.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_label = text.len() <= MAX_LABEL
            && text.bytes().all(plain)
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--");
        is_label
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| LabelError(text.chars().take(64).collect()))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_hold_nothing_that_ends_a_comment() {
        for (text, expect) in [
            ("https://a.example/x.json", "https://a.example/x.json"),
            ("a\nflush ruleset", "a_flush ruleset"),
            ("a\r\n\\", "a___"),
            ("--> <x> --", "_ _x_ -"),
            ("=cmd('x')", "_cmd(_x_)"),
            ("-1+1", "1_1"),
            (
                "$(reboot) `id` \"x\" 'y' ;|&?%",
                "_(reboot) _id_ _x_ _y_ _____",
            ),
            ("ümläut\u{202e}", "_ml_ut_"),
        ] {
            assert_eq!(Note::new(text).to_string(), expect, "{text:?}");
        }
        assert_eq!(Note::new(&"x".repeat(300)).to_string().len(), MAX_NOTE);
    }

    #[test]
    fn labels_are_plain_names() {
        for text in ["a", "okta-prod", "a1", "abcdefghijklmnop"] {
            assert_eq!(
                Label::parse(text).map(|label| label.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "1a",
            "-a",
            "a-",
            "a--b",
            "A",
            "a b",
            "a\n",
            "a;b",
            "a$b",
            "ä",
            "a_b",
            "abcdefghijklmnopq",
            "../a",
        ] {
            assert!(Label::parse(text).is_err(), "{text:?}");
        }
    }
}
