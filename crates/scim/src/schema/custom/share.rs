//! Loaded schemas for ever: references to them are kept in bound filters and paths, so they live
//! as long as the process, and each only once, however often a registry is read.
//!
//! What an administrator loads is bounded in size and seldom changed, so the memory is too.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::{Draft, attribute};
use crate::schema::{AttributeDef, ResourceType, Schema};

static SCHEMAS: Mutex<BTreeMap<String, &'static Schema>> = Mutex::new(BTreeMap::new());
static TYPES: Mutex<BTreeMap<(&'static str, Vec<usize>), &'static ResourceType>> =
    Mutex::new(BTreeMap::new());

/// The one schema of that content.
pub(super) fn schema(draft: Draft) -> &'static Schema {
    let content = format!("{draft:?}");
    let mut known = SCHEMAS.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(content).or_insert_with(|| {
        Box::leak(Box::new(Schema {
            id: text(draft.id),
            name: text(draft.name),
            description: text(draft.description),
            attributes: rows(draft.attributes),
        }))
    })
}

/// The one resource type that is `base` with these extensions behind its own.
pub(super) fn resource_type(
    base: &'static ResourceType,
    added: &[&'static Schema],
) -> &'static ResourceType {
    if added.is_empty() {
        return base;
    }
    let place = |schema: &&Schema| std::ptr::from_ref(*schema).addr();
    let key = (base.name, added.iter().map(place).collect());
    let mut known = TYPES.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(key).or_insert_with(|| {
        let extensions = base.extensions.iter().chain(added).copied();
        Box::leak(Box::new(ResourceType {
            name: base.name,
            endpoint: base.endpoint,
            description: base.description,
            schema: base.schema,
            extensions: list(extensions.collect()),
        }))
    })
}

fn text(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn list<T>(items: Vec<T>) -> &'static [T] {
    Box::leak(items.into_boxed_slice())
}

fn texts(texts: Vec<String>) -> &'static [&'static str] {
    list(texts.into_iter().map(text).collect())
}

fn rows(drafts: Vec<attribute::Draft>) -> &'static [AttributeDef] {
    list(drafts.into_iter().map(row).collect())
}

fn row(draft: attribute::Draft) -> AttributeDef {
    AttributeDef {
        name: text(draft.name),
        kind: draft.kind,
        multi_valued: draft.multi_valued,
        description: text(draft.description),
        required: draft.required,
        canonical_values: texts(draft.canonical_values),
        case_exact: draft.case_exact,
        mutability: draft.mutability,
        returned: draft.returned,
        uniqueness: draft.uniqueness,
        reference_types: texts(draft.reference_types),
        sub_attributes: rows(draft.sub_attributes),
    }
}
