//! From attribute notation to rows of the schema tables (RFC 7644 section 3.10).
//!
//! The longest schema URN known to the resource type is cut off first, so the dot inside `2.0` is
//! never taken for a separator. An attribute without a URN is looked up among the common
//! attributes, then in the base schema, then in the extensions.

use super::{AttributeDef, COMMON, ResourceType, Schema};
use crate::name;

/// Where an attribute lives in a resource.
#[derive(Clone, Copy, Debug)]
pub enum Holder {
    /// Top level: a common attribute or one of the base schema.
    Core,
    /// Inside the container named by the extension's URN.
    Extension(&'static Schema),
}

/// An attribute that exists, and where.
#[derive(Clone, Copy, Debug)]
pub struct AttributeRef {
    /// Where it lives.
    pub holder: Holder,
    /// The attribute.
    pub attribute: &'static AttributeDef,
    /// The sub-attribute, when one was named.
    pub sub: Option<&'static AttributeDef>,
}

impl AttributeRef {
    /// The attribute itself, without a sub-attribute.
    pub const fn whole(holder: Holder, attribute: &'static AttributeDef) -> Self {
        Self {
            holder,
            attribute,
            sub: None,
        }
    }

    /// The row that decides type, case and mutability: the sub-attribute if there is one.
    pub fn leaf(&self) -> &'static AttributeDef {
        self.sub.unwrap_or(self.attribute)
    }

    /// Whether the attribute is the top-level one of that name.
    pub fn is_core(&self, attribute: &str) -> bool {
        matches!(self.holder, Holder::Core) && self.attribute.name == attribute
    }

    /// The notation that [`ResourceType::resolve`] turns into the same attribute.
    pub fn notation(&self) -> String {
        let mut text = match self.holder {
            Holder::Core => String::new(),
            Holder::Extension(schema) => format!("{}:", schema.id),
        };
        text.push_str(self.attribute.name);
        if let Some(sub) = self.sub {
            text.push('.');
            text.push_str(sub.name);
        }
        text
    }
}

impl PartialEq for AttributeRef {
    fn eq(&self, other: &Self) -> bool {
        self.notation() == other.notation()
    }
}

/// What a notation names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// An attribute or sub-attribute.
    Attribute(AttributeRef),
    /// A whole extension, named by its bare URN.
    Extension(&'static Schema),
}

impl ResourceType {
    /// Every attribute of the base schema and of the extensions.
    pub fn attributes(&'static self) -> impl Iterator<Item = (Holder, &'static AttributeDef)> {
        let core = self.schema.attributes.iter();
        let extensions = self.extensions.iter().flat_map(|schema| {
            let holder = Holder::Extension(schema);
            schema.attributes.iter().map(move |def| (holder, def))
        });
        core.map(|def| (Holder::Core, def)).chain(extensions)
    }

    /// What `notation` names on this resource type; `None` when nothing.
    pub fn resolve(&'static self, notation: &str) -> Option<Target> {
        let schemas = std::iter::once(self.schema).chain(self.extensions.iter().copied());
        let known = schemas
            .filter(|schema| {
                notation
                    .get(..schema.id.len())
                    .is_some_and(|head| name::same(head, schema.id))
            })
            .max_by_key(|schema| schema.id.len());
        let Some(schema) = known else {
            return self.resolve_unqualified(notation).map(Target::Attribute);
        };
        let is_base = std::ptr::eq(schema, self.schema);
        match notation.get(schema.id.len()..)? {
            "" if is_base => None,
            "" => Some(Target::Extension(schema)),
            rest => {
                // A dot after the URN is an old Entra form, still in Microsoft's samples.
                let rest = rest.strip_prefix([':', '.'])?;
                if is_base {
                    self.resolve_unqualified(rest)
                } else {
                    lookup(Holder::Extension(schema), schema.attributes, rest)
                }
                .map(Target::Attribute)
            }
        }
    }

    /// Like [`ResourceType::resolve`], for places where a bare extension URN means nothing.
    pub fn resolve_attribute(&'static self, notation: &str) -> Option<AttributeRef> {
        match self.resolve(notation)? {
            Target::Attribute(found) => Some(found),
            Target::Extension(_) => None,
        }
    }

    fn resolve_unqualified(&'static self, notation: &str) -> Option<AttributeRef> {
        lookup(Holder::Core, COMMON, notation)
            .or_else(|| lookup(Holder::Core, self.schema.attributes, notation))
            .or_else(|| {
                self.extensions.iter().find_map(|schema| {
                    lookup(Holder::Extension(schema), schema.attributes, notation)
                })
            })
    }
}

fn lookup(
    holder: Holder,
    attributes: &'static [AttributeDef],
    notation: &str,
) -> Option<AttributeRef> {
    let (first, sub) = match notation.split_once('.') {
        Some((first, sub)) => (first, Some(sub)),
        None => (notation, None),
    };
    let attribute = attributes.iter().find(|def| name::same(def.name, first))?;
    let sub = match sub {
        Some(sub) => Some(attribute.sub_attribute(sub)?),
        None => None,
    };
    Some(AttributeRef {
        holder,
        attribute,
        sub,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{GROUP, USER};

    fn check(kind: &'static ResourceType, cases: &[(&str, Option<&str>)]) {
        for (notation, expect) in cases {
            let got = kind.resolve(notation).map(|target| match target {
                Target::Attribute(found) => found.notation(),
                Target::Extension(schema) => schema.id.to_owned(),
            });
            assert_eq!(got.as_deref(), *expect, "{notation}");
        }
    }

    #[test]
    fn notations_of_users() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let department = format!("{enterprise}:department");
        let manager = format!("{enterprise}:manager");
        let manager_value = format!("{enterprise}:manager.value");
        check(
            &USER,
            &[
                ("userName", Some("userName")),
                ("USERNAME", Some("userName")),
                ("name.givenName", Some("name.givenName")),
                ("name.nope", None),
                ("a.b.c", None),
                ("meta.lastmodified", Some("meta.lastModified")),
                (
                    "urn:ietf:params:scim:schemas:core:2.0:User:userName",
                    Some("userName"),
                ),
                (
                    "URN:ietf:params:scim:schemas:core:2.0:user:name.familyName",
                    Some("name.familyName"),
                ),
                ("urn:ietf:params:scim:schemas:core:2.0:User", None),
                (&format!("{enterprise}:Department"), Some(&department)),
                (&format!("{enterprise}.manager"), Some(&manager)),
                (&format!("{enterprise}:manager.value"), Some(&manager_value)),
                (enterprise, Some(enterprise)),
                ("department", Some(&department)),
                ("urn:x:y:title", None),
                ("foo", None),
                ("", None),
            ],
        );
    }

    #[test]
    fn notations_of_groups() {
        check(
            &GROUP,
            &[
                ("members.$ref", Some("members.$ref")),
                ("members.value", Some("members.value")),
                ("userName", None),
            ],
        );
    }
}
