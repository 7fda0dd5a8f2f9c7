//! [`Filter`] → [`BoundFilter`]: names against the schema.

use super::{BoundFilter, CompareOp, Filter, Literal, invalid, operand};
use crate::{
    Profile, ScimError,
    schema::{AttributeRef, Holder, ResourceType, Returned},
    sort::Reach,
};

/// What no resource satisfies.
const NEVER: BoundFilter = BoundFilter::Or(Vec::new());
/// What every resource satisfies.
const ALWAYS: BoundFilter = BoundFilter::And(Vec::new());

pub(super) fn bind(
    filter: &Filter,
    kind: &'static ResourceType,
    profile: &Profile,
    reach: Reach,
) -> Result<BoundFilter, ScimError> {
    let binder = Binder {
        kind,
        profile,
        reach,
        parent: None,
    };
    binder.filter(filter)
}

/// Binds the inside of `parent[ ]`.
///
/// # Errors
/// `invalidFilter`, also when `parent` has no sub-attributes.
pub(crate) fn bind_values(
    filter: &Filter,
    parent: AttributeRef,
    kind: &'static ResourceType,
    profile: &Profile,
) -> Result<BoundFilter, ScimError> {
    if parent.sub.is_some() || !parent.attribute.is_complex() {
        return Err(invalid(format!(
            "`{}` has no sub-attributes for a filter in brackets.",
            parent.notation()
        )));
    }
    let binder = Binder {
        kind,
        profile,
        reach: Reach::OneType,
        parent: Some(parent),
    };
    binder.filter(filter)
}

struct Binder<'a> {
    kind: &'static ResourceType,
    profile: &'a Profile,
    reach: Reach,
    /// The attribute in whose brackets the filter stands.
    parent: Option<AttributeRef>,
}

impl Binder<'_> {
    fn filter(&self, filter: &Filter) -> Result<BoundFilter, ScimError> {
        Ok(match filter {
            Filter::And(terms) => BoundFilter::And(self.terms(terms)?),
            Filter::Or(terms) => BoundFilter::Or(self.terms(terms)?),
            Filter::Not(inner) => BoundFilter::Not(Box::new(self.filter(inner)?)),
            Filter::Present(name) => match self.resolve(name)? {
                Some(found) => BoundFilter::Present(with_value(found)),
                None => NEVER,
            },
            Filter::Compare(name, op, literal) => self.compare(name, *op, literal)?,
            Filter::Values(name, inner) => self.values(name, inner)?,
        })
    }

    fn terms(&self, terms: &[Filter]) -> Result<Vec<BoundFilter>, ScimError> {
        terms.iter().map(|term| self.filter(term)).collect()
    }

    fn values(&self, name: &str, inner: &Filter) -> Result<BoundFilter, ScimError> {
        if self.parent.is_some() {
            return Err(invalid("A filter in brackets cannot contain another one."));
        }
        let Some(attribute) = self.resolve(name)? else {
            return Ok(NEVER);
        };
        let filter = bind_values(inner, attribute, self.kind, self.profile)?;
        Ok(BoundFilter::Values {
            attribute,
            filter: Box::new(filter),
        })
    }

    /// The attribute; `None` where the query covers other types too and this one does not have
    /// it. An attribute that is never returned is answered like an unknown one, so that filters
    /// cannot be used to guess its value.
    fn resolve(&self, name: &str) -> Result<Option<AttributeRef>, ScimError> {
        let found = match self.parent {
            None => self.kind.resolve_attribute(name),
            Some(parent) => parent
                .attribute
                .sub_attribute(name)
                .map(|sub| AttributeRef {
                    sub: Some(sub),
                    ..parent
                }),
        };
        match found {
            Some(found) if is_readable(&found) => Ok(Some(found)),
            None if matches!(self.reach, Reach::AllTypes(_))
                && self.reach.elsewhere(name).all(|at| is_readable(&at)) =>
            {
                Ok(None)
            }
            Some(_) | None => Err(self.unknown(name)),
        }
    }

    fn unknown(&self, name: &str) -> ScimError {
        let shown: String = name.chars().take(100).collect();
        let owner = self
            .parent
            .map_or(self.kind.name, |parent| parent.attribute.name);
        invalid(format!(
            "{owner} has no attribute `{shown}` that can be used in a filter."
        ))
    }

    fn compare(
        &self,
        name: &str,
        op: CompareOp,
        literal: &Literal,
    ) -> Result<BoundFilter, ScimError> {
        let Some(found) = self.resolve(name)? else {
            return Ok(compare_absent(self.reach, name, op, literal));
        };
        if *literal == Literal::Null {
            return compare_null(with_value(found), op);
        }
        let named = comparable(found)?;
        operand::check_operator(&named, op)?;
        let operand = operand::read(&named, literal, self.profile)?;
        Ok(BoundFilter::Compare {
            attribute: with_value(named),
            op,
            operand,
        })
    }
}

fn is_readable(at: &AttributeRef) -> bool {
    at.attribute.returned != Returned::Never && at.leaf().returned != Returned::Never
}

/// A comparison with an attribute that has no value: `ne` holds for a singular one (D-02), and
/// never for one that no type has.
fn compare_absent(reach: Reach, name: &str, op: CompareOp, literal: &Literal) -> BoundFilter {
    let is_null = *literal == Literal::Null;
    let holds = match op {
        CompareOp::Eq => is_null,
        CompareOp::Ne => !is_null && reach.elsewhere(name).any(|at| !at.attribute.multi_valued),
        _ => false,
    };
    if holds { ALWAYS } else { NEVER }
}

fn compare_null(at: AttributeRef, op: CompareOp) -> Result<BoundFilter, ScimError> {
    match op {
        CompareOp::Eq => Ok(BoundFilter::Not(Box::new(BoundFilter::Present(at)))),
        CompareOp::Ne => Ok(BoundFilter::Present(at)),
        _ => Err(invalid("null can be compared with eq and ne only.")),
    }
}

/// D-03: a list of complex values named alone means their `value`. So does a single complex value
/// of an extension, because Entra looks for `manager eq "id"` before it sets a manager.
fn comparable(at: AttributeRef) -> Result<AttributeRef, ScimError> {
    if !at.leaf().is_complex() {
        return Ok(at);
    }
    let has_meaning = at.attribute.multi_valued || matches!(at.holder, Holder::Extension(_));
    let value = at.attribute.sub_attribute("value");
    match value.filter(|_| has_meaning) {
        Some(value) => Ok(AttributeRef {
            sub: Some(value),
            ..at
        }),
        None => Err(invalid(format!(
            "`{0}` has several parts; name one of them, such as `{0}.{1}`.",
            at.notation(),
            at.attribute
                .sub_attributes
                .first()
                .map_or("value", |sub| sub.name)
        ))),
    }
}

/// `members.$ref` → `members.value`.
fn with_value(at: AttributeRef) -> AttributeRef {
    let is_ref = at.sub.is_some_and(|sub| sub.name == "$ref");
    match at.attribute.sub_attribute("value") {
        Some(value) if is_ref && operand::is_made_by_server(&at) => AttributeRef {
            sub: Some(value),
            ..at
        },
        _ => at,
    }
}
