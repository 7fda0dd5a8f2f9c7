//! Filters (RFC 7644 section 3.4.2.2): text → [`Filter`] → [`BoundFilter`] → SQL or evaluation.
//!
//! [`Filter`] is the syntax tree; it knows no schema. [`BoundFilter`] has every name resolved and
//! every operand checked against the attribute's type. Only a bound filter can run.

mod bind;
mod eval;
mod parse;

pub use eval::Subject;

use crate::{Profile, ScimError, Timestamp, schema::AttributeRef, schema::ResourceType};

/// Longest filter text, in bytes.
pub const MAX_LENGTH: usize = 8 * 1024;
/// Deepest nesting of parentheses, `not` and value paths.
pub const MAX_DEPTH: usize = 32;
/// Most terms in one filter.
pub const MAX_TERMS: usize = 200;

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of RFC 7644 table 3")]
pub enum CompareOp {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

/// The literal on the right of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`: not assigned.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A JSON number.
    Number(serde_json::Number),
    /// A JSON string.
    Text(String),
}

/// The syntax tree. Printing and parsing are inverse.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All must hold; two terms or more.
    And(Vec<Filter>),
    /// One must hold; two terms or more.
    Or(Vec<Filter>),
    /// The inner one must not hold.
    Not(Box<Filter>),
    /// `attr pr`.
    Present(String),
    /// `attr op literal`.
    Compare(String, CompareOp, Literal),
    /// `attr[…]`: one and the same value must satisfy the inner filter.
    Values(String, Box<Filter>),
}

/// An operand in the type of its attribute. Text is folded when the attribute ignores case.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// For string, reference and binary attributes.
    Text(String),
    /// For boolean attributes.
    Boolean(bool),
    /// For decimal and integer attributes.
    Number(f64),
    /// For dateTime attributes.
    Instant(Timestamp),
}

/// A filter that can run. `attr eq null` has become `not (attr pr)`.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundFilter {
    /// All must hold.
    And(Vec<BoundFilter>),
    /// One must hold.
    Or(Vec<BoundFilter>),
    /// The inner one must not hold.
    Not(Box<BoundFilter>),
    /// The attribute has a value.
    Present(AttributeRef),
    /// A comparison. A multi-valued complex attribute named alone has its `value` as `sub` (D-03).
    Compare {
        /// What is compared.
        attribute: AttributeRef,
        /// How.
        op: CompareOp,
        /// With what.
        operand: Operand,
    },
    /// One element of the multi-valued attribute satisfies the inner filter, whose attributes
    /// are that attribute with a `sub`.
    Values {
        /// The multi-valued (or complex) attribute.
        attribute: AttributeRef,
        /// The condition on one element.
        filter: Box<BoundFilter>,
    },
}

impl Filter {
    /// Reads a filter. Length, depth and terms are limited before anything is descended into.
    ///
    /// # Errors
    /// `invalidFilter`, naming the position.
    pub fn parse(text: &str, profile: &Profile) -> Result<Self, ScimError> {
        parse::filter(text, profile)
    }

    /// Resolves names and checks operand types.
    ///
    /// # Errors
    /// `invalidFilter` for an attribute that does not exist or must not be filtered on, an
    /// operator the type does not have, or an operand of another type.
    pub fn bind(
        &self,
        kind: &'static ResourceType,
        profile: &Profile,
    ) -> Result<BoundFilter, ScimError> {
        bind::bind(self, kind, profile)
    }
}

impl BoundFilter {
    /// Whether `subject` satisfies the filter.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        eval::matches(self, subject)
    }

    /// Whether any term is about the top-level attribute of that name (`members`, `groups`).
    pub fn mentions(&self, attribute: &str) -> bool {
        match self {
            Self::And(terms) | Self::Or(terms) => terms.iter().any(|term| term.mentions(attribute)),
            Self::Not(inner) => inner.mentions(attribute),
            Self::Present(at)
            | Self::Compare { attribute: at, .. }
            | Self::Values { attribute: at, .. } => at.is_core(attribute),
        }
    }
}
