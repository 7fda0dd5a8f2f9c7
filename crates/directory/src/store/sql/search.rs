//! Searches in an order. An index walks where there is one for the order and the filter is all
//! terms; otherwise every candidate is evaluated once and only the first ones are remembered.

use provost_scim::{ScimError, ScimType, Timestamp, schema::AttributeRef, sort::SortKey};

use super::{
    db::{self, Conn, Owned, Value},
    error::int,
    list::{self, Condition},
    rows::{self, RAW, Raw},
};
use crate::{
    DirectoryError,
    cursor::Place,
    id::TenantId,
    store::{
        Kind, Load,
        query::{Plan, Term},
        search::{First, Found, Ranked, SearchPart, SearchQuery, Window},
    },
};

/// How far into an order that no index has a page may reach: so many keys are held in memory.
const DEEPEST: u64 = if cfg!(test) { 100 } else { 20_000 };
/// Matches that are skipped on the caller's thread.
const SHORT_SKIP: u64 = 5_000;

/// A search whose filters are planned. Parts that cannot match are gone.
pub(super) struct Search {
    parts: Vec<(Plan, SearchPart)>,
    window: Window,
    take: u64,
}

/// What one part shall contribute.
struct Slice<'a> {
    after: Option<&'a Place>,
    /// How many to pass over in the index.
    offset: u64,
    keep: u64,
}

/// Columns in whose order an index can be walked.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Row,
    Name,
    Modified,
}

impl Search {
    pub(super) fn new(query: SearchQuery) -> Self {
        let planned = query.parts.into_iter().map(|mut part| {
            let plan = Plan::new(part.kind, part.filter.take());
            (plan, part)
        });
        Self {
            parts: planned
                .filter(|(plan, _)| !plan.terms.contains(&Term::Never))
                .collect(),
            window: query.window,
            take: query.take,
        }
    }

    /// Whether it may take longer than a request handler may hold its thread.
    pub(super) fn is_long(&self) -> bool {
        let skips = matches!(self.window, Window::Skip(skip) if skip > SHORT_SKIP);
        let mut parts = self.parts.iter();
        skips || parts.any(|(plan, part)| plan.is_long() || column(plan, part).is_none())
    }

    /// Reads the page.
    pub(super) fn run(&self, conn: &Conn, tenant: TenantId) -> Result<Found, DirectoryError> {
        let (skip, after) = match &self.window {
            Window::Skip(skip) => (*skip, None),
            Window::After(place) => (0, Some(place)),
        };
        let is_index_walk = match self.parts.as_slice() {
            [(plan, part)] => column(plan, part).is_some(),
            _ => false,
        };
        let (offset, skip) = if is_index_walk { (skip, 0) } else { (0, skip) };
        let reach = skip.saturating_add(self.take);
        let slice = Slice {
            after,
            offset,
            keep: if self.take == 0 {
                0
            } else {
                reach.min(DEEPEST) + 1
            },
        };
        let mut total = 0;
        let mut ranked = Vec::new();
        for (number, (plan, part)) in self.parts.iter().enumerate() {
            let reading = Reading {
                conn,
                tenant,
                plan,
                part,
                number,
                slice: &slice,
            };
            total += reading.read(&mut ranked)?;
        }
        if self.take > 0 && total > skip && reach.min(total) > DEEPEST {
            return Err(too_deep());
        }
        ranked.sort_unstable();
        let page = ranked.into_iter().skip(usize_of(skip));
        self.load(conn, tenant, total, page)
    }

