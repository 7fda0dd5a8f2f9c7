//! Lists for SCIM: users, groups, and both at the root; by index and by cursor.

use provost_scim::{
    ScimError, ScimType,
    list::{CursorStart, ListRequest, RootRequest, Start},
};

use super::{Directory, Page};
use crate::{
    DirectoryError,
    cursor::{CursorKey, Walk},
    group::Group,
    store::{
        AdminChange, Kind, ListQuery, Load, Stored,
        search::{Found, SearchPart, SearchQuery, Window},
    },
    token::Caller,
    user::User,
};

/// A resource of either type.
#[derive(Clone, Debug)]
pub enum Object {
    /// A user.
    User(User),
    /// A group.
    Group(Group),
}

/// What is listed, and for whom.
struct Listed<'a> {
    caller: &'a Caller,
    /// Tells the cursors of one endpoint from those of another.
    endpoint: &'static str,
    start: &'a Start,
    count: Option<u64>,
    max: u64,
}

impl Listed<'_> {
    fn take(&self) -> u64 {
        self.count.unwrap_or(self.max).min(self.max)
    }
}

type Items = Page<(Kind, Stored)>;

impl Directory {
    /// A page of users. `max` caps the page. Groups are loaded if the projection wants them.
    ///
    /// # Errors
    /// `Refused` with `invalidCursor`, `expiredCursor` or `invalidCount` for a cursor that does
    /// not belong here, and with `tooMany` for an index deep in an order that no index has.
    pub async fn users(
        &self,
        caller: &Caller,
        request: &ListRequest,
        max: u64,
    ) -> Result<Page<User>, DirectoryError> {
        let page = self.one_kind(caller, Kind::User, "/Users", request, max);
        Ok(page.await?.map(|(_, stored)| stored.into()))
    }

    /// A page of groups. Members are loaded if the projection wants them.
    ///
    /// # Errors
    /// As [`Directory::users`].
    pub async fn groups(
        &self,
        caller: &Caller,
        request: &ListRequest,
        max: u64,
    ) -> Result<Page<Group>, DirectoryError> {
        let page = self.one_kind(caller, Kind::Group, "/Groups", request, max);
        Ok(page.await?.map(|(_, stored)| stored.into()))
    }

    /// A page of users and groups together; without an order, that of insertion.
    ///
    /// # Errors
    /// As [`Directory::users`]; `tooMany` also where neither a filter nor a cursor bounds what is
    /// asked for and the tenant holds more than `max` (D-35).
    pub async fn everything(
        &self,
        caller: &Caller,
        request: &RootRequest,
        max: u64,
    ) -> Result<Page<Object>, DirectoryError> {
        let (users, groups) = (request.users(), request.groups());
        if users.filter.is_none() && matches!(users.start, Start::Index(_)) {
            let counts = self.store().counts(caller.tenant.id).await?;
            check_root(counts.users + counts.groups, max)?;
        }
        let listed = Listed {
            caller,
            endpoint: "/",
            start: &users.start,
            count: users.count,
            max,
        };
        let parts = vec![
            part(caller, Kind::User, users),
            part(caller, Kind::Group, groups),
        ];
        let page = self.search(&listed, parts).await?;
        Ok(page.map(|(kind, stored)| match kind {
            Kind::User => Object::User(stored.into()),
            Kind::Group => Object::Group(stored.into()),
        }))
    }

    async fn one_kind(
        &self,
        caller: &Caller,
        kind: Kind,
        endpoint: &'static str,
        request: &ListRequest,
        max: u64,
    ) -> Result<Items, DirectoryError> {
        let listed = Listed {
            caller,
            endpoint,
            start: &request.start,
            count: request.count,
            max,
        };
        match request.start {
            Start::Index(index) if request.sort.is_none() => {
                let query = ListQuery {
                    of: caller.tenant.types.of(kind),
                    filter: request.filter.clone(),
                    skip: index.saturating_sub(1),
                    take: listed.take(),
                    load: load(kind, request),
                };
                let page = self.store().list(caller.tenant.id, kind, query).await?;
                Ok(page.map(|stored| (kind, stored)))
            }
            Start::Index(_) | Start::Cursor(_) => {
                self.search(&listed, vec![part(caller, kind, request)])
                    .await
            }
        }
    }

    async fn search(
        &self,
        listed: &Listed<'_>,
        parts: Vec<SearchPart>,
    ) -> Result<Items, DirectoryError> {
        match listed.start {
            Start::Index(index) => {
                let window = Window::Skip(index.saturating_sub(1));
                let found = self.page(listed, parts, window).await?;
                Ok(items(found, None))
            }
            Start::Cursor(start) => self.walk(listed, parts, start).await,
        }
    }

    async fn walk(
        &self,
        listed: &Listed<'_>,
        parts: Vec<SearchPart>,
        start: &CursorStart,
    ) -> Result<Items, DirectoryError> {
        let key = self.cursor_key().await?;
        let tenant = listed.caller.tenant.id;
        let walk = Walk::new(tenant, listed.endpoint, &start.query, listed.count);
        let now = self.now();
        let window = match &start.cursor {
            None => Window::Skip(0),
            Some(text) => Window::After(key.open(text, &walk, now)?),
        };
        let found = self.page(listed, parts, window).await?;
        let next = found.next.as_ref().map(|place| key.seal(&walk, now, place));
        Ok(items(found, next))
    }

    async fn page(
        &self,
        listed: &Listed<'_>,
        parts: Vec<SearchPart>,
        window: Window,
    ) -> Result<Found, DirectoryError> {
        let query = SearchQuery {
            parts,
            window,
            take: listed.take(),
        };
        self.store().search(listed.caller.tenant.id, query).await
    }

    /// The key of this installation; made when it is needed for the first time.
    async fn cursor_key(&self) -> Result<CursorKey, DirectoryError> {
        if let Some(key) = &self.registry().await?.cursor_key {
            return Ok(key.clone());
        }
        let mut bytes = [0; 32];
        self.entropy().fill(&mut bytes)?;
        let change = AdminChange::KeepCursorKey(CursorKey::new(bytes));
        let registry = self.administer(change).await?;
        let key = registry.cursor_key.clone();
        key.ok_or_else(|| DirectoryError::Unavailable("the key of cursors was not kept".to_owned()))
    }
}

fn items(found: Found, next_cursor: Option<String>) -> Items {
    Page {
        total: found.total,
        items: found.items,
        next_cursor,
    }
}

fn part(caller: &Caller, kind: Kind, request: &ListRequest) -> SearchPart {
    SearchPart {
        kind,
        of: caller.tenant.types.of(kind),
        filter: request.filter.clone(),
        sort: request.sort,
        load: load(kind, request),
    }
}

fn load(kind: Kind, request: &ListRequest) -> Load {
    Load {
        groups: kind == Kind::User && request.projection.wants("groups"),
        members: kind == Kind::Group && request.projection.wants("members"),
    }
}

fn check_root(total: u64, max: u64) -> Result<(), DirectoryError> {
    if total <= max {
        return Ok(());
    }
    Err(ScimError::new(
        ScimType::TooMany,
        format!(
            "There are more than {max} users and groups; add a filter, walk with a cursor, or list /Users and /Groups."
        ),
    )
    .into())
}
