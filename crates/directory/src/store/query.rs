//! Filters as plans: which terms an index answers, and what is left for evaluation.
//!
//! A term is taken only where it means exactly what evaluation means, so a plan without a rest
//! needs none; with a rest, the rest is the whole filter and runs over the narrowed candidates.
//! Nothing is ever left out: an unknown shape is evaluated.

use provost_scim::{
    Timestamp,
    filter::{BoundFilter, CompareOp, Operand},
    schema::{AttributeRef, Holder, Uniqueness},
    unique,
};
use uuid::Uuid;

use super::Kind;
use crate::id::UserId;

/// A condition that an engine answers from an index or a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    /// `id eq`.
    Id(Uuid),
    /// `userName eq` or, for groups, `displayName eq`; folded.
    Name(String),
    /// `externalId eq`.
    ExternalId(String),
    /// `emails.value eq`; folded.
    Email(String),
    /// `eq` on a custom attribute that is unique: its key and the value as it is compared.
    Unique(String, String),
    /// `active eq`.
    Active(bool),
    /// `meta.created` compared.
    Created(Comparison, Timestamp),
    /// `meta.lastModified` compared.
    Modified(Comparison, Timestamp),
    /// `members.value eq`, of groups.
    Member(Uuid),
    /// `groups.value eq`, of users; direct or indirect.
    Group(Uuid),
    /// Nothing can match.
    Never,
}

/// Comparisons of instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// How a filter is answered.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Plan {
    /// All must hold.
    pub(crate) terms: Vec<Term>,
    /// To be evaluated over the candidates that satisfy the terms.
    pub(crate) rest: Option<BoundFilter>,
}

impl Plan {
    /// Plans a filter.
    pub(crate) fn new(kind: Kind, filter: Option<BoundFilter>) -> Self {
        let Some(filter) = filter else {
            return Self::default();
        };
        let mut terms = Vec::new();
        let is_exact = collect(kind, &filter, &mut terms);
        Self {
            terms,
            rest: (!is_exact).then_some(filter),
        }
    }

    /// Whether one row can match at most.
    pub(crate) fn is_unique(&self) -> bool {
        self.terms.iter().any(|term| {
            matches!(
                term,
                Term::Id(_) | Term::Name(_) | Term::ExternalId(_) | Term::Unique(..) | Term::Never
            )
        })
    }

    /// Whether the candidates may be as many as the tenant has, so that reading them all takes
    /// longer than a request handler may hold its thread.
    pub(crate) fn is_long(&self) -> bool {
        let narrows = |term: &Term| {
            !matches!(
                term,
                Term::Active(_) | Term::Created(..) | Term::Modified(..)
            )
        };
        let scans = self.rest.is_some() || !self.terms.is_empty();
        scans && !self.terms.iter().any(narrows)
    }
}

/// Adds the terms of `filter`; whether they say all of it.
fn collect(kind: Kind, filter: &BoundFilter, terms: &mut Vec<Term>) -> bool {
    match filter {
        BoundFilter::And(parts) => {
            let mut is_exact = true;
            for part in parts {
                is_exact &= collect(kind, part, terms);
            }
            is_exact
        }
        BoundFilter::Compare {
            attribute,
            op,
            operand,
        } => {
            if is_this_kind(kind, attribute, *op, operand) {
                return true;
            }
            compare(kind, attribute, *op, operand).is_some_and(|term| {
                terms.push(term);
                true
            })
        }
        BoundFilter::Values { attribute, filter } => {
            let found = attribute
                .is_core("emails")
                .then(|| narrowing(filter))
                .flatten();
            let is_whole = matches!(**filter, BoundFilter::Compare { .. });
            found.is_some_and(|term| {
                terms.push(term);
                is_whole
            })
        }
        BoundFilter::Or(parts) if parts.is_empty() => {
            terms.push(Term::Never);
            true
        }
        BoundFilter::Or(_) | BoundFilter::Not(_) | BoundFilter::Present(_) => false,
    }
}

/// The e-mail that every element satisfying the condition must have.
fn narrowing(filter: &BoundFilter) -> Option<Term> {
    match filter {
        BoundFilter::And(parts) => parts.iter().find_map(narrowing),
        BoundFilter::Compare {
            attribute,
            op: CompareOp::Eq,
            operand: Operand::Text(text),
        } if is_sub(attribute, "emails", "value") => Some(Term::Email(text.clone())),
        _ => None,
    }
}

fn is_sub(attribute: &AttributeRef, name: &str, sub: &str) -> bool {
    attribute.is_core(name) && attribute.sub.is_some_and(|def| def.name == sub)
}

/// `meta.resourceType eq` with the kind that is searched: always true.
fn is_this_kind(kind: Kind, at: &AttributeRef, op: CompareOp, operand: &Operand) -> bool {
    is_sub(at, "meta", "resourceType")
        && op == CompareOp::Eq
        && matches!(operand, Operand::Text(text) if text == kind.as_str())
}

