//! Attribute names: US-ASCII, compared without case (RFC 7643 section 2.1).

/// Whether two attribute names or schema URNs are the same.
///
/// Only ASCII letters fold: the Kelvin sign is not a `k`.
pub fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Whether `text` follows `ATTRNAME` of RFC 7643 section 2.1, with the leading `$` that `$ref`
/// needs (erratum 8924).
pub fn is_valid(text: &str) -> bool {
    let rest = text.strip_prefix('$').unwrap_or(text);
    let mut bytes = rest.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_grammar() {
        for (text, valid) in [
            ("userName", true),
            ("$ref", true),
            ("a-b_c$9", true),
            ("", false),
            ("$", false),
            ("9abc", false),
            ("a b", false),
            ("a.b", false),
            ("Userna\u{212a}e", false),
        ] {
            assert_eq!(is_valid(text), valid, "{text:?}");
        }
    }

    #[test]
    fn only_ascii_folds() {
        assert!(same("USERNAME", "userName"));
        assert!(!same("nic\u{212a}Name", "nickName"));
    }
}
