//! Operations on `members` → [`MemberOp`]s. The members themselves are never looked at, so the
//! cost follows the request and not the group.

use serde_json::Value;

use super::{OpKind, apply::Run};
use crate::{
    ScimError, ScimType,
    filter::{BoundFilter, CompareOp, Operand},
    member::MemberOp,
    schema::AttributeRef,
    validate::{Spot, last_segment, member_ids},
};

impl Run<'_> {
    /// `members` without a filter.
    pub(super) fn member_list(
        &mut self,
        op: OpKind,
        at: &AttributeRef,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        if at.sub.is_some() {
            return Err(unchangeable());
        }
        let spot = Spot::top(at.attribute);
        let names_some = value.as_ref().is_some_and(|value| !value.is_null());
        let ids = member_ids(self.profile(), spot, value.unwrap_or_default())?;
        match (op, ids) {
            (OpKind::Add, ids) => self.push(MemberOp::Add(ids.unwrap_or_default())),
            (OpKind::Remove, Some(ids)) => self.push(MemberOp::Remove(ids)),
            // A value that turns out to name nobody must not take everybody.
            (OpKind::Remove, None) if names_some => {}
            (OpKind::Remove, None) => self.push(MemberOp::Clear),
            (OpKind::Replace, ids) => {
                self.push(MemberOp::Clear);
                self.push(MemberOp::Add(ids.unwrap_or_default()));
            }
        }
        Ok(())
    }

    /// `members[…]`.
    pub(super) fn selected_members(
        &mut self,
        op: OpKind,
        at: &AttributeRef,
        filter: BoundFilter,
    ) -> Result<(), ScimError> {
        if op != OpKind::Remove || at.sub.is_some() {
            return Err(unchangeable());
        }
        let mut ids = Vec::new();
        let is_named = named_ids(&filter, &mut ids);
        if self.profile().one_selected_value && (!is_named || ids.len() > 1) {
            return Err(one_value_only());
        }
        if is_named {
            self.push(MemberOp::Remove(ids));
        } else {
            self.push(MemberOp::RemoveMatching(filter));
        }
        Ok(())
    }

    /// Appends a step, joined with the one before where that says the same.
    fn push(&mut self, step: MemberOp) {
        match (self.members.last_mut(), step) {
            (_, MemberOp::Add(ids) | MemberOp::Remove(ids)) if ids.is_empty() => {}
            (Some(MemberOp::Add(have)), MemberOp::Add(ids))
            | (Some(MemberOp::Remove(have)), MemberOp::Remove(ids)) => have.extend(ids),
            (_, MemberOp::Clear) => {
                // Nothing that happened before is left after a clear.
                self.members.clear();
                self.members.push(MemberOp::Clear);
            }
            (_, step) => self.members.push(step),
        }
    }
}

/// Collects the ids when the filter is `value eq "…"` or `$ref eq "…"`, or an `or` of such.
fn named_ids(filter: &BoundFilter, ids: &mut Vec<String>) -> bool {
    match filter {
        BoundFilter::Or(terms) => terms.iter().all(|term| named_ids(term, ids)),
        BoundFilter::Compare {
            attribute,
            op: CompareOp::Eq,
            operand: Operand::Text(text),
        } => {
            let id = match attribute.sub.map(|sub| sub.name) {
                Some("value") => Some(text.as_str()),
                Some("$ref") => last_segment(text),
                _ => None,
            };
            ids.extend(id.map(str::to_owned));
            id.is_some()
        }
        _ => false,
    }
}

/// `invalidFilter` for a filter that selects several values where one is allowed (R-IP-13).
pub(super) fn one_value_only() -> ScimError {
    ScimError::new(
        ScimType::InvalidFilter,
        "the filter may select one value only; send one operation for each value.",
    )
}

fn unchangeable() -> ScimError {
    ScimError::new(
        ScimType::Mutability,
        "a member cannot be changed in place; remove it and add another.",
    )
}
