//! Operations on the elements that a value filter selects, and their creation (D-06, D-07, D-08).

use serde_json::{Map, Value};

use super::{
    OpKind,
    apply::Run,
    bag::Place,
    single::{merge_parts, not_one_element},
};
use crate::{
    Profile, ScimError, ScimType,
    filter::{BoundFilter, CompareOp, Filter, Literal},
    quirk::SEVERAL_PRIMARIES,
    schema::{AttributeDef, AttributeRef},
    validate::{Parts, assigned, invalid_value, is_primary, keep_one_primary, part},
};

/// Which elements of which attribute.
pub(super) struct Selection<'a> {
    place: Place,
    sub: Option<&'static AttributeDef>,
    filter: BoundFilter,
    /// The filter as written, for the values of a new element.
    written: Option<&'a Filter>,
}

impl<'a> Selection<'a> {
    pub(super) const fn new(
        at: &AttributeRef,
        filter: BoundFilter,
        written: Option<&'a Filter>,
    ) -> Self {
        Self {
            place: Place::of(at),
            sub: at.sub,
            filter,
            written,
        }
    }

    fn indexes(&self, items: &[Value]) -> Vec<usize> {
        items
            .iter()
            .enumerate()
            .filter(|(_, item)| self.filter.matches_value(item))
            .map(|(index, _)| index)
            .collect()
    }

    /// R-IP-13.
    fn refuse_loose(&self, op: OpKind, selected: usize) -> Result<(), ScimError> {
        if selected > 1 {
            return Err(super::members::one_value_only());
        }
        if self.sub.is_none() && op != OpKind::Remove {
            return Err(ScimError::new(
                ScimType::InvalidPath,
                "name a sub-attribute after the filter; a whole value is not changed in place.",
            ));
        }
        Ok(())
    }

    /// The sub-attributes that the filter's conjunction of `eq` terms fixes; `None` when it is
    /// anything else.
    fn template(&self, profile: &Profile) -> Result<Option<Map<String, Value>>, ScimError> {
        let terms: &[Filter] = match self.written {
            Some(Filter::And(terms)) => terms,
            Some(one) => std::slice::from_ref(one),
            None => return Ok(None),
        };
        let mut object = Map::new();
        for term in terms {
            let Some((def, value)) = self.fixed(profile, term)? else {
                return Ok(None);
            };
            object.insert(def.name.to_owned(), value);
        }
        Ok(Some(object))
    }

    fn fixed(
        &self,
        profile: &Profile,
        term: &Filter,
    ) -> Result<Option<(&'static AttributeDef, Value)>, ScimError> {
        let Filter::Compare(name, CompareOp::Eq, literal) = term else {
            return Ok(None);
        };
        let name = name.rsplit('.').next().unwrap_or(name);
        let Some(def) = self.place.def.sub_attribute(name) else {
            return Ok(None);
        };
        let value = match literal {
            Literal::Null => return Ok(None),
            Literal::Boolean(flag) => Value::Bool(*flag),
            Literal::Number(number) => Value::Number(number.clone()),
            Literal::Text(text) => Value::String(text.clone()),
        };
        let value = part(profile, self.place.spot().sub(def), value)?;
        Ok(value.map(|value| (def, value)))
    }
}

