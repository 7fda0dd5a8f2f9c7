//! List requests (RFC 7644 section 3.4.2, RFC 9865): what, in which order, from where on.
//!
//! The size of a page is only what the client asks for; the server's own maximum is applied by
//! whoever answers. So is a cursor: here it is only text.

mod parameters;
#[cfg(test)]
mod tests;

pub use parameters::Parameters;

use crate::{
    Profile, ScimError, ScimType,
    filter::{BoundFilter, Filter},
    projection::Projection,
    schema::{ResourceType, ResourceTypes},
    sort::{Reach, Sort},
};

/// A list request whose parts exist and fit.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The filter.
    pub filter: Option<BoundFilter>,
    /// The order; without one, that of insertion.
    pub sort: Option<Sort>,
    /// Where the page begins.
    pub start: Start,
    /// Page size asked for; negative values have become 0. `None` when not given.
    pub count: Option<u64>,
    /// Which attributes.
    pub projection: Projection,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// At this match; 1-based, values below 1 have become 1.
    Index(u64),
    /// Where a cursor says (RFC 9865).
    Cursor(CursorStart),
}

/// A place in a walk by cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorStart {
    /// What the server issued; `None` for the first page.
    pub cursor: Option<String>,
    /// Filter and order as the client spelled them. All pages of a walk have the same.
    pub query: String,
}

/// A list request at the root: one part for each resource type, from the same parameters.
#[derive(Clone, Debug)]
pub struct RootRequest {
    users: ListRequest,
    groups: ListRequest,
}

impl ListRequest {
    /// From decoded query pairs, whose names are in lower case.
    ///
    /// # Errors
    /// As [`Parameters::from_query`] and [`ListRequest::bind`].
    pub fn parse(
        pairs: &[(String, String)],
        kind: &'static ResourceType,
        profile: &Profile,
    ) -> Result<Self, ScimError> {
        Self::bind(&Parameters::from_query(pairs)?, kind, profile)
    }

    /// Looks the names up in the schema of one resource type.
    ///
    /// # Errors
    /// `invalidFilter` for the filter, also for a blank one; `invalidValue` for any other
    /// parameter.
    pub fn bind(
        parameters: &Parameters,
        kind: &'static ResourceType,
        profile: &Profile,
    ) -> Result<Self, ScimError> {
        Self::bind_within(parameters, kind, profile, Reach::OneType)
    }

    fn bind_within(
        parameters: &Parameters,
        kind: &'static ResourceType,
        profile: &Profile,
        reach: Reach,
    ) -> Result<Self, ScimError> {
        let not_below = |number: i64, least: u64| u64::try_from(number).unwrap_or(0).max(least);
        let Parameters {
            filter,
            attributes,
            excluded,
            ..
        } = parameters;
        Ok(Self {
            filter: filter
                .as_deref()
                .map(|text| bound(text, kind, profile, reach))
                .transpose()?,
            sort: sort(parameters, kind, reach)?,
            start: match &parameters.cursor {
                Some(cursor) => Start::Cursor(CursorStart {
                    cursor: Some(cursor.clone()).filter(|cursor| !cursor.is_empty()),
                    query: parameters.identity(),
                }),
                None => Start::Index(parameters.start_index.map_or(1, |at| not_below(at, 1))),
            },
            count: parameters.count.map(|count| not_below(count, 0)),
            projection: Projection::parse(
                kind,
                profile,
                attributes.as_deref(),
                excluded.as_deref(),
            )?,
        })
    }
}

impl RootRequest {
    /// Looks the names up in the schemas of all resource types (RFC 7644 section 3.4.2.1): an
    /// attribute that a type does not have is without a value there.
    ///
    /// # Errors
    /// As [`ListRequest::bind`]; `invalidValue` for a `sortBy` that no type has.
    pub fn bind(
        parameters: &Parameters,
        types: ResourceTypes,
        profile: &Profile,
    ) -> Result<Self, ScimError> {
        let reach = Reach::AllTypes(types);
        let part = |kind| ListRequest::bind_within(parameters, kind, profile, reach);
        Ok(Self {
            users: part(types.user)?,
            groups: part(types.group)?,
        })
    }

    /// The part about users. Place and page size are those of the whole.
    pub const fn users(&self) -> &ListRequest {
        &self.users
    }

    /// The part about groups.
    pub const fn groups(&self) -> &ListRequest {
        &self.groups
    }
}

impl Parameters {
    /// What all pages of a walk by cursor have in common, apart from the page size.
    fn identity(&self) -> String {
        let part = |text: &Option<String>| match text {
            Some(text) => format!("{}:{text}", text.len()),
            None => "-".to_owned(),
        };
        [&self.filter, &self.sort_by, &self.sort_order]
            .map(part)
            .join(",")
    }
}

fn sort(
    parameters: &Parameters,
    kind: &'static ResourceType,
    reach: Reach,
) -> Result<Option<Sort>, ScimError> {
    let Some(sort_by) = &parameters.sort_by else {
        return Ok(None);
    };
    Sort::bind_within(kind, sort_by, parameters.sort_order.as_deref(), reach).map(Some)
}

fn bound(
    text: &str,
    kind: &'static ResourceType,
    profile: &Profile,
    reach: Reach,
) -> Result<BoundFilter, ScimError> {
    if text.trim().is_empty() {
        return Err(ScimError::new(
            ScimType::InvalidFilter,
            "The filter is empty; leave the parameter out to list everything.",
        ));
    }
    let filter = Filter::parse(text, profile)?;
    match reach {
        Reach::OneType => filter.bind(kind, profile),
        Reach::AllTypes(types) => filter.bind_across_types(kind, types, profile),
    }
}
