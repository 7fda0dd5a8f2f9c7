//! PATCH of 1.1 (SCIM protocol 1.1, section 3.3.2): a part of a resource, `meta.attributes` for
//! what to remove first, and `"operation": "delete"` in elements to take out.
//!
//! It becomes the operations that do the same, in this order: remove what `meta.attributes` names,
//! take out elements, set single values, add elements. A message with `Operations` is one of 2.0
//! and is read as that, so that a client that mixes the versions never changes nothing in silence.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{body, names};
use crate::{
    Profile, ScimError, ScimType, name,
    patch::{MAX_OPERATIONS, OpKind, PatchForm, PatchOp, PatchRequest},
    path::Path,
    schema::{AttributeDef, AttributeRef, COMMON, Holder, Mutability, ResourceType, Schema},
    validate::take,
};

/// Reads the body of a PATCH.
///
/// # Errors
/// `invalidSyntax` when the body is no object, or `meta.attributes` no list of names or longer than
/// [`MAX_OPERATIONS`]; `invalidPath` for a name that is none. For a message of 2.0 as
/// [`PatchRequest::parse`].
pub fn patch(
    kind: &'static ResourceType,
    profile: &Profile,
    body: Value,
) -> Result<PatchRequest, ScimError> {
    let Value::Object(mut object) = body else {
        return Err(malformed("The body must be a JSON object."));
    };
    if object.keys().any(|key| name::same(key, "Operations")) {
        return PatchRequest::parse(Value::Object(object), profile);
    }
    let listed = listed(take(&mut object, "meta"))?;
    let object = body::members(kind, object);
    let mut change = Change::new(kind, &listed);
    for (key, value) in object {
        change.member(key, value);
    }
    change.finish(&listed, profile)
}

/// The names in `meta.attributes`, in the notation of 2.0.
fn listed(meta: Option<Value>) -> Result<Vec<String>, ScimError> {
    let refused = || malformed("meta.attributes must be a list of names of attributes.");
    let attributes = match meta {
        Some(Value::Object(mut meta)) => take(&mut meta, "attributes"),
        _ => None,
    };
    let list = match attributes {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= MAX_OPERATIONS => list,
        Some(Value::Array(list)) => {
            return Err(malformed(&format!(
                "meta.attributes lists {} names; send at most {MAX_OPERATIONS}.",
                list.len()
            )));
        }
        Some(_) => return Err(refused()),
    };
    let name = |value: &Value| {
        let text = value.as_str().ok_or_else(refused)?;
        Ok(names::notation(text.trim()).into_owned())
    };
    list.iter().map(name).collect()
}

/// What a body asks for, sorted by the way it is done.
struct Change {
    kind: &'static ResourceType,
    /// Notations of the attributes in `meta.attributes`.
    cleared: HashSet<String>,
    /// Notations of what needs no removal, because its new value takes the place of the old one.
    given: HashSet<String>,
    /// Elements to take out, by attribute.
    removed: Vec<(String, Vec<Value>)>,
    /// New values of lists that are cleared first.
    replaced: Vec<(String, Vec<Value>)>,
    single: Map<String, Value>,
    added: Map<String, Value>,
}

impl Change {
    fn new(kind: &'static ResourceType, listed: &[String]) -> Self {
        let resolved = listed
            .iter()
            .filter_map(|text| kind.resolve_attribute(text));
        Self {
            kind,
            cleared: resolved.map(|at| at.notation()).collect(),
            given: HashSet::new(),
            removed: Vec::new(),
            replaced: Vec::new(),
            single: Map::new(),
            added: Map::new(),
        }
    }

    fn member(&mut self, key: String, value: Value) {
        if name::same(&key, "schemas") {
            return;
        }
        if let (Some(schema), true) = (self.kind.extension(&key), value.is_object()) {
            return self.container(schema, value);
        }
        let own = COMMON.iter().chain(self.kind.schema.attributes);
        let def = own.into_iter().find(|def| name::same(def.name, &key));
        match def {
            Some(def) if def.mutability == Mutability::ReadOnly => {}
            Some(def) if def.multi_valued => {
                if let Some(items) = self.list(Holder::Core, def, value) {
                    self.added.insert(key, items);
                }
            }
            Some(def) => {
                self.note(Holder::Core, def, &value);
                self.single.insert(key, value);
            }
            None => {
                self.single.insert(key, value);
            }
        }
    }

