//! What one application sees, and how it follows changes.

use std::sync::Arc;

use provost_scim::{Timestamp, text::fold};
use tokio::sync::mpsc;

use crate::{
    Directory, DirectoryError,
    application::Application,
    brake::Loss,
    change::Position,
    id::{GroupId, UserId},
    log::Head,
    person::Person,
    store::{Followed, Gate, GroupQuery, PersonQuery, Seen},
};

/// A group in a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewGroup {
    /// The group behind it; applications do not see it.
    pub id: GroupId,
    /// Its name, which is its key for applications.
    pub name: String,
    /// What it is for; often empty.
    pub description: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it or its members last changed.
    pub updated: Timestamp,
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
    /// The user is in these groups and in no others.
    GroupsOfUser {
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

/// How far a token reaches back when the start of the reader's listing is not known (15 minutes).
const REACH_BACK: i64 = 15 * 60 * 1_000_000;
/// How long a position can be followed (3.5 days).
const RETENTION: i64 = 302_400 * 1_000_000;
/// How many changes a token reaches back at most, when the listing's start is known.
const MOST_BACK: u64 = 5_000;
/// Numbers of view generations in one epoch of the log.
const VIEW_EPOCHS: u64 = 1 << 20;

/// The directory as one application sees it.
///
/// Its positions carry an epoch of their own, made of the log's epoch and the state of the view,
/// so that a changed view ends the positions given out before.
#[derive(Clone, Debug)]
pub struct View {
    directory: Directory,
    application: Arc<Application>,
}

/// What the registry says about a view now.
struct Now {
    seen: Seen,
    serial: u64,
}

impl Now {
    fn position(&self, head: &Head, number: u64) -> Position {
        Position {
            epoch: head.epoch * VIEW_EPOCHS + self.serial % VIEW_EPOCHS,
            number,
        }
    }
}

impl View {
    pub(crate) fn new(directory: Directory, application: Arc<Application>) -> Self {
        Self {
            directory,
            application,
        }
    }

    async fn now(&self) -> Result<Now, DirectoryError> {
        let registry = self.directory.registry().await?;
        let record = registry
            .application_by_id(self.application.id)
            .ok_or(DirectoryError::NotFound)?;
        Ok(Now {
            seen: Arc::clone(&record.seen),
            serial: record.view_serial,
        })
    }

    fn ago(&self, micros: i64) -> Timestamp {
        Timestamp::from_micros(self.directory.now().as_micros().saturating_sub(micros))
    }

    /// The position to store after a full synchronisation: it reaches back before any listing of
    /// this application that may have been under way (reference crowd-api.md section 6.3).
    pub async fn token(&self) -> Result<Position, DirectoryError> {
        let now = self.now().await?;
        let back = self.ago(REACH_BACK);
        let (head, back) = self.directory.store().position_at(back).await?;
        let back = back.min(head.number);
        let starts = (self.directory.listings()).starts(self.application.id, self.directory.now());
        let Some(first) = starts.first() else {
            return Ok(now.position(&head, back));
        };
        let from = back.max(first.saturating_sub(MOST_BACK)).min(*first);
        // What ended an older position lies before a listing that can be followed, so that
        // listing has it: reaching back further would only make the reader start over.
        let mut number = from;
        for start in std::iter::once(&from).chain(&starts) {
            number = *start;
            if self.can_follow(&now, number).await? {
                break;
            }
        }
        Ok(now.position(&head, number))
    }

    async fn can_follow(&self, now: &Now, number: u64) -> Result<bool, DirectoryError> {
        let seen = Arc::clone(&now.seen);
        let followed = self
            .directory
            .store()
            .since(seen, number, self.ago(RETENTION));
        Ok(!matches!(followed.await?, Followed::Expired))
    }

    /// All users of the view.
    pub async fn users(&self) -> Result<Listing<Person>, DirectoryError> {
        let seen = self.now().await?.seen;
        let listing = self.directory.store().list_persons(seen, Gate::Open);
        Ok(listing.await?.0)
    }

    /// All users of the view, as the first listing of a full synchronisation: [`View::token`]
    /// reaches back before it.
    ///
    /// # Errors
    /// `NothingProvisioned` while the view's tenants never had a user; `Held` while the mass-change
    /// brake holds the view.
    pub async fn begin_synchronisation(&self) -> Result<Listing<Person>, DirectoryError> {
        let seen = self.now().await?.seen;
        let begun = self
            .directory
            .store()
            .list_persons(seen, Gate::Braked)
            .await;
        let (listing, begun) = self.announced(begun)?;
        if !begun.is_provisioned {
            return Err(DirectoryError::NothingProvisioned);
        }
        let at = self.directory.now();
        (self.directory.listings()).begin(self.application.id, begun.number, at);
        self.note(begun.number, true).await;
        Ok(listing)
    }

    /// All groups of the view.
    pub async fn groups(&self) -> Result<Listing<ViewGroup>, DirectoryError> {
        let seen = self.now().await?.seen;
        self.directory.store().list_groups(seen, Gate::Open).await
    }

    /// All groups of the view, as a part of a full synchronisation.
    ///
    /// # Errors
    /// `Held` while the mass-change brake holds the view.
    pub async fn synchronised_groups(&self) -> Result<Listing<ViewGroup>, DirectoryError> {
        let seen = self.now().await?.seen;
        let listing = self.directory.store().list_groups(seen, Gate::Braked).await;
        self.announced(listing)
    }

    /// All memberships of the view, which only a full synchronisation asks for.
    ///
    /// # Errors
    /// `Held` while the mass-change brake holds the view.
    pub async fn memberships(&self) -> Result<Listing<MembershipItem>, DirectoryError> {
        let seen = self.now().await?.seen;
        let listing = self.directory.store().list_memberships(seen, Gate::Braked);
        self.announced(listing.await)
    }

    /// One user.
    pub async fn person(&self, key: PersonKey<'_>) -> Result<Option<Person>, DirectoryError> {
        let query = match key {
            PersonKey::Name(name) => PersonQuery::Name(fold(name).into_owned()),
            PersonKey::Key(id) => PersonQuery::Key(*id.as_uuid()),
        };
        let seen = self.now().await?.seen;
        self.directory.store().person(seen, query).await
    }

    async fn find_groups(&self, query: GroupQuery) -> Result<Vec<ViewGroup>, DirectoryError> {
        let seen = self.now().await?.seen;
        self.directory.store().view_groups(seen, query).await
    }

    /// One group, by name without case.
    pub async fn group(&self, name: &str) -> Result<Option<ViewGroup>, DirectoryError> {
        let found = self.find_groups(GroupQuery::Named(name.to_owned())).await?;
        Ok(found.into_iter().next())
    }

    /// The groups a user (by name) is directly in. `NotFound` if there is no such user.
    pub async fn groups_of_user(&self, user: &str) -> Result<Vec<ViewGroup>, DirectoryError> {
        self.find_groups(GroupQuery::OfUser(user.to_owned())).await
    }

    /// The direct user members of a group (by name). `NotFound` if there is no such group.
    pub async fn users_of_group(&self, group: &str) -> Result<Listing<Person>, DirectoryError> {
        let seen = self.now().await?.seen;
        let store = self.directory.store();
        store.list_members(seen, group.to_owned()).await
    }

    /// The direct child groups of a group. `NotFound` if there is no such group.
    pub async fn children_of_group(&self, group: &str) -> Result<Vec<ViewGroup>, DirectoryError> {
        self.find_groups(GroupQuery::ChildrenOf(group.to_owned()))
            .await
    }

    /// The groups a group is directly in. `NotFound` if there is no such group.
    pub async fn parents_of_group(&self, group: &str) -> Result<Vec<ViewGroup>, DirectoryError> {
        self.find_groups(GroupQuery::ParentsOf(group.to_owned()))
            .await
    }

    /// What changed since `position`.
    pub async fn since(&self, position: Position) -> Result<Since, DirectoryError> {
        let now = self.now().await?;
        let store = self.directory.store();
        let not_before = self.ago(RETENTION);
        let followed = store.since(Arc::clone(&now.seen), position.number, not_before);
        Ok(match followed.await? {
            Followed::Events(events, head) => {
                let next = now.position(&head, head.number);
                if next.epoch == position.epoch {
                    self.tell(None);
                    self.note(next.number, false).await;
                    Since::Events {
                        events,
                        position: next,
                    }
                } else {
                    Since::Expired
                }
            }
            Followed::Held(loss, head) => {
                self.tell(Some(loss));
                let is_ours = now.position(&head, head.number).epoch == position.epoch;
                if is_ours {
                    Since::Events {
                        events: Vec::new(),
                        position,
                    }
                } else {
                    Since::Expired
                }
            }
            Followed::Expired => Since::Expired,
        })
    }

    /// Notes for administrators and for the brake how far the application has read. What cannot be
    /// noted is only counted as not read, which errs on the safe side.
    async fn note(&self, number: u64, is_full: bool) {
        let (id, at) = (self.application.id, self.directory.now());
        if !is_full && !self.directory.listings().is_news(id, number, at) {
            return;
        }
        let noted = self
            .directory
            .store()
            .note_synchronised(id, number, at, is_full);
        match noted.await {
            Ok(()) => self.directory.listings().noted(id, number, at),
            Err(error) => tracing::warn!(
                application = self.application.name,
                %error,
                "how far an application has read could not be noted"
            ),
        }
    }

    /// Says in the log when the brake takes hold and when it lets go.
    fn tell(&self, loss: Option<Loss>) {
        let application = &self.application.name;
        if !(self.directory.listings()).is_turned(self.application.id, loss.is_some()) {
            return;
        }
        let Some(loss) = loss else {
            tracing::info!(
                application,
                "mass-change brake: the view is no longer frozen"
            );
            return;
        };
        tracing::warn!(
            application,
            users = loss.users,
            of_users = loss.of_users,
            memberships = loss.memberships,
            of_memberships = loss.of_memberships,
            "mass-change brake: the view is frozen; `provost application show {application}` says what to do"
        );
    }

    fn announced<T>(&self, outcome: Result<T, DirectoryError>) -> Result<T, DirectoryError> {
        match &outcome {
            Ok(_) => self.tell(None),
            Err(DirectoryError::Held(loss)) => self.tell(Some(*loss)),
            Err(_) => {}
        }
        outcome
    }
}
