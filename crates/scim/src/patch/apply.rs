//! Runs the operations of one request, in order, on one copy of the attributes.

use serde_json::Value;

use super::{
    OpKind, PatchForm, PatchOp, PatchRequest, Patched,
    bag::{Bag, Place},
    message::number,
    select::Selection,
};
use crate::{
    Profile, Resource, ScimError, ScimType,
    filter::BoundFilter,
    member::MemberOp,
    path::{BoundPath, Path},
    schema::{AttributeRef, Mutability, ResourceType},
    validate::{self, ACTIVE, Password, ReadOnly, Reader, Spot},
};

/// Applies `request` to a copy of `current`.
pub(super) fn run(
    request: &PatchRequest,
    kind: &'static ResourceType,
    profile: &Profile,
    current: &Resource,
) -> Result<Patched, ScimError> {
    let mut run = Run::new(kind, profile, request.form, current);
    for (index, op) in request.operations.iter().enumerate() {
        run.operation(op).map_err(|error| match request.form {
            PatchForm::Operations => error.prefixed(&number(index)),
            PatchForm::PartialResource => error,
        })?;
    }
    run.finish(current)
}

/// The state between two operations.
pub(super) struct Run<'a> {
    pub(super) kind: &'static ResourceType,
    pub(super) form: PatchForm,
    pub(super) reader: Reader<'a>,
    pub(super) bag: Bag,
    pub(super) members: Vec<MemberOp>,
    password: Option<Password>,
}

impl<'a> Run<'a> {
    fn new(
        kind: &'static ResourceType,
        profile: &'a Profile,
        form: PatchForm,
        current: &Resource,
    ) -> Self {
        let read_only = if profile.ignore_unknown {
            ReadOnly::Skip
        } else {
            ReadOnly::Refuse
        };
        Self {
            kind,
            form,
            reader: Reader::new(profile, read_only),
            bag: Bag::of(current),
            members: Vec::new(),
            password: None,
        }
    }

    pub(super) const fn profile(&self) -> &'a Profile {
        self.reader.profile
    }

    fn operation(&mut self, op: &PatchOp) -> Result<(), ScimError> {
        let value = op.value.clone();
        match &op.path {
            None => self.whole(op.kind, value.unwrap_or_default()),
            Some(path) => self.at_path(op.kind, path, value),
        }
    }

    /// An operation with a path, or a key of a pathless value that is one.
    pub(super) fn at_path(
        &mut self,
        op: OpKind,
        path: &Path,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        match path.bind(self.kind, self.profile())? {
            None => self.unknown_path(&path.attribute),
            Some(BoundPath::Extension(schema)) => self.extension(op, schema, value),
            Some(BoundPath::Attribute { at, filter: None }) => self.attribute(op, &at, value),
            Some(BoundPath::Attribute {
                at,
                filter: Some(filter),
            }) => self.selected(op, &at, path, filter, value),
        }
    }

    fn unknown_path(&mut self, notation: &str) -> Result<(), ScimError> {
        if self.profile().ignore_unknown {
            self.reader.note(notation);
            return Ok(());
        }
        let keyword = if self.profile().unknown_path_is_syntax {
            ScimType::InvalidSyntax
        } else {
            ScimType::InvalidPath
        };
        Err(ScimError::new(
            keyword,
            format!("the path {notation:.200?} names no attribute; see /Schemas."),
        ))
    }

    /// An attribute or sub-attribute without a value filter.
    pub(super) fn attribute(
        &mut self,
        op: OpKind,
        at: &AttributeRef,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        refuse_read_only(at)?;
        let place = Place::of(at);
        match at.attribute.name {
            "schemas" if place.is_core("schemas") => self.schemas(op, place, value),
            "members" if place.is_core("members") => self.member_list(op, at, value),
            "password" if place.is_core("password") => self.set_password(op, place, value),
            _ => match (at.attribute.multi_valued, at.sub) {
                (true, None) => self.list(op, place, value),
                (true, Some(sub)) => self.sub_of_all(op, place, sub, value),
                (false, None) => self.single(op, place, value),
                (false, Some(sub)) => self.sub(op, place, sub, value),
            },
        }
    }

    fn selected(
        &mut self,
        op: OpKind,
        at: &AttributeRef,
        path: &Path,
        filter: BoundFilter,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        refuse_read_only(at)?;
        let place = Place::of(at);
        if place.is_core("members") {
            return self.selected_members(op, at, filter);
        }
        let selection = Selection::new(at, filter, path.filter.as_ref());
        self.elements(op, &selection, value)
    }

    fn set_password(
        &mut self,
        op: OpKind,
        place: Place,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        if op == OpKind::Remove {
            return Err(ScimError::new(
                ScimType::Mutability,
                "password cannot be removed; replace it or set active to false.",
            ));
        }
        let text = validate::simple(self.profile(), place.spot(), value.unwrap_or_default())?;
        if let Some(password) = text.and_then(validate::password) {
            self.password = Some(password);
        }
        Ok(())
    }

    /// Leaves an attribute unassigned, if that is allowed.
    pub(super) fn unassign(&mut self, op: OpKind, place: Place) -> Result<(), ScimError> {
        refuse_unassign(self.profile(), op, place)?;
        self.bag.put(place, None);
        Ok(())
    }

    fn finish(mut self, current: &Resource) -> Result<Patched, ScimError> {
        self.settle()?;
        validate::check_required(self.kind, self.bag.attributes())?;
        let resource = self.bag.into_resource();
        validate::check_immutable(self.kind, current, &resource)?;
        Ok(Patched {
            resource,
            members: self.members,
            password: self.password,
            ignored: self.reader.into_ignored(),
        })
    }

    /// Brings every list into its stored form: a change of one element may have made it equal to
    /// another, or left nothing but its type.
    fn settle(&mut self) -> Result<(), ScimError> {
        let rows = self.kind.attributes();
        for (holder, def) in rows.filter(|(_, def)| def.multi_valued) {
            let place = Place::new(holder, def);
            let mut items = self.bag.take_items(place);
            if items.is_empty() {
                continue;
            }
            validate::settle(self.reader.profile, place.spot(), &mut items)?;
            validate::drop_hollow(self.reader.profile, &mut items);
            self.bag.put_items(place, items);
        }
        Ok(())
    }
}

/// `invalidValue` or `mutability` when the attribute must keep a value.
pub(super) fn refuse_unassign(
    profile: &Profile,
    op: OpKind,
    place: Place,
) -> Result<(), ScimError> {
    if place.is_core(ACTIVE) && !profile.unassign_active {
        return Err(validate::invalid_value(
            place.spot(),
            "needs true or false; it cannot be left without a value",
        ));
    }
    if place.def.required {
        return Err(still_required(op, place.spot()));
    }
    Ok(())
}

/// The error for taking away a required value: `mutability` when it is removed, `invalidValue`
/// when it is set to nothing.
pub(super) fn still_required(op: OpKind, spot: Spot) -> ScimError {
    if op == OpKind::Remove {
        return ScimError::new(
            ScimType::Mutability,
            format!("{spot} is required and cannot be removed; replace it."),
        );
    }
    validate::invalid_value(spot, "is required; send a value")
}

fn refuse_read_only(at: &AttributeRef) -> Result<(), ScimError> {
    let is_read_only = |mutability| mutability == Mutability::ReadOnly;
    if is_read_only(at.attribute.mutability) || is_read_only(at.leaf().mutability) {
        return Err(ScimError::new(
            ScimType::Mutability,
            format!("{} is readOnly; leave it out.", at.notation()),
        ));
    }
    Ok(())
}
