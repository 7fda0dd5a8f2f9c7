//! An application, with the model of its directory that another test crate has too.

pub(crate) mod model;
#[path = "../../../../provost/tests/it/crowd/xml.rs"]
mod xml;
