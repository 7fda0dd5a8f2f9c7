//! Deleted users that applications still see.

use provost_scim::text::fold;
use rusqlite::{OptionalExtension as _, params};
use uuid::Uuid;
