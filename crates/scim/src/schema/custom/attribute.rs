//! One attribute of a schema document and its characteristics (RFC 7643 sections 2.1 to 2.3 and 7).

use serde_json::Value;

use super::{MAX_CANONICAL, MAX_NAME, MAX_TEXT, SchemaError, read::Fields};
use crate::{
    name,
    schema::{AttributeType, COMMON, Mutability, ResourceTypes, Returned, Uniqueness},
};

const KEYS: &[&str] = &[
    "name",
    "type",
    "subAttributes",
    "multiValued",
    "description",
    "required",
    "canonicalValues",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
];
const TYPES: &[(&str, AttributeType)] = &[
    ("string", AttributeType::String),
    ("boolean", AttributeType::Boolean),
    ("decimal", AttributeType::Decimal),
    ("integer", AttributeType::Integer),
    ("dateTime", AttributeType::DateTime),
    ("binary", AttributeType::Binary),
    ("reference", AttributeType::Reference),
    ("complex", AttributeType::Complex),
];
const MUTABILITIES: &[(&str, Mutability)] = &[
    ("readWrite", Mutability::ReadWrite),
    ("immutable", Mutability::Immutable),
    ("writeOnly", Mutability::WriteOnly),
    ("readOnly", Mutability::ReadOnly),
];
const RETURNED: &[(&str, Returned)] = &[
    ("default", Returned::Default),
    ("always", Returned::Always),
    ("request", Returned::Request),
    ("never", Returned::Never),
];
const UNIQUENESS: &[(&str, Uniqueness)] = &[
    ("none", Uniqueness::None),
    ("server", Uniqueness::Server),
    ("global", Uniqueness::Global),
];
/// What a reference may point to beside resource types.
const TARGETS: [&str; 2] = ["external", "uri"];

/// An attribute whose characteristics fit each other.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) kind: AttributeType,
    pub(super) multi_valued: bool,
    pub(super) description: String,
    pub(super) required: bool,
    pub(super) canonical_values: Vec<String>,
    pub(super) case_exact: bool,
    pub(super) mutability: Mutability,
    pub(super) returned: Returned,
    pub(super) uniqueness: Uniqueness,
    pub(super) reference_types: Vec<String>,
    pub(super) sub_attributes: Vec<Draft>,
}

impl Draft {
    /// Itself and its sub-attributes.
    pub(super) fn count(&self) -> usize {
        1 + self.sub_attributes.len()
    }
}

/// Reads the attributes of a schema.
pub(super) fn top(rows: Vec<Value>, warnings: &mut Vec<String>) -> Result<Vec<Draft>, SchemaError> {
    let mut attributes = Vec::with_capacity(rows.len().min(super::MAX_ATTRIBUTES));
    for row in rows {
        let draft = read(None, row, warnings)?;
        check_standard(&draft, warnings)?;
        attributes.push(draft);
    }
    check_distinct(None, &attributes)?;
    Ok(attributes)
}

/// Common attributes cannot be redefined (R-7643-3.1-02); core ones had better not (R-7643-3.3-03).
fn check_standard(draft: &Draft, warnings: &mut Vec<String>) -> Result<(), SchemaError> {
    let has = |name: &str| name::same(name, &draft.name);
    if COMMON.iter().any(|def| has(def.name)) {
        return Err(SchemaError::new(format_args!(
            "the attribute `{}` is one that every resource has; rename it",
            draft.name
        )));
    }
    let standard = ResourceTypes::STANDARD;
    if let Some(schema) = standard
        .schemas()
        .find(|schema| schema.attribute(&draft.name).is_some())
    {
        warnings.push(format!(
            "the attribute `{}` has the name of one of {}; without the URN in front, filters and PATCH paths mean that one",
            draft.name, schema.id
        ));
    }
    if draft.mutability == Mutability::ReadOnly {
        warnings.push(format!(
            "the attribute `{}` is readOnly, so no client can give it a value, and the server gives it none",
            draft.name
        ));
    }
    Ok(())
}

fn check_distinct(parent: Option<&str>, drafts: &[Draft]) -> Result<(), SchemaError> {
    for (index, draft) in drafts.iter().enumerate() {
        let mut before = drafts.iter().take(index);
        if before.any(|other| name::same(&other.name, &draft.name)) {
            return Err(SchemaError::new(format_args!(
                "{} twice (names are compared without case); remove one",
                match parent {
                    None => format!("the attribute `{}` is there", draft.name),
                    Some(parent) => format!("`{parent}` has the sub-attribute `{}`", draft.name),
                }
            )));
        }
    }
    Ok(())
}

