//! Pages of users and groups: row numbers first, then the rows of the page alone.

use provost_scim::filter::BoundFilter;

use super::{
    db::{self, Conn, Owned, Row, params},
    error::{int, uint},
    index::BLOCK_BITS,
    rows::{self, RAW, Raw, kind_code},
};
use crate::{
    DirectoryError,
    directory::Page,
    id::TenantId,
    store::{
        Counts, Kind, ListQuery, Load, Stored,
        query::{Comparison, Plan, Term},
    },
};

/// How much a tenant holds.
pub(super) fn counts(conn: &Conn, tenant: TenantId) -> Result<Counts, DirectoryError> {
    Ok(conn
        .prepare_cached(
            "SELECT CAST(sum(users) AS BIGINT), CAST(sum(groups) AS BIGINT),
                    CAST(sum(memberships) AS BIGINT)
             FROM counts WHERE tenant = ?1",
        )?
        .query_row(params![tenant.0], |row| {
            Ok(Counts {
                users: sum(row, 0)?,
                groups: sum(row, 1)?,
                memberships: sum(row, 2)?,
            })
        })?)
}

/// A sum over no row is NULL.
fn sum(row: &Row<'_>, column: usize) -> db::Result<u64> {
    Ok(uint(row.get::<Option<i64>>(column)?.unwrap_or_default()))
}

/// Reads a page.
pub(super) fn page(
    conn: &Conn,
    tenant: TenantId,
    kind: Kind,
    query: &ListQuery,
    plan: &Plan,
) -> Result<Page<Stored>, DirectoryError> {
    let (total, rows) = match &plan.rest {
        Some(filter) => return evaluated(conn, tenant, kind, query, plan, filter),
        None if plan.terms.is_empty() => everything(conn, tenant, kind, query)?,
        None => exact(conn, tenant, kind, query, plan)?,
    };
    let found = rows::by_rows(conn, &rows)?.into_iter();
    let load = |raw| rows::load(conn, tenant, raw, query.load);
    Ok(Page {
        total,
        items: found.map(load).collect::<Result<_, _>>()?,
        next_cursor: None,
    })
}

/// How many match a plan without a rest.
pub(super) fn total(
    conn: &Conn,
    tenant: TenantId,
    kind: Kind,
    plan: &Plan,
) -> Result<u64, DirectoryError> {
    if plan.terms.is_empty() {
        return all(conn, tenant, kind);
    }
    let Condition { sql, values } = Condition::new(tenant, kind, plan);
    let total = conn
        .prepare_cached(&format!("SELECT count(*) {sql}"))?
        .query_row(&db::owned(&values), |row| row.get(0))?;
    Ok(uint(total))
}

fn all(conn: &Conn, tenant: TenantId, kind: Kind) -> Result<u64, DirectoryError> {
    let counts = counts(conn, tenant)?;
    Ok(match kind {
        Kind::User => counts.users,
        Kind::Group => counts.groups,
    })
}

type Rows = (u64, Vec<i64>);

/// Without a filter: whole blocks are skipped by their counts.
fn everything(
    conn: &Conn,
    tenant: TenantId,
    kind: Kind,
    query: &ListQuery,
) -> Result<Rows, DirectoryError> {
    let total = all(conn, tenant, kind)?;
    if query.take == 0 || query.skip >= total {
        return Ok((total, Vec::new()));
    }
    let (first, rest) = skip_blocks(conn, tenant, kind, query.skip)?;
    let rows = conn
        .prepare_cached(
            "SELECT row FROM resources INDEXED BY resources_in_order
             WHERE tenant = ?1 AND kind = ?2 AND row >= ?3 ORDER BY row LIMIT ?4 OFFSET ?5",
        )?
        .query_map(
            params![tenant.0, kind_code(kind), first, int(query.take), int(rest)],
            |row| row.get(0),
        )?
        .collect::<Result<_, _>>()?;
    Ok((total, rows))
}

/// The first row number of the block where the `skip`th live row is, and how many to skip in it.
fn skip_blocks(
    conn: &Conn,
    tenant: TenantId,
    kind: Kind,
    skip: u64,
) -> Result<(i64, u64), DirectoryError> {
    let mut rest = skip;
    let mut statement = conn.prepare_cached(
        "SELECT block, CAST(sum(live) AS BIGINT) FROM blocks
         WHERE tenant = ?1 AND kind = ?2 GROUP BY block ORDER BY block",
    )?;
    let mut blocks = statement.query(params![tenant.0, kind_code(kind)])?;
    while let Some(row) = blocks.next()? {
        let live = uint(row.get(1)?);
        if live > rest {
            return Ok((row.get::<i64>(0)? << BLOCK_BITS, rest));
        }
        rest -= live;
    }
    Ok((i64::MAX, 0))
}

/// A condition in SQL with its parameters.
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) values: Vec<Owned>,
}

impl Condition {
    pub(super) fn new(tenant: TenantId, kind: Kind, plan: &Plan) -> Self {
        let mut condition = Self {
            sql: "FROM resources r WHERE r.tenant = ?1 AND r.kind = ?2".to_owned(),
            values: vec![tenant.0.into(), kind_code(kind).into()],
        };
        for term in &plan.terms {
            condition.add(term);
        }
        condition
    }

