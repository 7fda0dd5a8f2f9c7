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

mod layout;

pub use layout::Contents;

/// Seconds after which a cursor is refused.
pub const CURSOR_TIMEOUT: u64 = 3_600;

/// The same in microseconds.
const TIMEOUT: i64 = 3_600 * 1_000_000;
/// Bytes of the authentication code.
const MAC: usize = 16;
/// Bytes of a hash in HMAC's blocks.
const BLOCK: usize = 64;

/// A place in an order: after the item with this key and row number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The value that the list is sorted by.
    pub key: SortKey,
    /// Decides between equal values: the number of the item's row.
    pub row: i64,
}

/// What all cursors of one walk have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
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
pub struct CursorKey([u8; 32]);

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
    /// Takes 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the store.
    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The cursor of the page after `place`: letters, digits, `-` and `_`.
    pub fn seal(&self, walk: &Walk, now: Timestamp, place: &Place) -> String {
        let contents = Contents {
            issued: now,
            walk: *walk,
            place: place.clone(),
        };
        let mut bytes = contents.print();
        let mac = self.mac(&bytes);
        bytes.extend(mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place that a cursor names.
    ///
    /// # Errors
    /// `invalidCursor` for text that is no cursor of this installation, tenant and query, in one
    /// sentence for every cause; `expiredCursor`; `invalidCount` for another page size.
    pub fn open(&self, text: &str, walk: &Walk, now: Timestamp) -> Result<Place, ScimError> {
        let sealed = self.read(text).ok_or_else(not_ours)?;
        if (sealed.walk.tenant, sealed.walk.query) != (walk.tenant, walk.query) {
            return Err(not_ours());
        }
        if now.as_micros().saturating_sub(sealed.issued.as_micros()) > TIMEOUT {
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

    fn read(&self, text: &str) -> Option<Contents> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (plain, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        if !bool::from(self.mac(plain).ct_eq(mac)) {
            return None;
        }
        Contents::parse(plain)
    }

    fn mac(&self, message: &[u8]) -> [u8; MAC] {
        let whole = hmac_sha256(&self.0, message);
        *whole.first_chunk().unwrap_or(&[0; MAC])
    }
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
