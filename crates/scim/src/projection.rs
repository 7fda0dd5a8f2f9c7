//! `attributes` and `excludedAttributes` (RFC 7644 section 3.9).
//!
//! A [`Projection`] is asked per attribute while an answer is written; it never builds a reduced
//! copy of a resource. It has no influence on filters (R-7644-3.9-13).

#[cfg(test)]
mod tests;

use crate::{
    Profile, ScimError, ScimType,
    schema::{AttributeDef, AttributeRef, COMMON, Holder, ResourceType, Returned, Target},
};

/// Most names in one parameter.
pub const MAX_NAMES: usize = 200;

/// Which attributes an answer carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    rule: Rule,
    /// [`Profile::member_names`] is off.
    without_member_names: bool,
    /// What the request itself has sent.
    sent: Vec<AttributeRef>,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Rule {
    #[default]
    Default,
    Only(Vec<Target>),
    Without(Vec<Target>),
}

/// How much of an attribute an answer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// Nothing.
    None,
    /// Some sub-attributes; [`Projection::includes_sub`] tells which.
    Part,
    /// All of it.
    Whole,
}

impl Projection {
    /// From the two parameters, each a comma-separated list.
    ///
    /// Unknown names are ignored and a blank list counts as not given.
    ///
    /// # Errors
    /// `invalidValue` for more than [`MAX_NAMES`] names, and for both parameters at once unless
    /// [`Profile::attributes_win`].
    pub fn parse(
        kind: &'static ResourceType,
        profile: &Profile,
        attributes: Option<&str>,
        excluded: Option<&str>,
    ) -> Result<Self, ScimError> {
        let attributes = attributes.filter(|list| !list.trim().is_empty());
        let excluded = excluded.filter(|list| !list.trim().is_empty());
        let rule = match (attributes, excluded) {
            (None, None) => Rule::Default,
            (Some(_), Some(_)) if !profile.attributes_win => {
                return Err(ScimError::new(
                    ScimType::InvalidValue,
                    "attributes and excludedAttributes exclude each other; send only one.",
                ));
            }
            (Some(list), _) => Rule::Only(targets(kind, "attributes", list)?),
            (None, Some(list)) => Rule::Without(targets(kind, "excludedAttributes", list)?),
        };
        Ok(Self {
            rule,
            without_member_names: !profile.member_names,
            sent: Vec::new(),
        })
    }

    /// For the answer to a write that has sent these attributes, which are otherwise shown on
    /// request only (R-7643-7-10). A list of `attributes` still decides alone.
    #[must_use]
    pub fn with_sent(mut self, sent: Vec<AttributeRef>) -> Self {
        self.sent = sent;
        self
    }

    /// Whether one of the two parameters was given.
    pub fn is_given(&self) -> bool {
        self.rule != Rule::Default
    }

    /// Whether an answer carries any part of the top-level attribute of that name (`members`,
    /// `groups`), so that it must be loaded. The name is in the schema's spelling.
    pub fn wants(&self, attribute: &str) -> bool {
        let names =
            |target: &Target| matches!(target, Target::Attribute(at) if at.is_core(attribute));
        match &self.rule {
            Rule::Default => true,
            Rule::Only(targets) => is_always(attribute) || targets.iter().any(names),
            Rule::Without(targets) => {
                is_always(attribute) || !targets.iter().any(|t| names(t) && is_whole(t))
            }
        }
    }

    /// How much of `attribute` an answer carries.
    pub fn includes(&self, holder: Holder, attribute: &AttributeDef) -> Inclusion {
        match attribute.returned {
            Returned::Always => return Inclusion::Whole,
            Returned::Never => return Inclusion::None,
            Returned::Default | Returned::Request => {}
        }
        if attribute.sub_attributes.is_empty() {
            return if self.names_whole(holder, attribute) {
                Inclusion::Whole
            } else {
                Inclusion::None
            };
        }
        let mut subs = attribute.sub_attributes.iter();
        let kept = |sub| self.includes_sub(holder, attribute, sub);
        if subs.clone().all(kept) {
            Inclusion::Whole
        } else if subs.any(kept) {
            Inclusion::Part
        } else {
            Inclusion::None
        }
    }

