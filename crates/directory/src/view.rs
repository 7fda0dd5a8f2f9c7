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
    registry::Registry,
    store::{Answer, Followed, Gate, GroupQuery, PersonQuery, Seen, Store, Viewer},
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

/// A place in the log as a position of a view.
const fn position_in(seen: &Viewer, epoch: u64, number: u64) -> Position {
    Position {
        epoch: epoch * VIEW_EPOCHS + seen.serial % VIEW_EPOCHS,
        number,
    }
}

/// Whether nothing can have that name: U+0000 is refused wherever names come from, and PostgreSQL
/// does not even take a question with it.
fn is_unnameable(name: &str) -> bool {
    name.contains('\0')
}

fn nameable(name: &str) -> Result<String, DirectoryError> {
    if is_unnameable(name) {
        return Err(DirectoryError::NotFound);
    }
    Ok(name.to_owned())
}

impl View {
    pub(crate) fn new(directory: Directory, application: Arc<Application>) -> Self {
        Self {
            directory,
            application,
        }
    }

    fn seen_by(&self, registry: &Registry) -> Result<Seen, DirectoryError> {
        let record = registry.application_by_id(self.application.id);
        record
            .map(|record| Arc::clone(&record.seen))
            .ok_or(DirectoryError::NotFound)
    }

    /// Asks the store about the view; once more if it was changed meanwhile, which the store
    /// refuses to mix. The answer, and about which view it is.
    async fn ask<'a, T>(
        &'a self,
        question: impl Fn(&'a dyn Store, Seen) -> Answer<'a, T> + Send + Sync,
    ) -> Result<(T, Seen), DirectoryError> {
        let store = &**self.directory.store();
        let seen = self.seen_by(&*self.directory.registry().await?)?;
        let answer = question(store, Arc::clone(&seen)).await;
        if !matches!(answer, Err(DirectoryError::Unavailable(_))) {
            return Ok((answer?, seen));
        }
        let now = self.seen_by(&*self.directory.renewed_registry().await?)?;
        if now.serial == seen.serial {
            return Ok((answer?, seen));
        }
        Ok((question(store, Arc::clone(&now)).await?, now))
    }

    fn ago(&self, micros: i64) -> Timestamp {
        Timestamp::from_micros(self.directory.now().as_micros().saturating_sub(micros))
    }

    /// The position to store after a full synchronisation: it reaches back before any listing of
    /// this application that may have been under way (reference crowd-api.md section 6.3). If the
    /// view or the log became another one since the last of them began, the position is one that
    /// cannot be followed, because the other listings may show either.
    pub async fn token(&self) -> Result<Position, DirectoryError> {
        let back = self.ago(REACH_BACK);
        let (head, back) = self.directory.store().position_at(back).await?;
        let back = back.min(head.number);
        let starts = self.listing_starts().await?;
        let (Some(first), Some(last)) = (starts.first(), starts.last()) else {
            let seen = self.seen_by(&*self.directory.registry().await?)?;
            return Ok(position_in(&seen, head.epoch, back));
        };
        let reach = first.number.saturating_sub(MOST_BACK);
        let mut number = back.max(reach).min(first.number);
        // What ended an older position lies before a listing that can be followed, so that
        // listing has it: reaching back further would only make the reader start over.
        for start in &starts {
            if self.can_follow(number).await? {
                break;
            }
            number = start.number;
        }
        Ok(Position { number, ..*last })
    }

    /// Where full listings began that may have been under way, the earliest first. Other processes,
    /// and this one before a restart, tell through the store.
    async fn listing_starts(&self) -> Result<Vec<Position>, DirectoryError> {
        let id = self.application.id;
        let mut starts = self.directory.listings().starts(id, self.directory.now());
        starts.extend(self.directory.store().last_listing(id).await?);
        starts.sort_by_key(|start| (start.number, start.epoch));
        starts.dedup();
        Ok(starts)
    }

    async fn can_follow(&self, number: u64) -> Result<bool, DirectoryError> {
        let since = self.ago(RETENTION);
        let followed = self.ask(|store, seen| store.since(seen, number, since));
        Ok(!matches!(followed.await?.0, Followed::Expired))
    }

    /// All users of the view.
    pub async fn users(&self) -> Result<Listing<Person>, DirectoryError> {
        let listing = self.ask(|store, seen| store.list_persons(seen, Gate::Open));
        Ok(listing.await?.0.0)
    }