fn compare(kind: Kind, at: &AttributeRef, op: CompareOp, operand: &Operand) -> Option<Term> {
    match (operand, op) {
        (Operand::Text(text), CompareOp::Eq) => text_term(kind, at, text),
        (Operand::Boolean(value), CompareOp::Eq) => {
            (kind == Kind::User && at.is_core("active")).then_some(Term::Active(*value))
        }
        (Operand::Instant(instant), _) => {
            let comparison = comparison(op)?;
            if is_sub(at, "meta", "created") {
                Some(Term::Created(comparison, *instant))
            } else if is_sub(at, "meta", "lastModified") {
                Some(Term::Modified(comparison, *instant))
            } else {
                None
            }
        }
        _ => None,
    }
}

fn text_term(kind: Kind, at: &AttributeRef, text: &str) -> Option<Term> {
    let uuid = |term: fn(Uuid) -> Term| {
        Some(UserId::parse(text).map_or(Term::Never, |id| term(*id.as_uuid())))
    };
    let is_user = kind == Kind::User;
    if at.is_core("id") {
        return uuid(Term::Id);
    }
    if matches!(at.holder, Holder::Extension(_)) && at.attribute.uniqueness != Uniqueness::None {
        return Some(Term::Unique(unique::key(at), text.to_owned()));
    }
    if at.is_core("externalId") {
        return Some(Term::ExternalId(text.to_owned()));
    }
    if at.is_core(if is_user { "userName" } else { "displayName" }) {
        return Some(Term::Name(text.to_owned()));
    }
    if is_user && is_sub(at, "emails", "value") {
        return Some(Term::Email(text.to_owned()));
    }
    if is_user && is_sub(at, "groups", "value") {
        return uuid(Term::Group);
    }
    if is_sub(at, "meta", "resourceType") {
        return (text != kind.as_str()).then_some(Term::Never);
    }
    if !is_user && is_sub(at, "members", "value") {
        return uuid(Term::Member);
    }
    None
}

const fn comparison(op: CompareOp) -> Option<Comparison> {
    match op {
        CompareOp::Eq => Some(Comparison::Equal),
        CompareOp::Lt => Some(Comparison::Less),
        CompareOp::Le => Some(Comparison::AtMost),
        CompareOp::Gt => Some(Comparison::Greater),
        CompareOp::Ge => Some(Comparison::AtLeast),
        CompareOp::Ne | CompareOp::Co | CompareOp::Sw | CompareOp::Ew => None,
    }
}

#[cfg(test)]
mod tests {
    use provost_scim::schema::{GROUP, USER};

    use super::*;

    fn eq(kind: Kind, notation: &str, text: &str) -> BoundFilter {
        let table = if kind == Kind::User { &USER } else { &GROUP };
        BoundFilter::Compare {
            attribute: table.resolve_attribute(notation).unwrap(),
            op: CompareOp::Eq,
            operand: Operand::Text(text.to_owned()),
        }
    }

    #[test]
    fn only_exact_terms_escape_evaluation() {
        let name = || eq(Kind::User, "userName", "a");
        let title = || eq(Kind::User, "title", "t");
        let email = |notation| eq(Kind::User, notation, "a@e");
        let values = |filter| BoundFilter::Values {
            attribute: USER.resolve_attribute("emails").unwrap(),
            filter: Box::new(filter),
        };
        let work = || {
            BoundFilter::And(vec![
                eq(Kind::User, "emails.type", "work"),
                email("emails.value"),
            ])
        };
        let kind_is = |name| eq(Kind::User, "meta.resourceType", name);
        let not = |filter| BoundFilter::Not(Box::new(filter));
        for (filter, terms, is_exact) in [
            (name(), vec![Term::Name("a".into())], true),
            (title(), vec![], false),
            (
                BoundFilter::And(vec![name(), title()]),
                vec![Term::Name("a".into())],
                false,
            ),
            (BoundFilter::Or(vec![name(), title()]), vec![], false),
            (not(name()), vec![], false),
            (email("emails.value"), vec![Term::Email("a@e".into())], true),
            (
                values(email("emails.value")),
                vec![Term::Email("a@e".into())],
                true,
            ),
            (values(work()), vec![Term::Email("a@e".into())], false),
            (values(not(email("emails.value"))), vec![], false),
            (eq(Kind::User, "id", "nonsense"), vec![Term::Never], true),
            (BoundFilter::And(vec![]), vec![], true),
            (BoundFilter::Or(vec![]), vec![Term::Never], true),
            (kind_is("User"), vec![], true),
            (kind_is("Group"), vec![Term::Never], true),
            (kind_is("user"), vec![Term::Never], true),
        ] {
            let plan = Plan::new(Kind::User, Some(filter.clone()));
            assert_eq!(plan.terms, terms, "{filter:?}");
            assert_eq!(plan.rest.is_none(), is_exact, "{filter:?}");
        }
    }

    #[test]
    fn a_name_means_the_key_attribute_of_its_kind() {
        let user = Plan::new(Kind::User, Some(eq(Kind::User, "displayName", "x")));
        assert!(user.terms.is_empty() && user.rest.is_some());
        let group = Plan::new(Kind::Group, Some(eq(Kind::Group, "displayName", "x")));
        assert_eq!(group.terms, [Term::Name("x".into())]);
    }
}
