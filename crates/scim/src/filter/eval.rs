//! [`BoundFilter`] over a resource in memory.
//!
//! The store's translation into its own query language must give the same answers
//! (R-7644-3.4.2.2-34).

use std::cmp::Ordering;

use super::{
    BoundFilter, CompareOp, Operand,
    subject::{Element, Scalar, Subject},
};
use crate::{
    schema::{AttributeDef, AttributeRef},
    text,
};

pub(super) fn matches(filter: &BoundFilter, subject: &Subject<'_>) -> bool {
    match filter {
        BoundFilter::And(terms) => terms.iter().all(|term| matches(term, subject)),
        BoundFilter::Or(terms) => terms.iter().any(|term| matches(term, subject)),
        BoundFilter::Not(inner) => !matches(inner, subject),
        BoundFilter::Present(at) => subject.any(at, |element| element.is_present(at.sub)),
        BoundFilter::Compare {
            attribute,
            op,
            operand,
        } => compare(subject, attribute, *op, operand),
        BoundFilter::Values { attribute, filter } => {
            subject.any(attribute, |element| matches_element(filter, element))
        }
    }
}

/// Inside `[ ]`: every name is a sub-attribute of one and the same element.
fn matches_element(filter: &BoundFilter, element: Element<'_>) -> bool {
    match filter {
        BoundFilter::And(terms) => terms.iter().all(|term| matches_element(term, element)),
        BoundFilter::Or(terms) => terms.iter().any(|term| matches_element(term, element)),
        BoundFilter::Not(inner) => !matches_element(inner, element),
        BoundFilter::Present(at) => element.is_present(at.sub),
        BoundFilter::Compare {
            attribute,
            op,
            operand,
        } => {
            let leaf = attribute.leaf();
            let mut is_assigned = false;
            let found = element.any_scalar(leaf, attribute.sub, |value| {
                is_assigned = true;
                holds(leaf, value, *op, operand)
            });
            found || (!is_assigned && !leaf.multi_valued && *op == CompareOp::Ne)
        }
        // Brackets do not nest, so binding never makes this.
        BoundFilter::Values { .. } => false,
    }
}

fn compare(subject: &Subject<'_>, at: &AttributeRef, op: CompareOp, operand: &Operand) -> bool {
    let leaf = at.leaf();
    let mut is_assigned = false;
    let found = subject.any(at, |element| {
        element.any_scalar(leaf, at.sub, |value| {
            is_assigned = true;
            holds(leaf, value, op, operand)
        })
    });
    if found || is_assigned || at.attribute.multi_valued || leaf.multi_valued {
        return found;
    }
    // A user without `active` can be used.
    if at.is_core("active") {
        return holds(leaf, &Scalar::Boolean(true), op, operand);
    }
    op == CompareOp::Ne
}

fn holds(leaf: &AttributeDef, value: &Scalar<'_>, op: CompareOp, operand: &Operand) -> bool {
    let ordering = match (value, operand) {
        (Scalar::Text(value), Operand::Text(operand)) => {
            return text_holds(leaf, value, op, operand);
        }
        (Scalar::Boolean(value), Operand::Boolean(operand)) => Some(value.cmp(operand)),
        (Scalar::Number(value), Operand::Number(operand)) => value.partial_cmp(operand),
        (Scalar::Instant(value), Operand::Instant(operand)) => Some(value.cmp(operand)),
        _ => None,
    };
    ordering.is_some_and(|ordering| ordering_holds(ordering, op))
}

fn ordering_holds(ordering: Ordering, op: CompareOp) -> bool {
    match op {
        CompareOp::Eq => ordering.is_eq(),
        CompareOp::Ne => ordering.is_ne(),
        CompareOp::Gt => ordering.is_gt(),
        CompareOp::Ge => ordering.is_ge(),
        CompareOp::Lt => ordering.is_lt(),
        CompareOp::Le => ordering.is_le(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => false,
    }
}

/// The operand has been folded already when the attribute ignores case.
fn text_holds(leaf: &AttributeDef, value: &str, op: CompareOp, operand: &str) -> bool {
    if leaf.case_exact {
        return text_op(value, op, operand);
    }
    match op {
        CompareOp::Eq | CompareOp::Ne if value.is_ascii() => {
            (op == CompareOp::Eq) == value.eq_ignore_ascii_case(operand)
        }
        _ => text_op(&text::fold(value), op, operand),
    }
}

fn text_op(value: &str, op: CompareOp, operand: &str) -> bool {
    match op {
        CompareOp::Co => value.contains(operand),
        CompareOp::Sw => value.starts_with(operand),
        CompareOp::Ew => value.ends_with(operand),
        CompareOp::Eq
        | CompareOp::Ne
        | CompareOp::Gt
        | CompareOp::Ge
        | CompareOp::Lt
        | CompareOp::Le => ordering_holds(value.cmp(operand), op),
    }
}

impl BoundFilter {
    /// Whether one stored element of the attribute satisfies a filter bound inside `[ ]`.
    pub(crate) fn matches_value(&self, element: &serde_json::Value) -> bool {
        matches_element(self, Element::Json(element))
    }
}
