//! The parameters of a query, from a URL or from a `SearchRequest` body, under one set of rules.

use serde_json::{Map, Value};

use crate::{ScimError, ScimType, name, projection::MAX_NAMES, urn, validate::take};

/// What a client asked for, read but not yet looked up in a schema.
///
/// Blank text is no `sortBy`, `sortOrder` or projection; a blank filter stays one and is refused
/// when it is bound; a blank cursor asks for the first page (RFC 9865 section 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    pub(super) filter: Option<String>,
    pub(super) sort_by: Option<String>,
    pub(super) sort_order: Option<String>,
    pub(super) start_index: Option<i64>,
    pub(super) count: Option<i64>,
    pub(super) cursor: Option<String>,
    pub(super) attributes: Option<String>,
    pub(super) excluded: Option<String>,
}

impl Parameters {
    /// From decoded query pairs, whose names are in lower case.
    ///
    /// Unknown parameters are ignored. A parameter given twice is refused, because either value
    /// might be the one meant; `attributes` and `excludedAttributes` add up.
    ///
    /// # Errors
    /// `invalidFilter` for a repeated filter, `invalidValue` for any other parameter.
    pub fn from_query(pairs: &[(String, String)]) -> Result<Self, ScimError> {
        let text = |name| single(pairs, name, ScimType::InvalidValue);
        let parameters = Self {
            filter: single(pairs, "filter", ScimType::InvalidFilter)?,
            sort_by: given(text("sortBy")?),
            sort_order: given(text("sortOrder")?),
            start_index: text("startIndex")?
                .map(|text| number("startIndex", text.parse().ok()))
                .transpose()?,
            count: text("count")?
                .map(|text| number("count", text.parse().ok()))
                .transpose()?,
            cursor: text("cursor")?,
            attributes: joined(pairs, "attributes"),
            excluded: joined(pairs, "excludedAttributes"),
        };
        parameters.checked()
    }

    /// From a `SearchRequest` (RFC 7644 section 3.4.3). Every member but `schemas` is optional;
    /// `null` counts as not given, unknown members are ignored.
    ///
    /// # Errors
    /// `invalidSyntax` for another message; `invalidFilter` for a filter that is no text;
    /// `invalidValue` for any other member of the wrong type.
    pub fn from_message(body: Value) -> Result<Self, ScimError> {
        let Value::Object(mut body) = body else {
            return Err(not_a_search());
        };
        check_schemas(take(&mut body, "schemas").as_ref())?;
        let parameters = Self {
            filter: text(&mut body, "filter", ScimType::InvalidFilter)?,
            sort_by: given(text(&mut body, "sortBy", ScimType::InvalidValue)?),
            sort_order: given(text(&mut body, "sortOrder", ScimType::InvalidValue)?),
            start_index: integer(&mut body, "startIndex")?,
            count: integer(&mut body, "count")?,
            cursor: text(&mut body, "cursor", ScimType::InvalidValue)?,
            attributes: names(&mut body, "attributes")?,
            excluded: names(&mut body, "excludedAttributes")?,
        };
        parameters.checked()
    }

    /// With the page size that applies when the client gave none.
    #[must_use]
    pub fn or_count(mut self, count: u32) -> Self {
        self.count = self.count.or(Some(count.into()));
        self
    }

    /// R-9865-2.4-03: a page has one place.
    fn checked(self) -> Result<Self, ScimError> {
        if self.cursor.is_some() && self.start_index.is_some() {
            return Err(invalid(
                "cursor and startIndex exclude each other; send only one.".to_owned(),
            ));
        }
        Ok(self)
    }
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn number(name: &str, number: Option<i64>) -> Result<i64, ScimError> {
    number.ok_or_else(|| invalid(format!("{name} must be a whole number of at most 63 bits.")))
}

fn single(
    pairs: &[(String, String)],
    name: &str,
    scim_type: ScimType,
) -> Result<Option<String>, ScimError> {
    let mut values = values(pairs, name);
    let value = values.next();
    if values.next().is_some() {
        return Err(ScimError::new(
            scim_type,
            format!("{name} was given more than once; send it once."),
        ));
    }
    Ok(value.map(str::to_owned))
}

/// Every value of the parameter as one list.
fn joined(pairs: &[(String, String)], name: &str) -> Option<String> {
    let values: Vec<&str> = values(pairs, name).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn values<'a>(pairs: &'a [(String, String)], name: &str) -> impl Iterator<Item = &'a str> {
    pairs
        .iter()
        .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

fn check_schemas(schemas: Option<&Value>) -> Result<(), ScimError> {
    let is_search = |value: &Value| {
        let text = value.as_str();
        text.is_some_and(|text| name::same(text, urn::SEARCH_REQUEST))
    };
    match schemas {
        Some(Value::Array(urns)) if urns.iter().any(is_search) => Ok(()),
        _ => Err(not_a_search()),
    }
}

fn member(body: &mut Map<String, Value>, name: &str) -> Option<Value> {
    take(body, name).filter(|value| !value.is_null())
}

fn text(
    body: &mut Map<String, Value>,
    name: &str,
    scim_type: ScimType,
) -> Result<Option<String>, ScimError> {
    match member(body, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ScimError::new(scim_type, format!("{name} must be text."))),
    }
}

fn integer(body: &mut Map<String, Value>, name: &str) -> Result<Option<i64>, ScimError> {
    member(body, name)
        .map(|value| number(name, value.as_i64()))
        .transpose()
}

fn names(body: &mut Map<String, Value>, name: &str) -> Result<Option<String>, ScimError> {
    let Some(value) = member(body, name) else {
        return Ok(None);
    };
    let wrong = || {
        invalid(format!(
            "{name} must be a list of at most {MAX_NAMES} names of attributes."
        ))
    };
    let list = value.as_array().ok_or_else(wrong)?;
    let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    Ok(Some(texts.ok_or_else(wrong)?.join(",")))
}

fn not_a_search() -> ScimError {
    ScimError::new(
        ScimType::InvalidSyntax,
        format!("schemas must list {:?}.", urn::SEARCH_REQUEST),
    )
}

fn invalid(detail: String) -> ScimError {
    ScimError::new(ScimType::InvalidValue, detail)
}