    /// The rows of the page; `ranked` has one match more if there is one.
    fn load(
        &self,
        conn: &Conn,
        tenant: TenantId,
        total: u64,
        mut ranked: impl Iterator<Item = Ranked>,
    ) -> Result<Found, DirectoryError> {
        let page: Vec<Ranked> = ranked.by_ref().take(usize_of(self.take)).collect();
        let has_more = ranked.next().is_some();
        let mut items = Vec::with_capacity(page.len());
        for found in &page {
            if let Some((_, part)) = self.parts.get(found.part) {
                let raw = rows::by_row(conn, found.place.row)?;
                items.push((part.kind, rows::load(conn, tenant, raw, part.load)?));
            }
        }
        let last = page.into_iter().next_back();
        Ok(Found {
            total,
            items,
            next: last.filter(|_| has_more).map(|last| last.place),
        })
    }
}

/// The column whose index has the part's order, if nothing must be evaluated.
fn column(plan: &Plan, part: &SearchPart) -> Option<Column> {
    if plan.rest.is_some() {
        return None;
    }
    let name = match part.kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
    };
    let is_modified = |at: &AttributeRef| {
        at.is_core("meta") && at.sub.is_some_and(|sub| sub.name == "lastModified")
    };
    match part.sort.as_ref().and_then(|sort| sort.attribute()) {
        None => Some(Column::Row),
        Some(at) if at.is_core(name) => Some(Column::Name),
        Some(at) if is_modified(at) => Some(Column::Modified),
        Some(_) => None,
    }
}

impl Column {
    const fn sql(self) -> &'static str {
        match self {
            Self::Row => "r.row",
            Self::Name => "r.name_key",
            Self::Modified => "r.modified",
        }
    }

    const fn index(self) -> &'static str {
        match self {
            Self::Row => "resources_in_order",
            Self::Name => "resources_by_name",
            Self::Modified => "resources_by_modified",
        }
    }

    fn key(self, value: Value<'_>) -> db::Result<SortKey> {
        Ok(match self {
            Self::Row => SortKey::Missing,
            Self::Name => SortKey::Text(value.as_str().ok_or(db::Error::Column(1))?.to_owned()),
            Self::Modified => SortKey::Instant(Timestamp::from_micros(
                value.as_i64().ok_or(db::Error::Column(1))?,
            )),
        })
    }

    /// What must hold of a row after the place; the first parameter gets the number `next`.
    fn after(self, place: &Place, descending: bool, next: usize) -> Beyond {
        let sign = if descending { "<" } else { ">" };
        let row = Owned::from(place.row);
        let value = match (self, &place.key) {
            (Self::Row, SortKey::Missing) => {
                return Beyond::Rows(format!(" AND r.row {sign} ?{next}"), vec![row]);
            }
            (Self::Name, SortKey::Text(text)) => Owned::from(text.clone()),
            (Self::Modified, SortKey::Instant(at)) => Owned::from(at.as_micros()),
            // Rows without a value are greater than every place with one, and the other way round.
            (Self::Row, _) => return Beyond::all_if(!descending),
            (Self::Name | Self::Modified, _) => return Beyond::all_if(descending),
        };
        let sql = format!(
            " AND ({}, r.row) {sign} (?{next}, ?{})",
            self.sql(),
            next + 1
        );
        Beyond::Rows(sql, vec![value, row])
    }
}

/// Which rows come after a place.
enum Beyond {
    All,
    None,
    /// Those that satisfy a condition with these parameters.
    Rows(String, Vec<Owned>),
}

impl Beyond {
    const fn all_if(all: bool) -> Self {
        if all { Self::All } else { Self::None }
    }
}

/// One part of a search under way.
struct Reading<'a> {
    conn: &'a Conn,
    tenant: TenantId,
    plan: &'a Plan,
    part: &'a SearchPart,
    number: usize,
    slice: &'a Slice<'a>,
}

