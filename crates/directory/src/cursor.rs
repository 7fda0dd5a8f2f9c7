//! Cursors of list walks (RFC 9865): everything that the next page needs, in the client's hands.
//!
//! A cursor is a place in an order, bound to tenant, query and page size and authenticated with a
//! key of this installation, so the server keeps no state and no cursor can be altered or carried
//! to another query. It is not encrypted: the place holds the value that the client sorts by. A
//! cursor gives no rights; every page is authorised anew.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use provost_scim::{ScimError, ScimType, Timestamp, sort::SortKey};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::id::TenantId;

/// Seconds after which a cursor is refused.
pub const CURSOR_TIMEOUT: u64 = 3_600;

/// The same in microseconds.
const TIMEOUT: i64 = 3_600 * 1_000_000;
/// The layout below; another one gets another number.
const VERSION: u8 = 1;
/// Bytes of the authentication code.
const MAC: usize = 16;
/// Bytes of a hash in HMAC's blocks.
const BLOCK: usize = 64;

/// A place in an order: after the item with this key and row number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) key: SortKey,
    pub(crate) row: i64,
}

/// What all cursors of one walk have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Walk {
    tenant: TenantId,
    query: [u8; 16],
    count: Option<u64>,
}

impl Walk {
    /// A walk through `endpoint` in pages of the size that the client asked for.
    pub(crate) fn new(tenant: TenantId, endpoint: &str, query: &str, count: Option<u64>) -> Self {
        let digest = Sha256::new()
            .chain_update(endpoint)
            .chain_update([0])
            .chain_update(query)
            .finalize();
        let mut short = [0; 16];
        short.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
        Self {
            tenant,
            query: short,
            count,
        }
    }
}

/// With what cursors are authenticated.
#[derive(Clone)]
pub(crate) struct CursorKey([u8; 32]);

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey")
    }
}

impl Drop for CursorKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl CursorKey {
    pub(crate) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the store.
    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The cursor of the page after `place`: letters, digits, `-` and `_`.
    pub(crate) fn seal(&self, walk: &Walk, now: Timestamp, place: &Place) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(now.as_micros().to_be_bytes());
        bytes.extend(walk.tenant.0.to_be_bytes());
        bytes.extend(walk.query);
        bytes.extend(asked(walk.count).to_be_bytes());
        bytes.extend(place.row.to_be_bytes());
        write_key(&mut bytes, &place.key);
        let mac = self.mac(&bytes);
        bytes.extend(mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a cursor names.
    ///
    /// # Errors
    /// `invalidCursor` for text that is no cursor of this installation, tenant and query, in one
    /// sentence for every cause; `expiredCursor`; `invalidCount` for another page size.
    pub(crate) fn open(&self, text: &str, walk: &Walk, now: Timestamp) -> Result<Place, ScimError> {
        let sealed = self.read(text).ok_or_else(not_ours)?;
        if (sealed.walk.tenant, sealed.walk.query) != (walk.tenant, walk.query) {
            return Err(not_ours());
        }
        if now.as_micros().saturating_sub(sealed.issued) > TIMEOUT {
            return Err(ScimError::new(
                ScimType::ExpiredCursor,
                format!(
                    "The cursor is older than {CURSOR_TIMEOUT} seconds; begin again without one."
                ),
            ));
        }
        if sealed.walk.count != walk.count {
            return Err(ScimError::new(
                ScimType::InvalidCount,
                "count must be the same for all pages of one walk.",
            ));
        }
        Ok(sealed.place)
    }

    fn read(&self, text: &str) -> Option<Sealed> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (plain, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        if !bool::from(self.mac(plain).ct_eq(mac)) {
            return None;
        }
        Sealed::read(plain)
    }

    fn mac(&self, message: &[u8]) -> [u8; MAC] {
        let whole = hmac_sha256(&self.0, message);
        *whole.first_chunk().unwrap_or(&[0; MAC])
    }
}

struct Sealed {
    issued: i64,
    walk: Walk,
    place: Place,
}

impl Sealed {
    fn read(mut bytes: &[u8]) -> Option<Self> {
        let rest = &mut bytes;
        let [version] = take(rest)?;
        if version != VERSION {
            return None;
        }
        let issued = i64::from_be_bytes(take(rest)?);
        let walk = Walk {
            tenant: TenantId(i64::from_be_bytes(take(rest)?)),
            query: take(rest)?,
            count: Some(u64::from_be_bytes(take(rest)?)).filter(|count| *count != u64::MAX),
        };
        let row = i64::from_be_bytes(take(rest)?);
        let key = read_key(rest)?;
        Some(Self {
            issued,
            walk,
            place: Place { key, row },
        })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

/// No page has that many items, so the number can stand for none given.
fn asked(count: Option<u64>) -> u64 {
    count.unwrap_or(u64::MAX)
}

fn write_key(bytes: &mut Vec<u8>, key: &SortKey) {
    match key {
        SortKey::Missing => bytes.push(0),
        SortKey::Boolean(value) => bytes.extend([1, u8::from(*value)]),
        SortKey::Number(number) => {
            bytes.push(2);
            bytes.extend(number.to_be_bytes());
        }
        SortKey::Instant(instant) => {
            bytes.push(3);
            bytes.extend(instant.as_micros().to_be_bytes());
        }
        SortKey::Text(text) => {
            bytes.push(4);
            bytes.extend(text.as_bytes());
        }
    }
}

fn read_key(bytes: &mut &[u8]) -> Option<SortKey> {
    let [tag] = take(bytes)?;
    let key = match tag {
        0 => SortKey::Missing,
        1 => SortKey::Boolean(take::<1>(bytes)? != [0]),
        2 => SortKey::Number(i64::from_be_bytes(take(bytes)?)),
        3 => SortKey::Instant(Timestamp::from_micros(i64::from_be_bytes(take(bytes)?))),
        4 => return Some(SortKey::Text(String::from_utf8(bytes.to_vec()).ok()?)),
        _ => return None,
    };
    bytes.is_empty().then_some(key)
}

fn not_ours() -> ScimError {
    ScimError::new(
        ScimType::InvalidCursor,
        "The cursor does not belong to this query; begin again without one.",
    )
}

/// HMAC (RFC 2104) with SHA-256, for keys of at most one block.
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let padded = |pad: u8| {
        let mut block = [pad; BLOCK];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::new()
        .chain_update(padded(0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(padded(0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests;
