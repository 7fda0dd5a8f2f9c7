//! Everything in the database, into an archive and out of one: one table after the other, as
//! [`table::TABLES`] describes them for both engines.

mod export;
mod import;
mod table;
#[cfg(test)]
mod tests;

pub(super) use self::{
    export::write,
    import::{Once, occupied},
};