    /// Whether an answer carries the sub-attribute `sub` of `attribute`.
    pub fn includes_sub(
        &self,
        holder: Holder,
        attribute: &AttributeDef,
        sub: &AttributeDef,
    ) -> bool {
        if attribute.returned == Returned::Always {
            return sub.returned != Returned::Never;
        }
        let whole = self.names_whole(holder, attribute);
        let named = || self.any(holder, attribute, |at| at.sub.is_some_and(|s| same(s, sub)));
        if self.hides(holder, attribute, sub) && !named() {
            return false;
        }
        match (sub.returned, &self.rule) {
            (Returned::Never, _) => false,
            (Returned::Request, Rule::Default | Rule::Without(_)) => {
                whole && self.was_sent(holder, attribute, Some(sub))
            }
            (Returned::Request, Rule::Only(_)) => named(),
            (Returned::Always, Rule::Only(_)) => {
                whole || self.any(holder, attribute, |at| at.sub.is_some())
            }
            (Returned::Default, Rule::Only(_)) => whole || named(),
            (Returned::Default, Rule::Without(_)) => whole && !named(),
            (Returned::Always, Rule::Default | Rule::Without(_))
            | (Returned::Default, Rule::Default) => whole,
        }
    }

    /// Whether the profile leaves this part out until it is named.
    fn hides(&self, holder: Holder, attribute: &AttributeDef, sub: &AttributeDef) -> bool {
        self.without_member_names
            && matches!(holder, Holder::Core)
            && (attribute.name, sub.name) == ("members", "display")
    }

    /// Whether the attribute itself is part of the answer, before its sub-attributes are
    /// looked at.
    fn names_whole(&self, holder: Holder, attribute: &AttributeDef) -> bool {
        let named = || self.any(holder, attribute, |at| at.sub.is_none());
        match &self.rule {
            Rule::Default => self.is_usual(holder, attribute),
            Rule::Only(_) => named() || self.names_extension(holder),
            Rule::Without(_) => {
                self.is_usual(holder, attribute) && !named() && !self.names_extension(holder)
            }
        }
    }

    /// Whether the attribute is shown when nobody names it.
    fn is_usual(&self, holder: Holder, attribute: &AttributeDef) -> bool {
        attribute.returned == Returned::Default || self.was_sent(holder, attribute, None)
    }

    fn was_sent(
        &self,
        holder: Holder,
        attribute: &AttributeDef,
        sub: Option<&AttributeDef>,
    ) -> bool {
        let name = |def: Option<&AttributeDef>| def.map(|def| def.name);
        self.sent.iter().any(|at| {
            same_holder(at.holder, holder)
                && same(at.attribute, attribute)
                && name(at.sub) == name(sub)
        })
    }

    fn names_extension(&self, holder: Holder) -> bool {
        let Holder::Extension(schema) = holder else {
            return false;
        };
        self.targets()
            .iter()
            .any(|target| matches!(target, Target::Extension(named) if named.id == schema.id))
    }

    fn any(
        &self,
        holder: Holder,
        attribute: &AttributeDef,
        test: impl Fn(&AttributeRef) -> bool,
    ) -> bool {
        self.targets().iter().any(|target| match target {
            Target::Attribute(at) => {
                same_holder(at.holder, holder) && same(at.attribute, attribute) && test(at)
            }
            Target::Extension(_) => false,
        })
    }

    fn targets(&self) -> &[Target] {
        match &self.rule {
            Rule::Default => &[],
            Rule::Only(targets) | Rule::Without(targets) => targets,
        }
    }
}

fn targets(
    kind: &'static ResourceType,
    parameter: &str,
    list: &str,
) -> Result<Vec<Target>, ScimError> {
    if list.bytes().filter(|byte| *byte == b',').count() >= MAX_NAMES {
        return Err(ScimError::new(
            ScimType::InvalidValue,
            format!("{parameter} names more than {MAX_NAMES} attributes; name fewer."),
        ));
    }
    let names = list.split(',').map(str::trim);
    Ok(names.filter_map(|name| kind.resolve(name)).collect())
}

/// A table row is identified by its name among its siblings.
fn same(a: &AttributeDef, b: &AttributeDef) -> bool {
    a.name == b.name
}

fn same_holder(a: Holder, b: Holder) -> bool {
    match (a, b) {
        (Holder::Core, Holder::Core) => true,
        (Holder::Extension(a), Holder::Extension(b)) => a.id == b.id,
        (Holder::Core, Holder::Extension(_)) | (Holder::Extension(_), Holder::Core) => false,
    }
}

fn is_always(attribute: &str) -> bool {
    COMMON
        .iter()
        .any(|def| def.name == attribute && def.returned == Returned::Always)
}

fn is_whole(target: &Target) -> bool {
    matches!(target, Target::Attribute(at) if at.sub.is_none())
}