impl Reading<'_> {
    /// Adds the first matches; returns how many there are in all.
    fn read(&self, ranked: &mut Vec<Ranked>) -> Result<u64, DirectoryError> {
        match column(self.plan, self.part) {
            Some(column) => self.walk(column, ranked),
            None => self.scan(ranked),
        }
    }

    fn descending(&self) -> bool {
        self.part.sort.is_some_and(|sort| sort.descending)
    }

    fn ranked(&self, key: SortKey, row: i64) -> Ranked {
        Ranked {
            place: Place { key, row },
            descending: self.descending(),
            part: self.number,
        }
    }

    /// Along an index: no row of another match is read.
    fn walk(&self, column: Column, ranked: &mut Vec<Ranked>) -> Result<u64, DirectoryError> {
        let total = list::total(self.conn, self.tenant, self.part.kind, self.plan)?;
        if self.slice.keep == 0 {
            return Ok(total);
        }
        let Condition {
            mut sql,
            mut values,
        } = Condition::new(self.tenant, self.part.kind, self.plan);
        if self.plan.terms.is_empty() {
            let hint = format!("resources r INDEXED BY {}", column.index());
            sql = sql.replacen("resources r", &hint, 1);
        }
        let descending = self.descending();
        let next = values.len() + 1;
        match self
            .slice
            .after
            .map(|place| column.after(place, descending, next))
        {
            None | Some(Beyond::All) => {}
            Some(Beyond::None) => return Ok(total),
            Some(Beyond::Rows(condition, bounds)) => {
                sql.push_str(&condition);
                values.extend(bounds);
            }
        }
        let (by, direction) = (column.sql(), if descending { "DESC" } else { "ASC" });
        let limit = values.len() + 1;
        values.extend([int(self.slice.keep).into(), int(self.slice.offset).into()]);
        let sql = format!(
            "SELECT r.row, {by} {sql} ORDER BY {by} {direction}, r.row {direction}
             LIMIT ?{limit} OFFSET ?{}",
            limit + 1
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut found = statement.query(&db::owned(&values))?;
        while let Some(row) = found.next()? {
            ranked.push(self.ranked(column.key(row.get_ref(1)?)?, row.get(0)?));
        }
        Ok(total)
    }

    /// Through every candidate.
    fn scan(&self, ranked: &mut Vec<Ranked>) -> Result<u64, DirectoryError> {
        let needs = needs(self.plan, self.part);
        let Condition { sql, values } = Condition::new(self.tenant, self.part.kind, self.plan);
        let sql = format!("SELECT {RAW} {sql} ORDER BY r.row");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut candidates = statement.stream(&db::owned(&values))?;
        let mut first = First::new(usize_of(self.slice.keep));
        let mut total = 0;
        while let Some(row) = candidates.next()? {
            let raw = Raw::from_row(&row)?;
            let row = raw.row;
            let stored = rows::load(self.conn, self.tenant, raw, needs)?;
            let id = stored.id.to_string();
            let subject = stored.subject(self.part.of, &id);
            let rest = self.plan.rest.as_ref();
            if rest.is_some_and(|filter| !filter.matches(&subject)) {
                continue;
            }
            total += 1;
            let sort = self.part.sort.as_ref();
            let key = sort.map_or(SortKey::Missing, |sort| sort.key(&subject));
            let found = self.ranked(key, row);
            if self.slice.after.is_none_or(|place| found.is_after(place)) {
                first.offer(found);
            }
        }
        ranked.append(&mut first.into_vec());
        Ok(total)
    }
}

/// What filter and order look at beside the attributes.
fn needs(plan: &Plan, part: &SearchPart) -> Load {
    let mentions = |name: &str| {
        let sorted = part.sort.as_ref().and_then(|sort| sort.attribute());
        plan.rest
            .as_ref()
            .is_some_and(|filter| filter.mentions(name))
            || sorted.is_some_and(|at| at.is_core(name))
    };
    Load {
        groups: mentions("groups"),
        members: mentions("members"),
    }
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn too_deep() -> DirectoryError {
    ScimError::new(
        ScimType::TooMany,
        format!(
            "A page of this order reaches at most to match {DEEPEST}; narrow the filter, walk with a cursor, or sort by userName, displayName of groups or meta.lastModified."
        ),
    )
    .into()
}