    /// All users of the view, as the first listing of a full synchronisation: [`View::token`]
    /// reaches back before it.
    ///
    /// # Errors
    /// `NothingProvisioned` while the view's tenants never had a user; `Held` while the mass-change
    /// brake holds the view.
    pub async fn begin_synchronisation(&self) -> Result<Listing<Person>, DirectoryError> {
        let begun = self.ask(|store, seen| store.list_persons(seen, Gate::Braked));
        let ((listing, begun), seen) = self.announced(begun.await)?;
        if !begun.is_provisioned {
            return Err(DirectoryError::NothingProvisioned);
        }
        let at = self.directory.now();
        let Position { epoch, number } = begun.head;
        let start = position_in(&seen, epoch, number);
        (self.directory.listings()).begin(self.application.id, start, at);
        self.note(number, Some(start)).await;
        Ok(listing)
    }

    /// All groups of the view.
    pub async fn groups(&self) -> Result<Listing<ViewGroup>, DirectoryError> {
        let listing = self.ask(|store, seen| store.list_groups(seen, Gate::Open));
        Ok(listing.await?.0)
    }

    /// All groups of the view, as a part of a full synchronisation.
    ///
    /// # Errors
    /// `Held` while the mass-change brake holds the view.
    pub async fn synchronised_groups(&self) -> Result<Listing<ViewGroup>, DirectoryError> {
        let listing = self.ask(|store, seen| store.list_groups(seen, Gate::Braked));
        Ok(self.announced(listing.await)?.0)
    }

    /// All memberships of the view, which only a full synchronisation asks for.
    ///
    /// # Errors
    /// `Held` while the mass-change brake holds the view.
    pub async fn memberships(&self) -> Result<Listing<MembershipItem>, DirectoryError> {
        let listing = self.ask(|store, seen| store.list_memberships(seen, Gate::Braked));
        Ok(self.announced(listing.await)?.0)
    }

    /// One user.
    pub async fn person(&self, key: PersonKey<'_>) -> Result<Option<Person>, DirectoryError> {
        let query = match key {
            PersonKey::Name(name) if is_unnameable(name) => return Ok(None),
            PersonKey::Name(name) => PersonQuery::Name(fold(name).into_owned()),
            PersonKey::Key(id) => PersonQuery::Key(*id.as_uuid()),
        };
        let person = self.ask(|store, seen| store.person(seen, query.clone()));
        Ok(person.await?.0)
    }

    async fn find_groups(&self, query: GroupQuery) -> Result<Vec<ViewGroup>, DirectoryError> {
        let groups = self.ask(|store, seen| store.view_groups(seen, query.clone()));
        Ok(groups.await?.0)
    }

    /// One group, by name without case.
    pub async fn group(&self, name: &str) -> Result<Option<ViewGroup>, DirectoryError> {
        if is_unnameable(name) {
            return Ok(None);
        }
        let found = self.find_groups(GroupQuery::Named(name.to_owned())).await?;
        Ok(found.into_iter().next())
    }

    /// The groups a user (by name) is directly in. `NotFound` if there is no such user.
    pub async fn groups_of_user(&self, user: &str) -> Result<Vec<ViewGroup>, DirectoryError> {
        let user = nameable(user)?;
        self.find_groups(GroupQuery::OfUser(user)).await
    }

    /// The direct user members of a group (by name). `NotFound` if there is no such group.
    pub async fn users_of_group(&self, group: &str) -> Result<Listing<Person>, DirectoryError> {
        let group = nameable(group)?;
        let members = self.ask(|store, seen| store.list_members(seen, group.clone()));
        Ok(members.await?.0)
    }

    /// The direct child groups of a group. `NotFound` if there is no such group.
    pub async fn children_of_group(&self, group: &str) -> Result<Vec<ViewGroup>, DirectoryError> {
        self.find_groups(GroupQuery::ChildrenOf(nameable(group)?))
            .await
    }

    /// The groups a group is directly in. `NotFound` if there is no such group.
    pub async fn parents_of_group(&self, group: &str) -> Result<Vec<ViewGroup>, DirectoryError> {
        self.find_groups(GroupQuery::ParentsOf(nameable(group)?))
            .await
    }

    /// What changed since `position`.
    pub async fn since(&self, position: Position) -> Result<Since, DirectoryError> {
        let not_before = self.ago(RETENTION);
        let followed = self.ask(|store, seen| store.since(seen, position.number, not_before));
        let (followed, seen) = followed.await?;
        let at = |head: &Head| position_in(&seen, head.epoch, head.number);
        Ok(match followed {
            Followed::Events(events, head) => {
                let next = at(&head);
                if next.epoch == position.epoch {
                    self.tell(None);
                    self.note(next.number, None).await;
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
                if at(&head).epoch == position.epoch {
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
    async fn note(&self, number: u64, listing: Option<Position>) {
        let (id, at) = (self.application.id, self.directory.now());
        if listing.is_none() && !self.directory.listings().is_news(id, number, at) {
            return;
        }
        let noted = self
            .directory
            .store()
            .note_synchronised(id, number, at, listing);
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
