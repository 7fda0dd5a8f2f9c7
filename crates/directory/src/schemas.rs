//! The custom extension schemas of a tenant.

use provost_scim::{
    Timestamp,
    member::MemberKind,
    schema::{ResourceTypes, Schema, custom},
};

/// A schema that an administrator has added to a tenant.
#[derive(Clone, Copy, Debug)]
pub struct CustomSchema {
    /// The schema.
    pub schema: &'static Schema,
    /// What it extends.
    pub extends: MemberKind,
    /// When this version of it was added.
    pub added: Timestamp,
}

/// What came of adding a schema.
#[derive(Clone, Debug)]
pub struct AddedSchema {
    /// The schema.
    pub schema: CustomSchema,
    /// Whether it took the place of an earlier version.
    pub replaced: bool,
    /// What will probably surprise, one sentence each.
    pub warnings: Vec<String>,
}

/// All schemas of a tenant, and as of when.
#[derive(Clone, Debug, Default)]
pub struct TenantSchemas {
    list: Vec<CustomSchema>,
    /// Generation of the registry at which they last changed.
    serial: u64,
}

impl TenantSchemas {
    /// In the order in which they were added.
    pub(crate) const fn new(list: Vec<CustomSchema>, serial: u64) -> Self {
        Self { list, serial }
    }

    /// In the order in which they were added.
    pub fn list(&self) -> &[CustomSchema] {
        &self.list
    }

    /// The schema with that URN, compared without case.
    pub fn find(&self, urn: &str) -> Option<&CustomSchema> {
        let mut list = self.list.iter();
        list.find(|known| known.schema.id.eq_ignore_ascii_case(urn))
    }

    pub(crate) const fn serial(&self) -> u64 {
        self.serial
    }

    /// The resource types that they lead to.
    pub(crate) fn types(&self) -> ResourceTypes {
        let of = |kind| -> Vec<_> {
            let own = self.list.iter().filter(|known| known.extends == kind);
            own.map(|known| known.schema).collect()
        };
        custom::extend(&of(MemberKind::User), &of(MemberKind::Group))
    }
}