/// Reads one attribute, or a sub-attribute of `parent`.
fn read(
    parent: Option<&str>,
    row: Value,
    warnings: &mut Vec<String>,
) -> Result<Draft, SchemaError> {
    let mut fields = Fields::of("an attribute of the schema", row)?;
    let name = read_name(parent, &mut fields)?;
    let notation = parent.map_or_else(|| name.clone(), |parent| format!("{parent}.{name}"));
    fields.call(&format!("the attribute `{notation}`"));
    let kind = fields
        .keyword("type", TYPES)?
        .unwrap_or(AttributeType::String);
    if kind == AttributeType::Complex && parent.is_some() {
        return Err(fields.refuse(
            "is complex inside a complex attribute, which SCIM does not have; make its parts sub-attributes of the outer one",
        ));
    }
    let mut draft = Draft {
        multi_valued: fields.flag("multiValued")?.unwrap_or(false),
        description: fields.text("description", MAX_TEXT)?.unwrap_or_default(),
        required: fields.flag("required")?.unwrap_or(false),
        canonical_values: canonical_values(&mut fields, kind)?,
        case_exact: case_exact(&mut fields, kind, warnings)?,
        mutability: fields
            .keyword("mutability", MUTABILITIES)?
            .unwrap_or(Mutability::ReadWrite),
        returned: Returned::Default,
        uniqueness: fields
            .keyword("uniqueness", UNIQUENESS)?
            .unwrap_or(Uniqueness::None),
        reference_types: reference_types(&mut fields, kind)?,
        sub_attributes: sub_attributes(&mut fields, kind, &name, warnings)?,
        name,
        kind,
    };
    draft.returned = returned(&mut fields, draft.mutability)?;
    check_reference(&fields, &draft)?;
    check_uniqueness(&fields, parent, &draft)?;
    check_mutability(&fields, parent, &draft)?;
    fields.finish(KEYS)?;
    Ok(draft)
}

/// R-7643-2.1-02; a leading `$` belongs to `$ref` alone (erratum 8924).
fn read_name(parent: Option<&str>, fields: &mut Fields) -> Result<String, SchemaError> {
    let Some(name) = fields.text("name", MAX_TEXT)? else {
        return Err(fields.refuse("has no \"name\"; give every attribute one"));
    };
    let is_ref = parent.is_some() && name == "$ref";
    if is_ref || (name::is_valid(&name) && !name.starts_with('$') && name.len() <= MAX_NAME) {
        return Ok(name);
    }
    let owner = parent.map_or_else(String::new, |parent| format!(" of `{parent}`"));
    Err(SchemaError::new(format_args!(
        "\"{}\"{owner} cannot be the name of an attribute; use a letter and then letters, digits, - and _, at most {MAX_NAME} in all",
        name.escape_debug()
    )))
}

fn canonical_values(fields: &mut Fields, kind: AttributeType) -> Result<Vec<String>, SchemaError> {
    let values = fields.texts("canonicalValues", MAX_TEXT)?;
    let is_text = matches!(kind, AttributeType::String | AttributeType::Reference);
    if !values.is_empty() && !is_text {
        return Err(fields.refuse(format_args!(
            "has canonicalValues, which fit text only; leave them out of a {}",
            kind.as_str()
        )));
    }
    if values.len() > MAX_CANONICAL {
        return Err(fields.refuse(format_args!(
            "has {} canonicalValues; list at most {MAX_CANONICAL}, for others are accepted too",
            values.len()
        )));
    }
    Ok(values)
}

/// R-7643-2.2-02: binary and reference are always exact, and only text can be.
fn case_exact(
    fields: &mut Fields,
    kind: AttributeType,
    warnings: &mut Vec<String>,
) -> Result<bool, SchemaError> {
    let given = fields.flag("caseExact")?;
    let fixed = match kind {
        AttributeType::String => return Ok(given.unwrap_or(false)),
        AttributeType::Binary | AttributeType::Reference => true,
        AttributeType::Boolean
        | AttributeType::Decimal
        | AttributeType::Integer
        | AttributeType::DateTime
        | AttributeType::Complex => false,
    };
    if given.is_some_and(|given| given != fixed) {
        warnings.push(format!(
            "{} is a {}, for which caseExact is always {fixed}",
            fields.subject(),
            kind.as_str()
        ));
    }
    Ok(fixed)
}

