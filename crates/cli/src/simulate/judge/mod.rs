//! What is wrong with an answer, as the identity provider would see it.
//!
//! `trouble` names what can be wrong, `answer` finds it in one answer, `values` compares what was
//! sent with what is there.

mod answer;
mod trouble;
mod values;

pub(super) use answer::{Expect, Shape, judge};
pub(super) use trouble::{Severity, Trouble};
pub(super) use values::{members, show, wrong_values};
