//! What identity providers send that the standards do not know: one row and one pure rewrite each.
//!
//! A quirk is asked only about what does not fit: a value of the wrong JSON type, a key that names
//! no attribute, a word where a filter needs a literal. So a request without oddities meets none
//! of them, and none is walked twice. What the standards leave open is no quirk but a switch of the
//! [`Profile`](crate::Profile). No row asks who is calling.
//!
//! [`TABLE`] holds the rows, [`CHOICES`] the settings that a tenant begins with because of its
//! identity provider; `docs/quirks.md` is made from both.

mod key;
mod list;
mod set;
mod table;
mod value;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub use set::QuirkSet;
pub use table::{CHOICES, TABLE};
pub(crate) use table::{EMPTY_ELEMENT, EMPTY_TEXT, SEVERAL_PRIMARIES};

use crate::{
    filter::Literal,
    schema::{AttributeDef, ResourceType},
};

/// The beginning of the key of a tenant's setting for one quirk.
pub const SETTING: &str = "quirk.";

/// One oddity.
#[derive(Debug)]
pub struct Quirk {
    /// Its number; also its place in a [`QuirkSet`], so below 32.
    pub id: u8,
    /// The key of the tenant's setting that switches it: [`SETTING`] and its name.
    pub setting: &'static str,
    /// What is sent.
    pub sent: &'static str,
    /// What it becomes.
    pub becomes: &'static str,
    /// Who sends it.
    pub idps: &'static str,
    /// Where that is documented or reported.
    pub source: &'static str,
    /// Exchanges of the corpus and stories of the test suite that show it.
    pub shown_by: &'static str,
    rewrite: Rewrite,
}

impl Quirk {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.setting.strip_prefix(SETTING).unwrap_or(self.setting)
    }
}

/// What a rewrite is given. It answers with what to read instead, or hands back what it was given
/// because it does not know it.
#[derive(Debug)]
enum Rewrite {
    /// A value that does not fit.
    Value(fn(Misfit, Value) -> Result<Value, Value>),
    /// An element of a list, which it may change.
    Element(fn(&mut Map<String, Value>)),
    /// A list, which it may change.
    List(fn(&mut Vec<Value>)),
    /// A member of a resource whose key names no attribute; the members that it becomes.
    Key(fn(&'static ResourceType, &str, Value) -> Members),
    /// A key of the value of an operation without a path: whether it is a path.
    Path(fn(&str) -> bool),
    /// A word in a filter where a literal has to stand.
    Word(fn(&str) -> Option<Literal>),
}

/// The members that one becomes, or its value.
type Members = Result<Vec<(String, Value)>, Value>;

/// Where a value stands that does not fit there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Misfit {
    /// The place of all values of a multi-valued attribute.
    List(&'static AttributeDef),
    /// The place of one complex value, or of one element.
    Complex(&'static AttributeDef),
    /// The place of a simple value.
    Simple(&'static AttributeDef),
    /// The place of an object of attributes: a resource or an extension.
    Attributes,
}

/// A setting that a tenant begins with when it is made for one of some identity providers, because
/// another one needs the opposite.
#[derive(Debug)]
pub struct Choice {
    /// The key of the setting.
    pub setting: &'static str,
    /// Its value for them.
    pub value: &'static str,
    /// The names, as `--idp` takes them, in lower case.
    pub idps: &'static [&'static str],
    /// What they rely on, and who needs the opposite.
    pub reason: &'static str,
    /// Where that is documented or reported.
    pub source: &'static str,
}

/// The settings that a tenant of that identity provider begins with; the name has no case.
pub fn choices(idp: &str) -> impl Iterator<Item = &'static Choice> {
    let idp = idp.to_ascii_lowercase();
    CHOICES
        .iter()
        .filter(move |choice| choice.idps.contains(&idp.as_str()))
}
