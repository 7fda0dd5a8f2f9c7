//! The one normal form of text that is compared without case.
//!
//! Uniqueness, filters, sorting and directory look-ups all use [`fold`], so they can never
//! disagree. The rule is Unicode NFC followed by the locale-free lower-casing that the Atlassian
//! applications use (`Locale.ROOT`).

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The key under which `text` is compared without case.
///
/// ```
/// use provost_scim::text::fold;
/// assert_eq!(fold("BJensen"), "bjensen");
/// assert_eq!(fold("Ame\u{301}lie"), fold("AMÉLIE"));
/// ```
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    if is_nfc(text) {
        Cow::Owned(renormalise(text.to_lowercase()))
    } else {
        Cow::Owned(renormalise(text.nfc().collect::<String>().to_lowercase()))
    }
}

/// Lower-casing can leave NFC (U+0130 becomes two characters); the key must be a fixed point.
fn renormalise(lowered: String) -> String {
    if is_nfc(&lowered) {
        lowered
    } else {
        lowered.nfc().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (a, b, equal) in [
            ("Alice", "alice", true),
            ("Straße", "STRASSE", false),
            ("İstanbul", "i\u{307}stanbul", true),
            ("\u{212a}elvin", "kelvin", true),
            ("e\u{301}", "é", true),
            ("alice", "\u{430}lice", false),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς", true),
        ] {
            assert_eq!(fold(a) == fold(b), equal, "{a:?} {b:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,20}") {
            let once = fold(&text).into_owned();
            proptest::prop_assert_eq!(fold(&once).into_owned(), once);
        }
    }
}