impl Run<'_> {
    /// An operation on the selected elements or one sub-attribute of them.
    pub(super) fn elements(
        &mut self,
        op: OpKind,
        selection: &Selection<'_>,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let parts = self.element_parts(op, selection, value)?;
        let place = selection.place;
        let mut items = self.bag.take_items(place);
        let touched = selection.indexes(&items);
        if self.profile().one_selected_value {
            selection.refuse_loose(op, touched.len())?;
        }
        if touched.is_empty() {
            self.no_match(op, selection, &mut items, parts)?;
        } else if selection.sub.is_none() && op != OpKind::Add && !gives_any(&parts) {
            remove_at(&mut items, &touched);
        } else {
            for index in &touched {
                if let Some(Value::Object(object)) = items.get_mut(*index) {
                    change(op, selection, object, parts.clone())?;
                }
            }
            self.settle_primary(place, &mut items, &touched)?;
        }
        items.retain(|item| item.as_object().is_none_or(|object| !object.is_empty()));
        if items.is_empty() {
            super::apply::refuse_unassign(self.profile(), op, place)?;
        }
        self.bag.put_items(place, items);
        Ok(())
    }

    /// D-08: remove has nothing to do. D-07: add and replace create the element, unless they
    /// give it no value.
    fn no_match(
        &self,
        op: OpKind,
        selection: &Selection<'_>,
        items: &mut Vec<Value>,
        parts: Parts,
    ) -> Result<(), ScimError> {
        let may_create = self.profile().create_on_no_match;
        if op == OpKind::Remove || (may_create && !gives_any(&parts)) {
            return Ok(());
        }
        let created = items.len();
        items.push(self.created(selection, parts)?);
        self.settle_primary(selection.place, items, &[created])
    }

    fn element_parts(
        &mut self,
        op: OpKind,
        selection: &Selection<'_>,
        value: Option<Value>,
    ) -> Result<Parts, ScimError> {
        let spot = selection.place.spot();
        match (selection.sub, op, value) {
            (Some(sub), op, value) => self.sub_parts(op, spot, sub, value),
            (None, OpKind::Add | OpKind::Replace, Some(Value::Array(many))) if many.len() > 1 => {
                Err(not_one_element(spot))
            }
            (None, OpKind::Add | OpKind::Replace, Some(value)) => self.reader.parts(spot, value),
            (None, _, _) => Ok(Parts::new()),
        }
    }

    fn created(&self, selection: &Selection<'_>, parts: Parts) -> Result<Value, ScimError> {
        let template = if self.profile().create_on_no_match {
            selection.template(self.profile())?
        } else {
            None
        };
        let Some(mut object) = template else {
            return Err(ScimError::new(
                ScimType::NoTarget,
                format!(
                    "no value of {} matches the filter; add the value without a filter first.",
                    selection.place.spot()
                ),
            ));
        };
        object.extend(assigned(parts));
        Ok(Value::Object(object))
    }

    /// A touched element that is primary makes the others ordinary.
    fn settle_primary(
        &self,
        place: Place,
        items: &mut [Value],
        touched: &[usize],
    ) -> Result<(), ScimError> {
        let mut chosen = touched
            .iter()
            .copied()
            .filter(|index| items.get(*index).is_some_and(is_primary));
        let Some(first) = chosen.next() else {
            return Ok(());
        };
        if chosen.next().is_some() && !self.profile().quirks.has(&SEVERAL_PRIMARIES) {
            return Err(invalid_value(
                place.spot(),
                "would have more than one value with primary true; mark one only",
            ));
        }
        keep_one_primary(items, Some(first));
        Ok(())
    }
}

fn gives_any(parts: &Parts) -> bool {
    parts.iter().any(|(_, value)| value.is_some())
}

fn remove_at(items: &mut Vec<Value>, indexes: &[usize]) {
    let mut index = 0;
    items.retain(|_| {
        let keep = indexes.binary_search(&index).is_err();
        index += 1;
        keep
    });
}

/// Changes one selected element: replace without a sub-attribute is a whole replacement that
/// keeps what the filter asked for (D-06); everything else merges.
fn change(
    op: OpKind,
    selection: &Selection<'_>,
    object: &mut Map<String, Value>,
    parts: Parts,
) -> Result<(), ScimError> {
    if op == OpKind::Replace && selection.sub.is_none() && selection.place.def.multi_valued {
        object.retain(|key, _| selection.filter.mentions_sub(key));
    }
    merge_parts(op, selection.place.spot(), object, parts)
}

impl BoundFilter {
    /// Whether a term is about the sub-attribute of that name.
    fn mentions_sub(&self, name: &str) -> bool {
        match self {
            Self::And(terms) | Self::Or(terms) => terms.iter().any(|term| term.mentions_sub(name)),
            Self::Not(inner) => inner.mentions_sub(name),
            Self::Present(at) | Self::Compare { attribute: at, .. } => {
                at.sub.is_some_and(|sub| sub.name == name)
            }
            Self::Values { filter, .. } => filter.mentions_sub(name),
        }
    }
}
