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

/// A password in the form in which it is compared (RFC 7643 section 4.1.1, the `OpaqueString`
/// profile of RFC 8265 section 4.2): every space is U+0020, then NFC. Case counts.
pub fn opaque(text: &str) -> String {
    let space = |c| match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        other => other,
    };
    text.chars().map(space).nfc().collect()
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

    #[test]
    fn passwords_keep_case_and_lose_the_kind_of_space() {
        for (typed, expect) in [
            ("Secret", "Secret"),
            ("e\u{301}", "é"),
            ("a\u{a0}b\u{3000}c", "a b c"),
            ("\u{200b}", "\u{200b}"),
        ] {
            assert_eq!(opaque(typed), expect, "{typed:?}");
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
