//! Sorting (RFC 7644 section 3.4.2.3): which attribute, and the key of one resource.
//!
//! Keys have one total order for every type, so an engine only has to compare them. Equal keys are
//! told apart by whoever answers, so that pages are stable.

#[cfg(test)]
mod tests;

use crate::{
    ScimError, ScimType, Timestamp,
    filter::{Element, Scalar, Subject},
    schema::{AttributeDef, AttributeRef, ResourceType, ResourceTypes, Returned},
    text,
};

/// Which types a query covers, and so what an attribute unknown to one of them means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reach {
    /// One endpoint: an unknown attribute is a mistake.
    OneType,
    /// The root: an attribute that only another type has is without a value (RFC 7644 section
    /// 3.4.2.1).
    AllTypes(ResourceTypes),
}

impl Reach {
    /// The attribute as the types that are covered have it.
    pub(crate) fn elsewhere(self, name: &str) -> impl Iterator<Item = AttributeRef> {
        let types = match self {
            Self::OneType => None,
            Self::AllTypes(types) => Some(types.all()),
        };
        let kinds = types.into_iter().flatten();
        kinds.filter_map(move |kind| kind.resolve_attribute(name))
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sort {
    /// What is sorted by; `None` when this resource type does not have the attribute.
    attribute: Option<AttributeRef>,
    /// From the greatest key to the smallest. The whole order is turned round: resources without
    /// a value come first, and ties too are turned.
    pub descending: bool,
}

/// The value that a resource is sorted by.
///
/// Text is folded when the attribute ignores case; a resource without a value is greater than any
/// other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// `false` before `true`.
    Boolean(bool),
    /// The image of an IEEE double in the integers that keeps the order.
    Number(i64),
    /// Chronological.
    Instant(Timestamp),
    /// By code points.
    Text(String),
    /// No value.
    Missing,
}

impl Sort {
    /// Binds `sortBy` and `sortOrder`.
    ///
    /// # Errors
    /// `invalidValue` for an attribute that does not exist, is never returned or has several
    /// parts, and for an order that is neither `ascending` nor `descending`.
    pub fn bind(
        kind: &'static ResourceType,
        sort_by: &str,
        sort_order: Option<&str>,
    ) -> Result<Self, ScimError> {
        Self::bind_within(kind, sort_by, sort_order, Reach::OneType)
    }

    pub(crate) fn bind_within(
        kind: &'static ResourceType,
        sort_by: &str,
        sort_order: Option<&str>,
        reach: Reach,
    ) -> Result<Self, ScimError> {
        let elsewhere = || {
            let types = match reach {
                Reach::OneType => None,
                Reach::AllTypes(types) => Some(types.all()),
            };
            let mut kinds = types.into_iter().flatten();
            kinds.any(|other| sortable(other, sort_by).is_some())
        };
        let attribute = match sortable(kind, sort_by) {
            Some(found) => Some(whole_value(found)?),
            None if elsewhere() => None,
            None => return Err(unknown(kind, sort_by)),
        };
        Ok(Self {
            attribute,
            descending: descending(sort_order)?,
        })
    }

    /// What is sorted by; `None` when the resource type does not have the attribute.
    pub const fn attribute(&self) -> Option<&AttributeRef> {
        self.attribute.as_ref()
    }

    /// The key of a resource: of a list, the primary value, else the first one.
    pub fn key(&self, subject: &Subject<'_>) -> SortKey {
        let Some(at) = &self.attribute else {
            return SortKey::Missing;
        };
        let mut chosen: Option<Element<'_>> = None;
        subject.any(at, |element| {
            let is_primary = element.is_primary();
            if is_primary || chosen.is_none() {
                chosen = Some(element);
            }
            is_primary
        });
        match chosen.and_then(|element| element.scalar(at.leaf(), at.sub)) {
            Some(value) => key(at.leaf(), &value),
            // A user without `active` can be used.
            None if at.is_core("active") => SortKey::Boolean(true),
            None => SortKey::Missing,
        }
    }
}

impl SortKey {
    /// The key of text under the case rule of its attribute; empty text is no value.
    pub fn of_text(text: &str, case_exact: bool) -> Self {
        if text.is_empty() {
            Self::Missing
        } else if case_exact {
            Self::Text(text.to_owned())
        } else {
            Self::Text(text::fold(text).into_owned())
        }
    }

    /// The key of a number; both zeros are equal.
    pub fn of_number(number: f64) -> Self {
        let bits = (number + 0.0).to_bits().cast_signed();
        let flipped = (bits >> 63).cast_unsigned() >> 1;
        Self::Number(bits ^ flipped.cast_signed())
    }
}

fn key(leaf: &AttributeDef, value: &Scalar<'_>) -> SortKey {
    match value {
        Scalar::Text(text) => SortKey::of_text(text, leaf.case_exact),
        Scalar::Boolean(value) => SortKey::Boolean(*value),
        Scalar::Number(number) => SortKey::of_number(*number),
        Scalar::Instant(instant) => SortKey::Instant(*instant),
    }
}

/// An attribute that is never returned is answered like an unknown one.
fn sortable(kind: &'static ResourceType, notation: &str) -> Option<AttributeRef> {
    let found = kind.resolve_attribute(notation)?;
    let never = |def: &AttributeDef| def.returned == Returned::Never;
    (!never(found.attribute) && !never(found.leaf())).then_some(found)
}

/// D-03: a list of complex values named alone means their `value`.
fn whole_value(at: AttributeRef) -> Result<AttributeRef, ScimError> {
    if !at.leaf().is_complex() {
        return Ok(at);
    }
    let value = at.attribute.sub_attribute("value");
    match value.filter(|_| at.attribute.multi_valued) {
        Some(value) => Ok(AttributeRef {
            sub: Some(value),
            ..at
        }),
        None => Err(invalid(format!(
            "`{0}` has several parts; sort by one of them, such as `{0}.{1}`.",
            at.notation(),
            at.attribute
                .sub_attributes
                .first()
                .map_or("value", |sub| sub.name)
        ))),
    }
}

fn descending(sort_order: Option<&str>) -> Result<bool, ScimError> {
    match sort_order {
        None => Ok(false),
        Some(word) if word.eq_ignore_ascii_case("ascending") => Ok(false),
        Some(word) if word.eq_ignore_ascii_case("descending") => Ok(true),
        Some(_) => Err(invalid("sortOrder is ascending or descending.")),
    }
}

fn unknown(kind: &ResourceType, notation: &str) -> ScimError {
    let shown: String = notation.chars().take(100).collect();
    invalid(format!(
        "{} has no attribute `{shown}` that can be sorted by.",
        kind.name
    ))
}

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::new(ScimType::InvalidValue, detail)
}
