//! Secrets made here: tokens and application passwords.
//!
//! A secret is a prefix, 43 characters for 256 random bits, and 6 characters of checksum, all of
//! it letters, digits and `_`. Prefix and checksum let scanners find leaked ones, and let a wrong
//! one be refused before it is hashed.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{DirectoryError, entropy::Entropy, token::Secret};

/// Prefix of SCIM bearer tokens.
pub(crate) const TOKEN_PREFIX: &str = "pvst_";
/// Prefix of application passwords.
pub(crate) const PASSWORD_PREFIX: &str = "pvap_";

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_CHARS: usize = 43;
const CHECK_CHARS: usize = 6;

/// SHA-256 of a secret: the only form that is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecretDigest(pub(crate) [u8; 32]);

impl SecretDigest {
    /// The digest of `secret`.
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Compares in constant time.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// A new secret.
pub(crate) fn make(prefix: &str, entropy: &dyn Entropy) -> Result<Secret, DirectoryError> {
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    entropy.fill(bytes.as_mut_slice())?;
    let mut text = String::with_capacity(prefix.len() + RANDOM_CHARS + CHECK_CHARS);
    text.push_str(prefix);
    text.push_str(&base62(bytes.as_slice(), RANDOM_CHARS));
    let check = checksum(&text);
    text.push_str(&check);
    Ok(Secret::new(text))
}

/// A short public identifier, such as `tok_` and 12 characters.
pub(crate) fn make_public_id(
    prefix: &str,
    entropy: &dyn Entropy,
) -> Result<String, DirectoryError> {
    let mut bytes = [0_u8; 9];
    entropy.fill(&mut bytes)?;
    Ok(format!("{prefix}{}", base62(&bytes, 12)))
}

/// Whether `text` can be a secret of that kind: right prefix, length and checksum.
pub(crate) fn is_well_formed(prefix: &str, text: &str) -> bool {
    let length = prefix.len() + RANDOM_CHARS + CHECK_CHARS;
    if text.len() != length || !text.starts_with(prefix) {
        return false;
    }
    text.split_at_checked(length - CHECK_CHARS)
        .is_some_and(|(body, check)| checksum(body) == check)
}

/// The last `width` base-62 digits of a number given as big-endian bytes.
fn base62(number: &[u8], width: usize) -> String {
    let mut number = number.to_vec();
    let mut digits = vec![0_u8; width];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or_default();
            rest = value % 62;
        }
        *digit = ALPHABET.get(rest as usize).copied().unwrap_or(b'0');
    }
    zeroize::Zeroize::zeroize(&mut number);
    digits.into_iter().map(char::from).collect()
}

fn checksum(text: &str) -> String {
    base62(&crc32(text.as_bytes()).to_be_bytes(), CHECK_CHARS)
}

/// CRC-32 with the polynomial of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1));
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), step)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_secret_is_recognised_and_an_altered_one_is_not() {
        let secret = make(TOKEN_PREFIX, &SystemEntropy).unwrap();
        let text = secret.reveal();
        assert_eq!(text.len(), 54);
        assert!(is_well_formed(TOKEN_PREFIX, text));
        assert!(!is_well_formed(PASSWORD_PREFIX, text));
        for place in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'x' { b'y' } else { b'x' };
            let altered = String::from_utf8(bytes).unwrap();
            assert!(!is_well_formed(TOKEN_PREFIX, &altered), "place {place}");
        }
        for wrong in [
            "",
            "pvst_",
            &text[..53],
            &format!("{text} "),
            &"é".repeat(27),
        ] {
            assert!(!is_well_formed(TOKEN_PREFIX, wrong), "{wrong:?}");
        }
    }
}
