//! PATCH paths (RFC 7644 section 3.5.2): `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`,
//! each with an optional URN, and a bare extension URN (D-28).
//!
//! What a path does to a resource is decided in [`crate::patch`].

#[cfg(test)]
mod tests;

use std::fmt;

use crate::{
    Profile, ScimError, ScimType,
    filter::{self, BoundFilter, Filter, notation},
    name,
    schema::{AttributeRef, ResourceType, Schema, Target},
};

/// Longest path text, in bytes.
pub const MAX_LENGTH: usize = 8 * 1024;

/// Most characters of a path that an error quotes.
const EXCERPT: usize = 40;

/// A path as written. Printing and parsing are inverse.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The notation before the value filter: URN, attribute, sub-attribute.
    pub attribute: String,
    /// The value filter.
    pub filter: Option<Filter>,
    /// The sub-attribute after the value filter.
    pub sub: Option<String>,
}

/// A path whose names exist.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundPath {
    /// An attribute or sub-attribute; with `filter`, of the matching elements.
    Attribute {
        /// The attribute; `sub` is set when a sub-attribute was named on either side.
        at: AttributeRef,
        /// The value filter; its attributes are `at.attribute` with a `sub`.
        filter: Option<BoundFilter>,
    },
    /// A whole extension.
    Extension(&'static Schema),
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// `invalidPath` for the path itself, `invalidFilter` for the filter inside it.
    pub fn parse(text: &str, profile: &Profile) -> Result<Self, ScimError> {
        if text.len() > MAX_LENGTH {
            return Err(invalid(format!(
                "The path is longer than {MAX_LENGTH} bytes."
            )));
        }
        match text.split_once('[') {
            None => plain(text),
            Some((attribute, _)) => with_filter(text, attribute, profile),
        }
    }

    /// Resolves the names. `Ok(None)` when the path names no attribute of the schema.
    ///
    /// # Errors
    /// `invalidFilter` for the filter inside it, `invalidPath` for a filter on an attribute that
    /// has no sub-attributes.
    pub fn bind(
        &self,
        kind: &'static ResourceType,
        profile: &Profile,
    ) -> Result<Option<BoundPath>, ScimError> {
        let mut at = match kind.resolve(&self.attribute) {
            None => return Ok(None),
            Some(Target::Attribute(at)) => at,
            Some(Target::Extension(schema)) => {
                return match self.filter {
                    None => Ok(Some(BoundPath::Extension(schema))),
                    Some(_) => Err(self.not_filterable()),
                };
            }
        };
        let Some(filter) = &self.filter else {
            return Ok(Some(BoundPath::Attribute { at, filter: None }));
        };
        if at.sub.is_some() || !at.attribute.is_complex() {
            return Err(self.not_filterable());
        }
        let filter = Some(filter::bind_values(filter, at, kind, profile)?);
        if let Some(sub) = &self.sub {
            at.sub = at.attribute.sub_attribute(sub);
            if at.sub.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(BoundPath::Attribute { at, filter }))
    }

    fn not_filterable(&self) -> ScimError {
        invalid(format!(
            "`{}` cannot carry a filter; only an attribute with sub-attributes can.",
            excerpt(&self.attribute)
        ))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        if let Some(sub) = &self.sub {
            write!(f, ".{sub}")?;
        }
        Ok(())
    }
}

fn plain(text: &str) -> Result<Path, ScimError> {
    if !notation::is_attribute(text) && !notation::is_urn(text) {
        return Err(malformed(text));
    }
    Ok(Path {
        attribute: text.to_owned(),
        filter: None,
        sub: None,
    })
}

fn with_filter(text: &str, attribute: &str, profile: &Profile) -> Result<Path, ScimError> {
    if !notation::is_attribute(attribute) {
        return Err(malformed(text));
    }
    let (filter, end) = filter::value_filter(text, attribute.len() + 1, profile)?;
    let sub = match text.get(end..).unwrap_or_default() {
        "" => None,
        rest => match rest.strip_prefix('.').filter(|sub| name::is_valid(sub)) {
            Some(sub) => Some(sub.to_owned()),
            None => {
                return Err(invalid(format!(
                    "After `]` a path ends or goes on with `.` and a sub-attribute, not with `{}`.",
                    excerpt(rest)
                )));
            }
        },
    };
    Ok(Path {
        attribute: attribute.to_owned(),
        filter: Some(filter),
        sub,
    })
}

fn malformed(text: &str) -> ScimError {
    invalid(format!(
        "`{}` is not a path; a path is an attribute such as `displayName`, `name.givenName` or \
         `emails[type eq \"work\"].value`.",
        excerpt(text)
    ))
}

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::new(ScimType::InvalidPath, detail)
}

fn excerpt(text: &str) -> String {
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().take(EXCERPT).map(printable).collect()
}

/// A schema is the row of the table, so identity is equality.
impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
