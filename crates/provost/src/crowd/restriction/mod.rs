//! Search restrictions: which users or groups a search is for.
//!
//! Read from XML, JSON or Crowd's query language at the edge into a tree whose size and depth are bounded; evaluated
//! over each entry of a listing. A property that is unknown, or not of the type the test names,
//! matches nothing.

mod build;
mod cql;
mod json;
#[cfg(test)]
mod tests;
mod xml;

use std::borrow::Cow;

use provost_scim::{Timestamp, text::fold};

use super::{body::Body, error::Failure};

/// How deep boolean restrictions may be nested.
const MAX_DEPTH: usize = 16;
/// How many restrictions one search may hold.
const MAX_NODES: usize = 500;

/// What an entry must fulfil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Restriction {
    /// Nothing.
    Everything,
    /// A test of one property.
    Property {
        /// The name of the property.
        name: String,
        /// What is tested.
        test: Test,
    },
    /// All of these.
    All(Vec<Restriction>),
    /// At least one of these.
    Any(Vec<Restriction>),
}

/// A test of one property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// The property has no value.
    Null,
    /// A comparison of text without case; the text is folded.
    Text(TextMode, String),
    /// A comparison with a truth value.
    Flag(bool),
    /// A comparison of instants, to the millisecond.
    Date(Order, i64),
}

/// How text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextMode {
    /// The property begins with the value.
    StartsWith,
    /// The property ends with the value.
    EndsWith,
    /// The property contains the value.
    Contains,
    /// The two are compared as wholes.
    Order(Order),
}

/// How wholes are compared: the property stands in this relation to the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Order {
    fn holds<T: Ord + ?Sized>(self, property: &T, value: &T) -> bool {
        match self {
            Self::Less => property < value,
            Self::LessOrEqual => property <= value,
            Self::Equal => property == value,
            Self::GreaterOrEqual => property >= value,
            Self::Greater => property > value,
        }
    }
}

/// The value of a property of one entry.
#[derive(Debug)]
pub(super) enum Property<'a> {
    /// There is no such property.
    Unknown,
    /// One text; an empty one counts as no value.
    Text(Cow<'a, str>),
    /// Any number of texts.
    Texts(Vec<&'a str>),
    /// A truth value.
    Flag(bool),
    /// An instant.
    Instant(Timestamp),
}

/// What can be searched.
pub(super) trait Subject {
    /// The value of a property, by its Crowd name.
    fn property(&self, name: &str) -> Property<'_>;
    /// Whether a property has a value for every entry.
    fn always_has(name: &str) -> bool;
}

impl Restriction {
    /// Reads the body of a search.
    pub(super) fn read(body: &Body) -> Result<Self, Failure> {
        let text = body.text()?;
        if body.is_json {
            json::parse(text)
        } else {
            xml::parse(text)
        }
    }

    /// Reads the query parameter of a search.
    pub(super) fn from_query(text: &str) -> Result<Self, Failure> {
        cql::parse(text)
    }

    /// Whether an entry fulfils it.
    pub(super) fn matches<S: Subject>(&self, subject: &S) -> bool {
        match self {
            Self::Everything => true,
            Self::Property { name, test } => test.holds(&subject.property(name)),
            Self::All(parts) => parts.iter().all(|part| part.matches(subject)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(subject)),
        }
    }

    /// Whether no entry can ever fulfil it, so that none need be looked at. The connection test
    /// of the applications asks for users without a name.
    pub(super) fn is_never<S: Subject>(&self) -> bool {
        match self {
            Self::Everything => false,
            Self::Property { name, test } => *test == Test::Null && S::always_has(name),
            Self::All(parts) => parts.iter().any(Self::is_never::<S>),
            Self::Any(parts) => parts.iter().all(Self::is_never::<S>),
        }
    }
}

impl Test {
    fn holds(&self, property: &Property<'_>) -> bool {
        match (self, property) {
            (Self::Null, Property::Text(text)) => text.is_empty(),
            (Self::Null, Property::Texts(texts)) => texts.is_empty(),
            (Self::Text(mode, value), Property::Text(text)) => mode.holds(text, value),
            (Self::Text(mode, value), Property::Texts(texts)) => {
                texts.iter().any(|text| mode.holds(text, value))
            }
            (Self::Flag(value), Property::Flag(flag)) => value == flag,
            (Self::Date(order, value), Property::Instant(instant)) => {
                order.holds(&millis(*instant), value)
            }
            (
                Self::Null | Self::Text(..) | Self::Flag(_) | Self::Date(..),
                Property::Unknown
                | Property::Text(_)
                | Property::Texts(_)
                | Property::Flag(_)
                | Property::Instant(_),
            ) => false,
        }
    }
}

impl TextMode {
    fn holds(self, text: &str, value: &str) -> bool {
        let text = fold(text);
        match self {
            Self::StartsWith => text.starts_with(value),
            Self::EndsWith => text.ends_with(value),
            Self::Contains => text.contains(value),
            Self::Order(order) => order.holds(&*text, value),
        }
    }
}

/// The resolution of dates in restrictions.
fn millis(instant: Timestamp) -> i64 {
    instant.as_micros().div_euclid(1000)
}
