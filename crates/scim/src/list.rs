//! List requests (RFC 7644 section 3.4.2).
//!
//! The size of a page is only what the client asks for; the server's own maximum is applied by
//! whoever answers.

#[cfg(test)]
mod tests;

use crate::{
    Profile, ScimError, ScimType,
    filter::{BoundFilter, Filter},
    projection::Projection,
    schema::ResourceType,
};

/// A list request whose parts exist and fit.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The filter.
    pub filter: Option<BoundFilter>,
    /// 1-based; values below 1 have become 1.
    pub start_index: u64,
    /// Page size asked for; negative values have become 0. `None` when not given.
    pub count: Option<u64>,
    /// Which attributes.
    pub projection: Projection,
}

impl ListRequest {
    /// From decoded query pairs, whose names are in lower case.
    ///
    /// Unknown parameters are ignored. `filter`, `startIndex` or `count` given twice is refused,
    /// because either value might be the one meant; `attributes` and `excludedAttributes` add up.
    ///
    /// # Errors
    /// `invalidFilter` for the filter, also for a blank one; `invalidValue` for any other
    /// parameter.
    pub fn parse(
        pairs: &[(String, String)],
        kind: &'static ResourceType,
        profile: &Profile,
    ) -> Result<Self, ScimError> {
        let filter = single(pairs, "filter", ScimType::InvalidFilter)?
            .map(|text| filter(text, kind, profile))
            .transpose()?;
        let start_index = number(pairs, "startIndex")?;
        let count = number(pairs, "count")?;
        Ok(Self {
            filter,
            start_index: start_index.map_or(1, |index| index.max(1)),
            count,
            projection: Projection::from_query(pairs, kind, profile)?,
        })
    }
}

fn filter(
    text: &str,
    kind: &'static ResourceType,
    profile: &Profile,
) -> Result<BoundFilter, ScimError> {
    if text.trim().is_empty() {
        return Err(ScimError::new(
            ScimType::InvalidFilter,
            "The filter is empty; leave the parameter out to list everything.",
        ));
    }
    Filter::parse(text, profile)?.bind(kind, profile)
}

/// The parameter as a number, with negative ones raised to 0.
fn number(pairs: &[(String, String)], name: &str) -> Result<Option<u64>, ScimError> {
    let Some(text) = single(pairs, name, ScimType::InvalidValue)? else {
        return Ok(None);
    };
    let number: i64 = text.parse().map_err(|_| {
        ScimError::new(
            ScimType::InvalidValue,
            format!("{name} must be a whole number of at most 63 bits."),
        )
    })?;
    Ok(Some(u64::try_from(number).unwrap_or(0)))
}

fn single<'a>(
    pairs: &'a [(String, String)],
    name: &str,
    scim_type: ScimType,
) -> Result<Option<&'a str>, ScimError> {
    let mut values = pairs
        .iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str());
    let value = values.next();
    if values.next().is_some() {
        return Err(ScimError::new(
            scim_type,
            format!("{name} was given more than once; send it once."),
        ));
    }
    Ok(value)
}
