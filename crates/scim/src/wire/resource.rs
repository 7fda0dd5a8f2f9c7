//! One resource on the wire: `schemas`, `id`, the attributes in the order of the schema, the
//! extensions, `groups` or `members`, `meta`.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeStruct},
};
use serde_json::{Map, Value};

use super::{
    Form,
    reference::{GroupView, MemberView, Referring},
};
use crate::{
    filter::Subject as View,
    projection::{Inclusion, Projection},
    schema::{AttributeDef, COMMON, Holder, ResourceType, Schema},
};

/// A resource, ready to be written.
pub(crate) struct Document<'a> {
    pub(crate) form: &'a Form,
    pub(crate) base: &'a str,
    pub(crate) view: &'a View<'a>,
    pub(crate) projection: &'a Projection,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("schemas", &Schemas(self))?;
        object.serialize_entry("id", self.view.id)?;
        let attributes = self.view.resource.attributes();
        let kind = self.view.kind;
        for def in COMMON.iter().chain(kind.schema.attributes) {
            self.attribute(&mut object, Holder::Core, def, attributes)?;
        }
        for schema in kind.extensions {
            self.extension(&mut object, schema, attributes)?;
        }
        self.references(&mut object)?;
        if let Some((def, keep)) = self.computed(COMMON, "meta") {
            object.serialize_entry(def.name, &Meta(self, &keep))?;
        }
        object.end()
    }
}

impl<'a> Document<'a> {
    fn attribute<M: SerializeMap>(
        &self,
        object: &mut M,
        holder: Holder,
        def: &'static AttributeDef,
        attributes: &Map<String, Value>,
    ) -> Result<(), M::Error> {
        let Some(value) = attributes.get(def.name) else {
            return Ok(());
        };
        let inclusion = self.projection.includes(holder, def);
        let keep = |sub: &str| inclusion == Inclusion::Whole || self.includes_sub(holder, def, sub);
        let names = Names {
            form: self.form,
            schema: self.schema_of(holder),
            def,
        };
        match (inclusion, self.referring(def, value, &keep)) {
            (Inclusion::None, _) => Ok(()),
            (_, Some(referring)) => object.serialize_entry(def.name, &referring),
            (Inclusion::Whole, None) if !names.differ() => object.serialize_entry(def.name, value),
            (Inclusion::Whole | Inclusion::Part, None) => match Part::of(value, &keep, names) {
                Some(part) => object.serialize_entry(def.name, &part),
                None => Ok(()),
            },
        }
    }

    fn schema_of(&self, holder: Holder) -> &'static str {
        match holder {
            Holder::Core => self.view.kind.schema.id,
            Holder::Extension(schema) => schema.id,
        }
    }

    fn referring<'v>(
        &self,
        def: &AttributeDef,
        value: &'v Value,
        keep: &'v dyn Fn(&str) -> bool,
    ) -> Option<Referring<'v>> {
        let with_reference = self.form.references;
        with_reference.then(|| Referring::of(self.base, def, value, keep))?
    }

    fn includes_sub(&self, holder: Holder, def: &'static AttributeDef, sub: &str) -> bool {
        def.sub_attributes
            .iter()
            .find(|row| row.name == sub)
            .is_some_and(|row| self.projection.includes_sub(holder, def, row))
    }

    fn extension<M: SerializeMap>(
        &self,
        object: &mut M,
        schema: &'static Schema,
        attributes: &Map<String, Value>,
    ) -> Result<(), M::Error> {
        let Some(values) = attributes.get(schema.id).and_then(Value::as_object) else {
            return Ok(());
        };
        let extension = Extension {
            document: self,
            schema,
            values,
        };
        if extension.is_empty() {
            return Ok(());
        }
        object.serialize_entry((self.form.schema)(schema), &extension)
    }

    fn references<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
        let own = self.view.kind.schema.attributes;
        if !self.view.groups.is_empty()
            && let Some((def, keep)) = self.computed(own, "groups")
        {
            let groups = self.view.groups.iter();
            let shown = groups.map(|group| GroupView(self.base, group, &keep));
            object.serialize_entry(def.name, &Sequence(shown))?;
        }
        if !self.view.members.is_empty()
            && let Some((def, keep)) = self.computed(own, "members")
        {
            let members = self.view.members.iter();
            let shown = members.map(|member| MemberView(self.base, member, &keep));
            object.serialize_entry(def.name, &Sequence(shown))?;
        }
        Ok(())
    }

    /// The row of an attribute that the server fills, and which of its sub-attributes the answer
    /// carries; `None` when none.
    fn computed(
        &self,
        rows: &'static [AttributeDef],
        name: &str,
    ) -> Option<(&'static AttributeDef, impl Fn(&str) -> bool + use<'_, 'a>)> {
        let def = rows.iter().find(|def| def.name == name)?;
        let inclusion = if self.form.always_meta && def.name == "meta" {
            Inclusion::Whole
        } else {
            self.projection.includes(Holder::Core, def)
        };
        if inclusion == Inclusion::None {
            return None;
        }
        let references = self.form.references;
        let keep = move |sub: &str| {
            (inclusion == Inclusion::Whole || self.includes_sub(Holder::Core, def, sub))
                && (references || sub != "$ref")
        };
        let shows = def.sub_attributes.iter().any(|sub| keep(sub.name));
        shows.then_some((def, keep))
    }
}

