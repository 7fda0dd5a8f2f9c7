//! The attributes while operations work on them.

use serde_json::{Map, Value};

use crate::{
    Resource,
    schema::{AttributeDef, AttributeRef, Holder},
    validate::Spot,
};

/// An attribute and where it lives, without a sub-attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    holder: Holder,
    /// The row of the attribute.
    pub(super) def: &'static AttributeDef,
}

impl Place {
    pub(super) const fn new(holder: Holder, def: &'static AttributeDef) -> Self {
        Self { holder, def }
    }

    pub(super) const fn of(at: &AttributeRef) -> Self {
        Self::new(at.holder, at.attribute)
    }

    /// Whether it is the top-level attribute of that name.
    pub(super) fn is_core(self, name: &str) -> bool {
        matches!(self.holder, Holder::Core) && self.def.name == name
    }

    pub(super) const fn spot(self) -> Spot {
        Spot::top(self.def)
    }
}

/// Attributes by their schema spelling, extensions in their containers.
#[derive(Debug)]
pub(super) struct Bag(Map<String, Value>);

impl Bag {
    pub(super) fn of(resource: &Resource) -> Self {
        Self(resource.attributes().clone())
    }

    pub(super) fn attributes(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(super) fn into_resource(self) -> Resource {
        Resource::from_validated(self.0)
    }

    fn container(&mut self, holder: Holder) -> Option<&mut Map<String, Value>> {
        match holder {
            Holder::Core => Some(&mut self.0),
            Holder::Extension(schema) => self.0.get_mut(schema.id)?.as_object_mut(),
        }
    }

    /// Takes the value out; [`Bag::put`] puts one back.
    pub(super) fn take(&mut self, place: Place) -> Option<Value> {
        self.container(place.holder)?.remove(place.def.name)
    }

    /// The elements of a list, or the only value of a singular attribute.
    pub(super) fn take_items(&mut self, place: Place) -> Vec<Value> {
        match self.take(place) {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(one) => vec![one],
        }
    }

    /// Stores what [`Bag::take_items`] gave.
    pub(super) fn put_items(&mut self, place: Place, mut items: Vec<Value>) {
        let value = if place.def.multi_valued {
            (!items.is_empty()).then_some(Value::Array(items))
        } else {
            items.pop()
        };
        self.put(place, value);
    }

    /// Stores a value, or leaves the attribute unassigned.
    pub(super) fn put(&mut self, place: Place, value: Option<Value>) {
        if let (Some(_), Holder::Extension(schema)) = (&value, place.holder) {
            self.0
                .entry(schema.id)
                .or_insert_with(|| Value::Object(Map::new()));
        }
        if let Some(container) = self.container(place.holder) {
            match value {
                Some(value) => container.insert(place.def.name.to_owned(), value),
                None => container.remove(place.def.name),
            };
        }
        self.drop_empty(place.holder);
    }

    fn drop_empty(&mut self, holder: Holder) {
        if let Holder::Extension(schema) = holder {
            let empty = self.0.get(schema.id).and_then(Value::as_object);
            if empty.is_some_and(Map::is_empty) {
                self.0.remove(schema.id);
            }
        }
    }
}
