//! Operations on multi-valued attributes without a value filter.

use serde_json::{Map, Value};

use super::{
    OpKind, PatchForm,
    apply::Run,
    bag::Place,
    single::{merge_parts, needs_filter},
};
use crate::{
    ScimError,
    schema::AttributeDef,
    validate::{is_primary, keep_one_primary, merge_into, only_of_value, overlay, settle},
};

impl Run<'_> {
    /// A whole list.
    pub(super) fn list(
        &mut self,
        op: OpKind,
        place: Place,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        match (op, value) {
            (OpKind::Remove, None | Some(Value::Null)) => self.unassign(op, place),
            (OpKind::Remove, Some(value)) => self.remove_values(place, value),
            (OpKind::Add, value) => self.append(place, value.unwrap_or_default()),
            (OpKind::Replace, value) => {
                let mut items = self.reader.items(place.spot(), value.unwrap_or_default())?;
                if items.is_empty() {
                    return self.nothing(op, place);
                }
                settle(self.profile(), place.spot(), &mut items)?;
                self.bag.put_items(place, items);
                Ok(())
            }
        }
    }

    fn append(&mut self, place: Place, value: Value) -> Result<(), ScimError> {
        let mut added = self.reader.items(place.spot(), value)?;
        settle(self.profile(), place.spot(), &mut added)?;
        let mut items = self.bag.take_items(place);
        let mut primary = None;
        for item in added {
            let chosen = is_primary(&item);
            let index = self.merge_value(place.def, &mut items, item);
            if chosen {
                primary = Some(index);
            }
        }
        if primary.is_some() {
            keep_one_primary(&mut items, primary);
        }
        // The limit on the number of values also holds between operations.
        if items.len() > crate::validate::MAX_VALUES {
            settle(self.profile(), place.spot(), &mut items)?;
        }
        self.bag.put_items(place, items);
        Ok(())
    }

    /// Adds a value, or changes the one that it means; the index of the element that holds it.
    fn merge_value(&self, def: &AttributeDef, items: &mut Vec<Value>, item: Value) -> usize {
        if self.form == PatchForm::PartialResource
            && let Some(index) = only_of_value(def, items, &item)
            && let Some(have) = items.get_mut(index)
        {
            overlay(have, item);
            return index;
        }
        merge_into(def, items, item)
    }

    /// Entra ID removes elements by listing them in `value`; a bare remove would take them all.
    fn remove_values(&mut self, place: Place, value: Value) -> Result<(), ScimError> {
        let mut unwanted = self.reader.items(place.spot(), value)?;
        let mut items = self.bag.take_items(place);
        if self.form == PatchForm::PartialResource {
            by_value_alone(place.def, &items, &mut unwanted);
        }
        items.retain(|item| !unwanted.iter().any(|unwanted| is_meant(item, unwanted)));
        if items.is_empty() {
            super::apply::refuse_unassign(self.profile(), OpKind::Remove, place)?;
        }
        self.bag.put_items(place, items);
        Ok(())
    }

    /// A sub-attribute of a list without a filter (D-27): that of every element.
    pub(super) fn sub_of_all(
        &mut self,
        op: OpKind,
        place: Place,
        sub: &'static AttributeDef,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        if !self.profile().sub_attribute_of_all {
            return Err(needs_filter(place.spot(), sub));
        }
        let parts = self.sub_parts(op, place.spot(), sub, value)?;
        let mut items = self.bag.take_items(place);
        if items.is_empty() {
            items.push(Value::Object(Map::new()));
        }
        for item in &mut items {
            if let Value::Object(object) = item {
                merge_parts(op, place.spot(), object, parts.clone())?;
            }
        }
        items.retain(|item| item.as_object().is_none_or(|object| !object.is_empty()));
        settle(self.profile(), place.spot(), &mut items)?;
        self.bag.put_items(place, items);
        Ok(())
    }
}

/// R-11-API-19: a value that is there once is known by its `value`, whatever else is sent with it.
fn by_value_alone(def: &AttributeDef, items: &[Value], unwanted: &mut [Value]) {
    for one in unwanted {
        if only_of_value(def, items, one).is_some()
            && let Value::Object(object) = one
        {
            object.retain(|key, _| key == "value");
        }
    }
}

/// Whether a listed value means this element: by `value` and, if given, `type`; the rest may have
/// been changed by the server. Without `value`, everything given has to be there.
fn is_meant(item: &Value, unwanted: &Value) -> bool {
    let (Value::Object(item), Value::Object(unwanted)) = (item, unwanted) else {
        return item == unwanted;
    };
    let same = |key: &str| match (item.get(key), unwanted.get(key)) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(Value::String(a)), Some(Value::String(b))) => {
            crate::text::fold(a) == crate::text::fold(b)
        }
        (Some(a), Some(b)) => a == b,
    };
    if unwanted.contains_key("value") {
        return same("value") && same("type");
    }
    unwanted.keys().all(|key| same(key))
}