/// An iterator that is written as an array without being collected.
struct Sequence<I>(I);

impl<I> Serialize for Sequence<I>
where
    I: Iterator<Item: Serialize> + Clone,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// The URNs of the base schema and of the extensions that have values (D-13).
struct Schemas<'a>(&'a Document<'a>);

impl Serialize for Schemas<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Document { form, view, .. } = *self.0;
        let kind: &ResourceType = view.kind;
        let attributes = view.resource.attributes();
        let used = kind.extensions.iter().copied();
        let used = used.filter(|schema| attributes.contains_key(schema.id));
        let schemas = std::iter::once(kind.schema).chain(used);
        serializer.collect_seq(schemas.map(form.schema))
    }
}

/// The container of one extension.
struct Extension<'a> {
    document: &'a Document<'a>,
    schema: &'static Schema,
    values: &'a Map<String, Value>,
}

impl Extension<'_> {
    fn holder(&self) -> Holder {
        Holder::Extension(self.schema)
    }

    fn is_empty(&self) -> bool {
        let document = self.document;
        !self.schema.attributes.iter().any(|def| {
            let value = self.values.get(def.name);
            match document.projection.includes(self.holder(), def) {
                Inclusion::None => false,
                Inclusion::Whole => value.is_some(),
                Inclusion::Part => value.is_some_and(|value| {
                    let keep = |sub: &str| document.includes_sub(self.holder(), def, sub);
                    document.referring(def, value, &keep).is_some() || shows_any(value, &keep)
                }),
            }
        })
    }
}

impl Serialize for Extension<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for def in self.schema.attributes {
            self.document
                .attribute(&mut object, self.holder(), def, self.values)?;
        }
        object.end()
    }
}

/// A complex value, or a list of them, of which only some sub-attributes are shown.
struct Part<'a> {
    value: &'a Value,
    keep: &'a dyn Fn(&str) -> bool,
    names: Names<'a>,
}

/// The names of the sub-attributes of one attribute in one version.
#[derive(Clone, Copy)]
struct Names<'a> {
    form: &'a Form,
    schema: &'static str,
    def: &'static AttributeDef,
}

impl Names<'_> {
    fn differ(self) -> bool {
        (self.form.renames)(self.schema, self.def)
    }

    fn of(self, sub: &str) -> &str {
        (self.form.sub_attribute)(self.schema, self.def, sub)
    }
}

impl<'a> Part<'a> {
    /// `None` when nothing of the value is shown.
    fn of(value: &'a Value, keep: &'a dyn Fn(&str) -> bool, names: Names<'a>) -> Option<Self> {
        shows_any(value, keep).then_some(Self { value, keep, names })
    }
}

fn shows_any(value: &Value, keep: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| shows(item, keep)),
        one => shows(one, keep),
    }
}

fn shows(item: &Value, keep: &dyn Fn(&str) -> bool) -> bool {
    item.as_object()
        .is_some_and(|object| object.keys().any(|key| keep(key)))
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Array(items) => {
                let shown = items.iter().filter(|item| shows(item, self.keep));
                serializer.collect_seq(shown.map(|value| Part { value, ..*self }))
            }
            Value::Object(object) => {
                let shown = object.iter().filter(|(key, _)| (self.keep)(key));
                serializer.collect_map(shown.map(|(key, value)| (self.names.of(key), value)))
            }
            simple => simple.serialize(serializer),
        }
    }
}

/// `meta`.
struct Meta<'a, F>(&'a Document<'a>, &'a F);

impl<F: Fn(&str) -> bool> Serialize for Meta<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(document, keep) = *self;
        let view = document.view;
        let mut object = serializer.serialize_struct("meta", 5)?;
        if document.form.resource_type && keep("resourceType") {
            object.serialize_field("resourceType", view.kind.name)?;
        }
        if keep("created") {
            object.serialize_field("created", &Shown(view.created))?;
        }
        if keep("lastModified") {
            object.serialize_field("lastModified", &Shown(view.last_modified))?;
        }
        if keep("location") {
            let location = super::location(document.base, view.kind, view.id);
            object.serialize_field("location", &location)?;
        }
        if keep("version") {
            object.serialize_field("version", &super::etag(view.version))?;
        }
        object.end()
    }
}

/// A value written by its `Display` form.
struct Shown<T>(T);

impl<T: std::fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