    fn container(&mut self, schema: &'static Schema, value: Value) {
        let Value::Object(object) = value else {
            return;
        };
        let holder = Holder::Extension(schema);
        let (mut single, mut added) = (Map::new(), Map::new());
        for (key, value) in object {
            match schema.attribute(&key) {
                Some(def) if def.multi_valued => {
                    if let Some(items) = self.list(holder, def, value) {
                        added.insert(key, items);
                    }
                }
                Some(def) => {
                    self.note(holder, def, &value);
                    single.insert(key, value);
                }
                None => {
                    single.insert(key, value);
                }
            }
        }
        for (to, container) in [(&mut self.single, single), (&mut self.added, added)] {
            if !container.is_empty() {
                to.insert(schema.id.to_owned(), Value::Object(container));
            }
        }
    }

    /// Remembers which simple values are given, at the top and one level below.
    fn note(&mut self, holder: Holder, def: &'static AttributeDef, value: &Value) {
        let at = |sub| AttributeRef {
            holder,
            attribute: def,
            sub,
        };
        match value {
            Value::Null => {}
            Value::Object(object) => {
                let set = object.iter().filter(|(_, value)| !value.is_null());
                let subs = set.filter_map(|(key, _)| def.sub_attribute(key));
                self.given.extend(subs.map(|sub| at(Some(sub)).notation()));
            }
            _ => {
                self.given.insert(at(None).notation());
            }
        }
    }

    /// The elements to add to a list; those to take out, and those of a list that is cleared
    /// first, are put aside.
    fn list(&mut self, holder: Holder, def: &'static AttributeDef, value: Value) -> Option<Value> {
        let notation = AttributeRef {
            holder,
            attribute: def,
            sub: None,
        }
        .notation();
        let items = match value {
            Value::Array(items) => items,
            one @ Value::Object(_) => vec![one],
            other => return Some(other),
        };
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for mut item in items {
            if is_deletion(&mut item) {
                removed.push(item);
            } else {
                added.push(item);
            }
        }
        if self.cleared.contains(&notation) {
            // R-11-API-20: everything goes anyway.
            self.given.insert(notation.clone());
            self.replaced.push((notation, added));
            return None;
        }
        if !removed.is_empty() {
            self.removed.push((notation, removed));
        }
        (!added.is_empty()).then_some(Value::Array(added))
    }

    fn finish(self, listed: &[String], profile: &Profile) -> Result<PatchRequest, ScimError> {
        let mut operations = Vec::new();
        for text in listed {
            let at = self.kind.resolve_attribute(text);
            if at.is_none_or(|at| !self.given.contains(&at.notation())) {
                operations.push(at_path(OpKind::Remove, text, None, profile)?);
            }
        }
        for (kind, lists) in [
            (OpKind::Remove, self.removed),
            (OpKind::Replace, self.replaced),
        ] {
            for (notation, items) in lists {
                let items = Some(Value::Array(items));
                operations.push(at_path(kind, &notation, items, profile)?);
            }
        }
        for (kind, object) in [(OpKind::Replace, self.single), (OpKind::Add, self.added)] {
            if !object.is_empty() {
                operations.push(PatchOp {
                    kind,
                    path: None,
                    value: Some(Value::Object(object)),
                });
            }
        }
        Ok(PatchRequest {
            operations,
            form: PatchForm::PartialResource,
        })
    }
}

/// Whether the element is to be taken out; its `operation` is dropped, because it is no part of
/// the value.
fn is_deletion(item: &mut Value) -> bool {
    let operation = item
        .as_object_mut()
        .and_then(|object| take(object, "operation"));
    operation
        .as_ref()
        .and_then(Value::as_str)
        .is_some_and(|word| name::same(word, "delete"))
}

fn at_path(
    kind: OpKind,
    notation: &str,
    value: Option<Value>,
    profile: &Profile,
) -> Result<PatchOp, ScimError> {
    Ok(PatchOp {
        kind,
        path: Some(Path::parse(notation, profile)?),
        value,
    })
}

fn malformed(detail: &str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}
