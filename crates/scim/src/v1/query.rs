//! Query parameters of 1.1 → those of 2.0. What they mean is read afterwards, by the same code.

use std::borrow::Cow;

use super::{names, urn};
use crate::{Profile, ScimError, filter::Filter};

/// Rewrites decoded query pairs, whose names are in lower case.
///
/// Names of attributes in `filter`, `sortBy`, `attributes` and `excludedAttributes` become those of
/// 2.0. `cursor` is unknown to 1.1 and dropped like every unknown parameter (R-11-API-06).
///
/// # Errors
/// `invalidFilter` for a filter that cannot be read.
pub fn query(
    pairs: Vec<(String, String)>,
    profile: &Profile,
) -> Result<Vec<(String, String)>, ScimError> {
    let known = pairs.into_iter().filter(|(name, _)| name != "cursor");
    known
        .map(|(name, value)| {
            let value = match name.as_str() {
                "filter" => filter(&value, profile)?,
                "sortby" => names::notation(value.trim()).into_owned(),
                "attributes" | "excludedattributes" => list(&value),
                _ => value,
            };
            Ok((name, value))
        })
        .collect()
}

fn list(value: &str) -> String {
    let names: Vec<_> = value
        .split(',')
        .map(|name| names::notation(name.trim()))
        .collect();
    names.join(",")
}

/// The filter in the names of 2.0. One that has none of 1.1 stays as it was sent.
fn filter(text: &str, profile: &Profile) -> Result<String, ScimError> {
    let text = plain_quotes(text);
    let lower = text.to_ascii_lowercase();
    let differs = lower.contains(urn::CORE)
        || lower.contains(urn::ENTERPRISE_USER)
        || lower.contains("managerid");
    if !differs {
        return Ok(text.into_owned());
    }
    Ok(renamed(Filter::parse(&text, profile)?).to_string())
}

/// R-OPP-11: Okta's own page prints the filter of the incremental import with typographic quotes.
/// They are only looked for where no other quotes stand, because text may contain them.
fn plain_quotes(text: &str) -> Cow<'_, str> {
    let curly = |c: char| matches!(c, '\u{201c}'..='\u{201f}');
    if text.contains('"') || !text.contains(curly) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(curly, "\""))
}

fn renamed(filter: Filter) -> Filter {
    let all = |terms: Vec<Filter>| terms.into_iter().map(renamed).collect();
    match filter {
        Filter::And(terms) => Filter::And(all(terms)),
        Filter::Or(terms) => Filter::Or(all(terms)),
        Filter::Not(inner) => Filter::Not(Box::new(renamed(*inner))),
        Filter::Present(name) => Filter::Present(names::notation(&name).into_owned()),
        Filter::Compare(name, op, literal) => {
            Filter::Compare(names::notation(&name).into_owned(), op, literal)
        }
        Filter::Values(name, inner) => {
            let inner = renamed_inside(&name, *inner);
            Filter::Values(names::notation(&name).into_owned(), Box::new(inner))
        }
    }
}

/// The names between the brackets of a value path are sub-attributes of `attribute`.
fn renamed_inside(attribute: &str, filter: Filter) -> Filter {
    let all = |terms: Vec<Filter>| {
        let inside = |term| renamed_inside(attribute, term);
        terms.into_iter().map(inside).collect()
    };
    let sub = |name: String| names::from_v1(attribute, &name).to_owned();
    match filter {
        Filter::And(terms) => Filter::And(all(terms)),
        Filter::Or(terms) => Filter::Or(all(terms)),
        Filter::Not(inner) => Filter::Not(Box::new(renamed_inside(attribute, *inner))),
        Filter::Present(name) => Filter::Present(sub(name)),
        Filter::Compare(name, op, literal) => Filter::Compare(sub(name), op, literal),
        Filter::Values(name, inner) => Filter::Values(name, inner),
    }
}
