//! The chain of the change log: how an entry is hashed, whatever engine stores it.
//!
//! Each hash covers the one before it, so a changed, missing or swapped entry shows as soon as
//! the chain is recomputed.

use provost_scim::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    change::{ChangeKind, Position},
    id::TenantId,
};

/// First half of SHA-256 of a stored body.
pub(crate) type BodyDigest = [u8; 16];

/// The digest of a stored body.
pub(crate) fn body_digest(body: &str) -> BodyDigest {
    let full: [u8; 32] = Sha256::digest(body.as_bytes()).into();
    let mut half = [0; 16];
    half.copy_from_slice(full.split_at(16).0);
    half
}

/// An entry before it has a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) kind: ChangeKind,
    pub(crate) object: Uuid,
    pub(crate) name: &'a str,
    pub(crate) member: Option<Uuid>,
    pub(crate) at: Timestamp,
    pub(crate) actor: &'a str,
    pub(crate) request: &'a str,
    pub(crate) before: Option<BodyDigest>,
    pub(crate) after: Option<BodyDigest>,
}

/// The end of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) epoch: u64,
    pub(crate) number: u64,
    pub(crate) hash: [u8; 32],
}

impl Head {
    /// The head of an empty log.
    pub(crate) const fn genesis(epoch: u64) -> Self {
        Self {
            epoch,
            number: 0,
            hash: [0; 32],
        }
    }

    /// The head after `entry`.
    pub(crate) fn after(&self, entry: &Entry<'_>) -> Self {
        let number = self.number + 1;
        let mut hasher = Sha256::new();
        hasher.update(self.hash);
        hasher.update(self.epoch.to_be_bytes());
        hasher.update(number.to_be_bytes());
        hasher.update(entry.tenant.0.to_be_bytes());
        hasher.update(entry.kind.code().to_be_bytes());
        hasher.update(entry.object.as_bytes());
        hasher.update(entry.at.as_micros().to_be_bytes());
        for text in [entry.name, entry.actor, entry.request] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        let member = entry.member.map(Uuid::into_bytes);
        for optional in [member, entry.before, entry.after] {
            hasher.update([u8::from(optional.is_some())]);
            hasher.update(optional.unwrap_or_default());
        }
        Self {
            epoch: self.epoch,
            number,
            hash: hasher.finalize().into(),
        }
    }

    /// The place of the last entry.
    pub(crate) const fn position(&self) -> Position {
        Position {
            epoch: self.epoch,
            number: self.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry<'static> {
        Entry {
            tenant: TenantId(1),
            kind: ChangeKind::UserCreated,
            object: Uuid::nil(),
            name: "ab",
            member: None,
            at: Timestamp::from_micros(5),
            actor: "c",
            request: "",
            before: None,
            after: Some([0; 16]),
        }
    }

    #[test]
    fn every_field_and_the_history_count() {
        let genesis = Head::genesis(7);
        let base = genesis.after(&entry());
        assert_eq!(base.number, 1);
        let e = entry();
        let variants = [
            Entry {
                tenant: TenantId(2),
                ..e
            },
            Entry {
                kind: ChangeKind::UserUpdated,
                ..e
            },
            Entry {
                object: Uuid::max(),
                ..e
            },
            Entry {
                name: "a",
                actor: "bc",
                ..e
            },
            Entry {
                member: Some(Uuid::nil()),
                ..e
            },
            Entry {
                at: Timestamp::from_micros(6),
                ..e
            },
            Entry {
                actor: "",
                request: "c",
                ..e
            },
            Entry {
                before: Some([0; 16]),
                after: None,
                ..e
            },
        ];
        for (number, variant) in variants.iter().enumerate() {
            assert_ne!(genesis.after(variant).hash, base.hash, "variant {number}");
        }
        assert_ne!(Head::genesis(8).after(&e).hash, base.hash);
        assert_ne!(base.after(&e).hash, base.hash);
    }
}
