//! What the identity provider takes for success, by kind of request.

use serde_json::Value;

use crate::simulate::{
    habits::{Habits, Version},
    judge::{Expect, Shape, Trouble},
    person::Attribute,
};

/// A list.
pub(super) const fn list() -> Expect {
    Expect {
        statuses: &[200],
        after_loss: &[],
        not_found: Trouble::LookupNotFound,
        shape: Shape::List,
    }
}

/// A document.
pub(super) const fn document() -> Expect {
    Expect {
        statuses: &[200],
        after_loss: &[],
        not_found: Trouble::NoEndpoint,
        shape: Shape::Document,
    }
}

/// A new resource. A repetition after a lost answer may be told that it exists.
pub(super) const fn created(values: Vec<(Attribute, Value)>) -> Expect {
    Expect {
        statuses: &[201],
        after_loss: &[409],
        not_found: Trouble::NoEndpoint,
        shape: Shape::Resource {
            needed: true,
            new: true,
            id: None,
            values,
        },
    }
}

/// The resource of that id.
pub(super) fn read(id: &str, values: Vec<(Attribute, Value)>) -> Expect {
    Expect {
        statuses: &[200],
        after_loss: &[],
        not_found: Trouble::Vanished,
        shape: resource(true, id, values),
    }
}

fn resource(needed: bool, id: &str, values: Vec<(Attribute, Value)>) -> Shape {
    Shape::Resource {
        needed,
        new: false,
        id: Some(id.to_owned()),
        values,
    }
}

/// The answer to a PUT or PATCH of the resource of that id.
pub(super) fn changed(
    habits: &Habits,
    method: &str,
    id: &str,
    values: Vec<(Attribute, Value)>,
) -> Expect {
    let is_put = method == "PUT" && habits.version == Version::V2;
    Expect {
        statuses: if is_put { &[200] } else { &[200, 204] },
        after_loss: &[],
        not_found: Trouble::Vanished,
        shape: resource(is_put, id, values),
    }
}

/// Nothing more of that resource.
pub(super) const fn deleted(habits: &Habits) -> Expect {
    Expect {
        statuses: match habits.version {
            Version::V1 => &[200, 204],
            Version::V2 => &[204],
        },
        after_loss: &[404],
        not_found: Trouble::Vanished,
        shape: Shape::Any,
    }
}

/// An error, because it is gone.
pub(super) const fn gone() -> Expect {
    Expect {
        statuses: &[404],
        after_loss: &[],
        not_found: Trouble::Vanished,
        shape: Shape::Any,
    }
}
