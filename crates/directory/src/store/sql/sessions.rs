//! Single sign-on sessions: rows apart from the directory's data, which no log tells about.

use provost_scim::Timestamp;
use uuid::Uuid;

use super::{
    SqlStore,
    db::{self, Conn, Optional as _, Row, params},
    engine::{Beside, Engine, Length, Log},
    error::int,
};
use crate::{
    DirectoryError,
    id::UserId,
    secret::SecretDigest,
    session::{KeptSession, Session},
    store::{Answer, SessionStore},
};

/// Sessions that make room for a new one at once.
const AT_ONCE: i64 = 1_000;

impl<E: Engine> SessionStore for SqlStore<E> {
    fn keep_session(&self, session: KeptSession, most: u64) -> Answer<'_, ()> {
        self.engine.write(Beside::Writers, move |txn| {
            make_room(txn.conn, most)?;
            Ok(keep(txn.conn, &session)?)
        })
    }

    fn session(&self, digest: SecretDigest) -> Answer<'_, Option<KeptSession>> {
        self.engine
            .read(Log::Aside, Length::Short, move |conn| find(conn, digest))
    }

    fn lengthen_session(
        &self,
        digest: SecretDigest,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<'_, bool> {
        self.engine.write(Beside::Writers, move |txn| {
            let changed = txn
                .conn
                .prepare_cached(
                    "UPDATE sessions SET expires = max(expires, ?3)
                     WHERE digest = ?1 AND expires > ?2",
                )?
                .execute(params![digest.0, now.as_micros(), until.as_micros()])?;
            Ok(changed > 0)
        })
    }

    fn end_session(&self, digest: SecretDigest) -> Answer<'_, ()> {
        self.engine.write(Beside::Writers, move |txn| {
            txn.conn
                .prepare_cached("DELETE FROM sessions WHERE digest = ?1")?
                .execute(params![digest.0])?;
            Ok(())
        })
    }

    fn end_sessions(&self, user: Uuid, except: Option<SecretDigest>) -> Answer<'_, ()> {
        let kept = except.map_or([0; 32], |digest| digest.0);
        self.engine.write(Beside::Writers, move |txn| {
            txn.conn
                .prepare_cached("DELETE FROM sessions WHERE id = ?1 AND digest <> ?2")?
                .execute(params![user.as_bytes(), kept])?;
            Ok(())
        })
    }
}

/// Lets those go that would end first, so that with one more there are at most `most`.
fn make_room(conn: &Conn, most: u64) -> Result<(), DirectoryError> {
    conn.prepare_cached(
        "DELETE FROM sessions WHERE digest IN
            (SELECT digest FROM sessions ORDER BY expires DESC, digest LIMIT ?1 OFFSET ?2)",
    )?
    .execute(params![AT_ONCE, int(most.saturating_sub(1))])?;
    Ok(())
}

fn keep(conn: &Conn, kept: &KeptSession) -> db::Result<()> {
    conn.prepare_cached(
        "INSERT INTO sessions (digest, id, factors, created, expires, lasts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        kept.digest.0,
        kept.session.user.as_uuid().as_bytes(),
        kept.factors.0,
        kept.session.created.as_micros(),
        kept.session.expires.as_micros(),
        kept.lasts,
    ])
    .map(drop)
}

fn find(conn: &Conn, digest: SecretDigest) -> Result<Option<KeptSession>, DirectoryError> {
    let read = |row: &Row<'_>| {
        Ok(KeptSession {
            digest,
            session: Session {
                user: UserId::from_uuid(Uuid::from_bytes(row.get(0)?)),
                created: Timestamp::from_micros(row.get(2)?),
                expires: Timestamp::from_micros(row.get(3)?),
            },
            factors: SecretDigest(row.get(1)?),
            lasts: row.get(4)?,
        })
    };
    Ok(conn
        .prepare_cached(
            "SELECT id, factors, created, expires, lasts FROM sessions WHERE digest = ?1",
        )?
        .query_row(params![digest.0], read)
        .optional()?)
}

/// Whether one has ended.
pub(super) fn has_ended(conn: &Conn, now: Timestamp) -> Result<bool, DirectoryError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM sessions WHERE expires <= ?1 LIMIT 1")?
        .exists(params![now.as_micros()])?)
}

/// Removes those that have ended.
pub(super) fn forget(conn: &Conn, now: Timestamp) -> Result<(), DirectoryError> {
    conn.prepare_cached("DELETE FROM sessions WHERE expires <= ?1")?
        .execute(params![now.as_micros()])?;
    Ok(())
}
