//! What one application sees, and how it follows changes.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::{
    Directory, DirectoryError, application::Application, change::Position, id::UserId,
    person::Person,
};

/// A group in a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewGroup {
    /// Its name, which is its key for applications.
    pub name: String,
    /// What it is for; often empty.
    pub description: String,
}

/// One piece of the membership listing; a group of any size takes constant memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembershipItem {
    /// What follows belongs to this group. Every group is listed, also empty ones.
    Group(String),
    /// A direct user member. Users come before child groups.
    User(String),
    /// A direct child group.
    Child(String),
}

/// How a user is looked up.
#[derive(Clone, Copy, Debug)]
pub enum PersonKey<'a> {
    /// By name, without case.
    Name(&'a str),
    /// By Crowd key.
    Key(UserId),
}

/// One event for an incremental synchronisation, coalesced: the present state of one entity.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "events are few and short-lived")]
pub enum ViewEvent {
    /// The user is no longer in these groups.
    Left {
        /** The user. */
        user: String,
        /** The groups. */
        groups: Vec<String>,
    },
    /// The child group is no longer in these groups.
    ChildLeft {
        /** The child. */
        group: String,
        /** The parents. */
        parents: Vec<String>,
    },
    /// The user is gone.
    UserRemoved(String),
    /// The group is gone.
    GroupRemoved(String),
    /// The group is there and looks like this.
    GroupChanged {
        /** The group. */
        group: ViewGroup,
        /** New to the reader. */
        created: bool,
    },
    /// The user is there and looks like this.
    UserChanged {
        /** The user. */
        person: Person,
        /** New to the reader. */
        created: bool,
    },
    /// The user is in these groups.
    Joined {
        /** The user. */
        user: String,
        /** The groups. */
        groups: Vec<String>,
    },
    /// The child group is in these groups.
    ChildJoined {
        /** The child. */
        group: String,
        /** The parents. */
        parents: Vec<String>,
    },
}

/// What changed since a position.
#[derive(Clone, Debug, PartialEq)]
pub enum Since {
    /// These events, in the order of Crowd (removals first), lead exactly to `position`.
    Events {
        /** The events. */
        events: Vec<ViewEvent>,
        /** Where they lead. */
        position: Position,
    },
    /// The reader must synchronise fully: unknown or other epoch, ahead of the log, too old, too
    /// many changes, a user renamed, or the view changed.
    Expired,
}

/// A listing that streams in batches from one consistent state.
#[derive(Debug)]
pub struct Listing<T> {
    pub(crate) batches: mpsc::Receiver<Result<Vec<T>, DirectoryError>>,
}

impl<T> Listing<T> {
    /// The next batch; `None` after the last. After an error the listing is incomplete and must
    /// not be ended as if it were whole.
    pub async fn next(&mut self) -> Option<Result<Vec<T>, DirectoryError>> {
        self.batches.recv().await
    }
}

/// The directory as one application sees it.
#[derive(Clone)]
pub struct View {
    #[expect(dead_code, reason = "contract")]
    directory: Directory,
    #[expect(dead_code, reason = "contract")]
    application: Arc<Application>,
}

impl View {
    /// The position to store after a full synchronisation: it reaches back before any listing of
    /// this application that may have been under way (reference crowd-api.md section 6.3).
    pub async fn token(&self) -> Result<Position, DirectoryError> {
        todo!()
    }
    /// All users of the view; also marks the start of a full synchronisation for `token`.
    pub async fn users(&self) -> Result<Listing<Person>, DirectoryError> {
        todo!()
    }
    /// All groups of the view.
    pub async fn groups(&self) -> Result<Listing<ViewGroup>, DirectoryError> {
        todo!()
    }
    /// All memberships of the view.
    pub async fn memberships(&self) -> Result<Listing<MembershipItem>, DirectoryError> {
        todo!()
    }
    /// One user.
    pub async fn person(&self, _key: PersonKey<'_>) -> Result<Option<Person>, DirectoryError> {
        todo!()
    }
    /// One group, by name without case.
    pub async fn group(&self, _name: &str) -> Result<Option<ViewGroup>, DirectoryError> {
        todo!()
    }
    /// The groups a user (by name) is directly in. `NotFound` if there is no such user.
    pub async fn groups_of_user(&self, _user: &str) -> Result<Vec<ViewGroup>, DirectoryError> {
        todo!()
    }
    /// The direct user members of a group (by name). `NotFound` if there is no such group.
    pub async fn users_of_group(&self, _group: &str) -> Result<Listing<Person>, DirectoryError> {
        todo!()
    }
    /// The direct child groups of a group. `NotFound` if there is no such group.
    pub async fn children_of_group(&self, _group: &str) -> Result<Vec<ViewGroup>, DirectoryError> {
        todo!()
    }
    /// The groups a group is directly in. `NotFound` if there is no such group.
    pub async fn parents_of_group(&self, _group: &str) -> Result<Vec<ViewGroup>, DirectoryError> {
        todo!()
    }
    /// What changed since `position`.
    pub async fn since(&self, _position: Position) -> Result<Since, DirectoryError> {
        todo!()
    }
}
