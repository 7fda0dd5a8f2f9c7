//! Argon2id: making, checking, and the stored form, which is the PHC string that every Argon2
//! library reads.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use subtle::ConstantTimeEq as _;

use super::ClearText;
use crate::{DirectoryError, entropy::Entropy};

/// 19 MiB, two passes, one lane: the first choice of OWASP's Password Storage Cheat Sheet for
/// Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT: usize = 16;
const DIGEST: usize = 32;
/// Most memory that a stored hash may ask for (256 MiB), so that a damaged one cannot take all.
const MAX_MEMORY_KIB: u32 = 256 * 1024;

/// What is stored of a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    digest: [u8; DIGEST],
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

fn damaged() -> DirectoryError {
    DirectoryError::Unavailable("the hash of a password is damaged".to_owned())
}

/// Fresh random bytes for one password.
pub(super) fn salt(entropy: &dyn Entropy) -> Result<[u8; SALT], DirectoryError> {
    let mut salt = [0; SALT];
    entropy.fill(&mut salt)?;
    Ok(salt)
}

impl PasswordHash {
    /// Hashes; takes tens of milliseconds of one core.
    pub(crate) fn make(password: &ClearText, salt: &[u8]) -> Result<Self, DirectoryError> {
        let mut made = Self {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: salt.to_vec(),
            digest: [0; DIGEST],
        };
        made.digest = made.compute(password)?;
        Ok(made)
    }

    /// A hash of no password, which costs as much to check as a real one.
    pub(crate) fn decoy() -> Self {
        Self {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: vec![0; SALT],
            digest: [0; DIGEST],
        }
    }

    /// Whether it was made of this password; takes as long as making it.
    pub(crate) fn matches(&self, password: &ClearText) -> Result<bool, DirectoryError> {
        Ok(self.compute(password)?.ct_eq(&self.digest).into())
    }

    fn compute(&self, password: &ClearText) -> Result<[u8; DIGEST], DirectoryError> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(DIGEST))
            .map_err(|_| damaged())?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut digest = [0; DIGEST];
        argon2
            .hash_password_into(password.bytes(), &self.salt, &mut digest)
            .map_err(|error| {
                DirectoryError::Unavailable(format!("a password could not be hashed: {error}"))
            })?;
        Ok(digest)
    }

    /// The PHC string.
    pub(crate) fn to_stored(&self) -> String {
        format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            self.memory_kib,
            self.passes,
            self.lanes,
            STANDARD_NO_PAD.encode(&self.salt),
            STANDARD_NO_PAD.encode(self.digest)
        )
    }

    /// Reads what [`PasswordHash::to_stored`] wrote.
    ///
    /// # Errors
    /// `Unavailable` for anything else: that is a damaged store, not a wrong password.
    pub(crate) fn from_stored(text: &str) -> Result<Self, DirectoryError> {
        parse(text).ok_or_else(damaged)
    }
}

fn parse(text: &str) -> Option<PasswordHash> {
    let rest = text.strip_prefix("$argon2id$v=19$")?;
    let mut parts = rest.split('$');
    let mut costs = parts.next()?.split(',');
    let mut cost = |name: &str| costs.next()?.strip_prefix(name)?.parse::<u32>().ok();
    let parsed = PasswordHash {
        memory_kib: cost("m=").filter(|memory| *memory <= MAX_MEMORY_KIB)?,
        passes: cost("t=")?,
        lanes: cost("p=")?,
        salt: STANDARD_NO_PAD.decode(parts.next()?).ok()?,
        digest: STANDARD_NO_PAD
            .decode(parts.next()?)
            .ok()?
            .try_into()
            .ok()?,
    };
    (costs.next().is_none() && parts.next().is_none()).then_some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn only_the_password_it_was_made_of_matches() {
        let salt = salt(&SystemEntropy).unwrap();
        let made = PasswordHash::make(&ClearText::new("Caf\u{e9} au lait"), &salt).unwrap();
        let stored = made.to_stored();
        assert!(!stored.contains("lait"));
        let read = PasswordHash::from_stored(&stored).unwrap();
        for (typed, expect) in [
            ("Caf\u{e9} au lait", true),
            ("Cafe\u{301} au lait", true),
            ("Caf\u{e9}\u{a0}au lait", true),
            ("caf\u{e9} au lait", false),
            ("Caf\u{e9} au lait ", false),
            ("", false),
        ] {
            let got = read.matches(&ClearText::new(typed)).unwrap();
            assert_eq!(got, expect, "{typed:?}");
        }
    }

    #[test]
    fn nothing_matches_the_decoy() {
        let decoy = PasswordHash::decoy();
        for typed in ["", "password", "\0"] {
            assert!(!decoy.matches(&ClearText::new(typed)).unwrap(), "{typed:?}");
        }
    }

    #[test]
    fn two_users_with_one_password_have_different_hashes() {
        let password = ClearText::new("same");
        let [one, two] = [(), ()].map(|()| salt(&SystemEntropy).unwrap());
        let one = PasswordHash::make(&password, &one).unwrap();
        let two = PasswordHash::make(&password, &two).unwrap();
        assert_ne!(one.digest, two.digest);
    }

    #[test]
    fn what_was_not_written_here_is_damage_and_not_a_wrong_password() {
        let good = PasswordHash::decoy().to_stored();
        assert!(PasswordHash::from_stored(&good).is_ok());
        for bad in [
            String::new(),
            "secret".to_owned(),
            good.replace("argon2id", "argon2i"),
            good.replace("m=19456", "m=4294967295"),
            good.replace(",p=1", ",p=1,x=2"),
            format!("{good}$"),
            good[..good.len() - 4].to_owned(),
        ] {
            assert!(PasswordHash::from_stored(&bad).is_err(), "{bad}");
        }
    }
}
