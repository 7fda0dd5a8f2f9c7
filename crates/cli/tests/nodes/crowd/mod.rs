//! An application, with the model of its directory that another test crate has too.

pub(crate) mod model;
#[expect(dead_code, reason = "the tests of Crowd do more with it")]
#[path = "../../../../provost/tests/it/crowd/xml.rs"]
mod xml;