    fn add(&mut self, term: &Term) {
        let (sql, value) = match term {
            Term::Unique(attribute, value) => {
                self.values.push(attribute.clone().into());
                let sql = format!(
                    "r.row IN (SELECT owner FROM unique_values
                     WHERE tenant = ?1 AND kind = ?2 AND attribute = ?{} AND value = ?)",
                    self.values.len()
                );
                return self.push(&sql, value.clone().into());
            }
            Term::Id(id) => ("r.id = ?", uuid(id)),
            Term::Name(name) => ("r.name_key = ?", name.clone().into()),
            Term::ExternalId(id) => ("r.external_id = ?", id.clone().into()),
            Term::Email(mail) => (
                "r.row IN (SELECT owner FROM emails WHERE tenant = ?1 AND value = ?)",
                mail.clone().into(),
            ),
            // A user without `active` can be used.
            Term::Active(active) => ("coalesce(r.active, 1) = ?", i64::from(*active).into()),
            Term::Created(how, at) => (created(*how), at.as_micros().into()),
            Term::Modified(how, at) => (modified(*how), at.as_micros().into()),
            Term::Member(id) => (
                "r.row IN (SELECT m.grp FROM members m JOIN resources o ON o.row = m.member
                  WHERE m.tenant = ?1 AND o.tenant = ?1 AND o.id = ?)",
                uuid(id),
            ),
            Term::Group(id) => (
                "r.row IN (WITH RECURSIVE down (grp) AS (
                     SELECT row FROM resources WHERE tenant = ?1 AND kind = 1 AND id = ?
                     UNION
                     SELECT m.member FROM down CROSS JOIN members m
                     ON m.tenant = ?1 AND m.grp = down.grp AND m.kind = 1
                  ) SELECT m.member FROM down CROSS JOIN members m
                  ON m.tenant = ?1 AND m.grp = down.grp AND m.kind = 0)",
                uuid(id),
            ),
            Term::Never => ("r.row = ?", (-1_i64).into()),
        };
        self.push(sql, value);
    }

    /// Adds a condition in which a bare `?` stands for the value.
    fn push(&mut self, sql: &str, value: Owned) {
        self.values.push(value);
        let place = format!("?{}", self.values.len());
        self.sql.push_str(" AND ");
        self.sql.push_str(&numbered(sql, &place));
    }
}

fn uuid(id: &uuid::Uuid) -> Owned {
    Owned::Bytes(id.as_bytes().to_vec())
}

/// Gives the one bare `?` of a fragment its number.
fn numbered(sql: &str, place: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 4);
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '?' && !chars.peek().is_some_and(char::is_ascii_digit) {
            out.push_str(place);
        } else {
            out.push(c);
        }
    }
    out
}

const fn created(how: Comparison) -> &'static str {
    match how {
        Comparison::Equal => "r.created = ?",
        Comparison::Less => "r.created < ?",
        Comparison::AtMost => "r.created <= ?",
        Comparison::Greater => "r.created > ?",
        Comparison::AtLeast => "r.created >= ?",
    }
}

const fn modified(how: Comparison) -> &'static str {
    match how {
        Comparison::Equal => "r.modified = ?",
        Comparison::Less => "r.modified < ?",
        Comparison::AtMost => "r.modified <= ?",
        Comparison::Greater => "r.modified > ?",
        Comparison::AtLeast => "r.modified >= ?",
    }
}

/// The terms say all: no row of another match is read.
fn exact(
    conn: &Conn,
    tenant: TenantId,
    kind: Kind,
    query: &ListQuery,
    plan: &Plan,
) -> Result<Rows, DirectoryError> {
    let Condition { sql, mut values } = Condition::new(tenant, kind, plan);
    if plan.is_unique() {
        let all = row_numbers(conn, &format!("SELECT r.row {sql}"), &values)?;
        let total = all.len() as u64;
        let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
        let take = usize::try_from(query.take).unwrap_or(usize::MAX);
        return Ok((total, all.into_iter().skip(skip).take(take).collect()));
    }
    let total = conn
        .prepare_cached(&format!("SELECT count(*) {sql}"))?
        .query_row(&db::owned(&values), |row| row.get(0))?;
    let bound = values.len();
    values.extend([int(query.take).into(), int(query.skip).into()]);
    let limited = format!(
        "SELECT r.row {sql} ORDER BY r.row LIMIT ?{} OFFSET ?{}",
        bound + 1,
        bound + 2
    );
    Ok((uint(total), row_numbers(conn, &limited, &values)?))
}

fn row_numbers(conn: &Conn, sql: &str, values: &[Owned]) -> Result<Vec<i64>, DirectoryError> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(&db::owned(values), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The filter decides over every candidate, in the order of insertion.
fn evaluated(
    conn: &Conn,
    tenant: TenantId,
    kind: Kind,
    query: &ListQuery,
    plan: &Plan,
    filter: &BoundFilter,
) -> Result<Page<Stored>, DirectoryError> {
    // What is shown and not looked at is read for the page alone.
    let needs = Load {
        groups: filter.mentions("groups"),
        members: filter.mentions("members"),
    };
    let shown = Load {
        groups: query.load.groups && !needs.groups,
        members: query.load.members && !needs.members,
    };
    let Condition { sql, values } = Condition::new(tenant, kind, plan);
    let sql = format!("SELECT {RAW} {sql} ORDER BY r.row");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut candidates = statement.stream(&db::owned(&values))?;
    let mut page = Page {
        total: 0,
        items: Vec::new(),
        next_cursor: None,
    };
    while let Some(row) = candidates.next()? {
        let raw = Raw::from_row(&row)?;
        let row = raw.row;
        let mut stored = rows::load(conn, tenant, raw, needs)?;
        if filter.matches(&stored.subject(query.of, &stored.id.to_string())) {
            if page.total >= query.skip && (page.items.len() as u64) < query.take {
                rows::fill(conn, tenant, (row, &mut stored), shown)?;
                page.items.push(stored);
            }
            page.total += 1;
        }
    }
    Ok(page)
}
