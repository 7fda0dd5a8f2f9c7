//! The bytes of a cursor before they are authenticated.

use provost_scim::{Timestamp, sort::SortKey};

use super::{Place, Walk};
use crate::id::TenantId;

/// The layout below; another one gets another number.
const VERSION: u8 = 1;

/// What a cursor carries.
///
/// Public so that reading it can be fuzzed: [`CursorKey::open`](super::CursorKey::open) reads only
/// what this installation has authenticated, so through it no other bytes get here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// When the cursor was made.
    pub issued: Timestamp,
    /// Which walk it belongs to.
    pub walk: Walk,
    /// Where the next page begins.
    pub place: Place,
}

impl Contents {
    /// Reads what [`Contents::print`] writes, and nothing else; `None` for any other bytes.
    pub fn parse(mut bytes: &[u8]) -> Option<Self> {
        let rest = &mut bytes;
        let [version] = take(rest)?;
        if version != VERSION {
            return None;
        }
        let issued = Timestamp::from_micros(i64::from_be_bytes(take(rest)?));
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

    /// The bytes to authenticate.
    pub fn print(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.issued.as_micros().to_be_bytes());
        bytes.extend(self.walk.tenant.0.to_be_bytes());
        bytes.extend(self.walk.query);
        bytes.extend(asked(self.walk.count).to_be_bytes());
        bytes.extend(self.place.row.to_be_bytes());
        write_key(&mut bytes, &self.place.key);
        bytes
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
        1 => SortKey::Boolean(match take(bytes)? {
            [0] => false,
            [1] => true,
            _ => return None,
        }),
        2 => SortKey::Number(i64::from_be_bytes(take(bytes)?)),
        3 => SortKey::Instant(Timestamp::from_micros(i64::from_be_bytes(take(bytes)?))),
        4 => return Some(SortKey::Text(String::from_utf8(bytes.to_vec()).ok()?)),
        _ => return None,
    };
    bytes.is_empty().then_some(key)
}
