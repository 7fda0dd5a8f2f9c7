//! The engine on PostgreSQL.

pub(super) mod session;
