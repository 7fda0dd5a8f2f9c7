//! Filters (RFC 7644 section 3.4.2.2): text → [`Filter`] → [`BoundFilter`] → SQL or evaluation.
//!
//! [`Filter`] is the syntax tree; it knows no schema. [`BoundFilter`] has every name resolved and
//! every operand checked against the attribute's type. Only a bound filter can run.

mod bind;
mod cursor;
mod eval;
mod literal;
pub(crate) mod notation;
mod operand;
mod parse;
mod print;
mod subject;
#[cfg(test)]
mod tests;

pub(crate) use bind::bind_values;
pub(crate) use literal::word as bare_word;
pub(crate) use parse::value_filter;
pub use subject::Subject;
pub(crate) use subject::{Element, Scalar, is_present};

use crate::{
    Profile, ScimError, ScimType, Timestamp,
    schema::{AttributeRef, ResourceType, ResourceTypes},
    sort::Reach,
};

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

impl CompareOp {
    const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("co", Self::Co),
        ("sw", Self::Sw),
        ("ew", Self::Ew),
        ("gt", Self::Gt),
        ("ge", Self::Ge),
        ("lt", Self::Lt),
        ("le", Self::Le),
    ];

    /// The operator of that name, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(name, _)| text.eq_ignore_ascii_case(name))
            .map(|(_, op)| op)
    }

    /// The name in canonical text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
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

/// A filter that can run.
///
/// Three rewritings have been done: `attr eq null` has become `not (attr pr)`, a complex attribute
/// named alone in a comparison has its `value` as sub-attribute (D-03), and `members.$ref` and
/// `groups.$ref`, whose URIs the server makes itself, have become `value` compared with the last
/// segment of the URI.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundFilter {
    /// All must hold; without terms it always does.
    And(Vec<BoundFilter>),
    /// One must hold; without terms none does.
    Or(Vec<BoundFilter>),
    /// The inner one must not hold.
    Not(Box<BoundFilter>),
    /// The attribute has a value.
    Present(AttributeRef),
    /// A comparison. `ne` on a singular attribute without a value is true; on a multi-valued one
    /// it asks whether any value differs (D-02).
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
        bind::bind(self, kind, profile, Reach::OneType)
    }

    /// Like [`Filter::bind`], for a query across resource types: an attribute that `kind` does not
    /// have counts as having no value there (RFC 7644 section 3.4.2.1, D-04).
    ///
    /// # Errors
    /// `invalidFilter` as for [`Filter::bind`]; an attribute that is never returned stays refused.
    pub fn bind_across_types(
        &self,
        kind: &'static ResourceType,
        types: ResourceTypes,
        profile: &Profile,
    ) -> Result<BoundFilter, ScimError> {
        bind::bind(self, kind, profile, Reach::AllTypes(types))
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

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::new(ScimType::InvalidFilter, detail)
}