/// R-7643-7-14.
fn reference_types(fields: &mut Fields, kind: AttributeType) -> Result<Vec<String>, SchemaError> {
    let types = fields.texts("referenceTypes", MAX_TEXT)?;
    if !types.is_empty() && kind != AttributeType::Reference {
        return Err(fields.refuse(format_args!(
            "is a {} and has referenceTypes; leave them out, or make it a reference",
            kind.as_str()
        )));
    }
    let resources = ResourceTypes::STANDARD.all().map(|kind| kind.name);
    let known = |text: &String| TARGETS.iter().chain(&resources).any(|word| word == text);
    match types.iter().find(|text| !known(text)) {
        None => Ok(types),
        Some(text) => Err(fields.refuse(format_args!(
            "has the reference type \"{}\"; use User, Group, external or uri",
            text.escape_debug()
        ))),
    }
}

fn sub_attributes(
    fields: &mut Fields,
    kind: AttributeType,
    name: &str,
    warnings: &mut Vec<String>,
) -> Result<Vec<Draft>, SchemaError> {
    let rows = fields.list("subAttributes")?;
    match (kind, rows.is_empty()) {
        (AttributeType::Complex, true) => {
            return Err(fields.refuse("is complex and has no subAttributes; list at least one"));
        }
        (AttributeType::Complex, false) => {}
        (_, true) => return Ok(Vec::new()),
        (_, false) => {
            return Err(fields.refuse(format_args!(
                "is a {} and has subAttributes; leave them out, or make it complex",
                kind.as_str()
            )));
        }
    }
    let subs: Vec<_> = rows
        .into_iter()
        .map(|row| read(Some(name), row, warnings))
        .collect::<Result<_, _>>()?;
    check_distinct(Some(name), &subs)?;
    Ok(subs)
}

/// The server makes `$ref` from the id in `value`, of a single value.
fn check_reference(fields: &Fields, draft: &Draft) -> Result<(), SchemaError> {
    let find = |name: &str| draft.sub_attributes.iter().find(|sub| sub.name == name);
    let Some(reference) = find("$ref") else {
        return Ok(());
    };
    if find("value").is_none() {
        return Err(fields.refuse(
            "has a sub-attribute `$ref` and none named `value`; add `value` for the id it refers to",
        ));
    }
    let mut targets = reference.reference_types.iter();
    let is_own = targets.any(|target| !TARGETS.contains(&target.as_str()));
    if draft.multi_valued && is_own {
        return Err(fields.refuse(
            "is a list with a `$ref` to users or groups, which only a single value has; leave `$ref` out and keep the ids in `value`",
        ));
    }
    Ok(())
}

fn returned(fields: &mut Fields, mutability: Mutability) -> Result<Returned, SchemaError> {
    let given = fields.keyword("returned", RETURNED)?;
    match (mutability, given) {
        (Mutability::WriteOnly, None | Some(Returned::Never)) => Ok(Returned::Never),
        (Mutability::WriteOnly, Some(_)) => Err(fields.refuse(
            "is writeOnly, so it is returned never; set \"returned\" to never or leave it out",
        )),
        (_, given) => Ok(given.unwrap_or(Returned::Default)),
    }
}

fn check_uniqueness(
    fields: &Fields,
    parent: Option<&str>,
    draft: &Draft,
) -> Result<(), SchemaError> {
    let can_be_unique = matches!(
        draft.kind,
        AttributeType::String | AttributeType::Integer | AttributeType::Reference
    );
    let problem = match draft.uniqueness {
        Uniqueness::Global => {
            "is unique globally, which no server can hold; use server, which is unique in the tenant"
        }
        Uniqueness::Server if parent.is_some() || draft.multi_valued => {
            "is unique, which only an attribute with one value can be that is part of no other; set \"uniqueness\" to none"
        }
        Uniqueness::Server if !can_be_unique => {
            "is unique, which only a string, integer or reference can be; set \"uniqueness\" to none"
        }
        Uniqueness::Server if draft.returned == Returned::Never => {
            "is unique and never returned, but the refusal of a second value would tell the first; set \"uniqueness\" to none"
        }
        Uniqueness::None | Uniqueness::Server => return Ok(()),
    };
    Err(fields.refuse(problem))
}

fn check_mutability(
    fields: &Fields,
    parent: Option<&str>,
    draft: &Draft,
) -> Result<(), SchemaError> {
    match draft.mutability {
        Mutability::ReadOnly if draft.required => Err(fields.refuse(
            "is required and readOnly, so that nobody could give it a value; make it readWrite or not required",
        )),
        Mutability::WriteOnly if parent.is_some() => Err(fields.refuse(
            "is a writeOnly part of an attribute; make the whole attribute writeOnly",
        )),
        Mutability::ReadOnly
        | Mutability::ReadWrite
        | Mutability::Immutable
        | Mutability::WriteOnly => Ok(()),
    }
}
