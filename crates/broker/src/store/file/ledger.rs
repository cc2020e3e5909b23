//! What stands in the store's file. Each call runs inside the transaction that its thread has begun.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use crate::store::{
    COPIES_PER_SESSION, COPIES_PER_SIGN_IN, ClaimKey, ReplayCopy, ReplayIndex, SessionId, SessionRecord, Target,
};

/// Seconds between two sweeps, by the clock of the calls.
const SWEEP_EVERY: u64 = 60;

/// A session's last use and its expiry.
#[derive(Clone, Copy)]
struct Use {
    at: i64,
    expires_at: i64,
}

/// The open file, and the uses of sessions that it does not know yet.
///
/// A use is exact here at once and in the file within about a minute: a write for each request would make every one of
/// them wait for the disk. What a crash takes is that minute, by which a session then ends early, never late; a revocation
/// is in the file before it is answered.
pub(super) struct Ledger {
    connection: Connection,
    /// Bytes of sealed answers, at most.
    copy_limit: i64,
    copy_bytes: i64,
    uses: HashMap<SessionId, Use>,
    /// Uses that were written in the transaction under way.
    written: HashMap<SessionId, Use>,
    swept_at: i64,
    /// Something could not be written, and nothing has shown since that it can.
    has_failed: bool,
}

impl Ledger {
    /// The ledger in an open file, with room for `copy_limit` bytes of sealed answers.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn new(connection: Connection, copy_limit: i64) -> Result<Self> {
        let mut ledger = Self {
            connection,
            copy_limit,
            copy_bytes: 0,
            uses: HashMap::new(),
            written: HashMap::new(),
            swept_at: i64::MIN,
            has_failed: false,
        };
        ledger.count_copies()?;
        Ok(ledger)
    }

    /// Begins a transaction; without a change it costs no trip to the disk.
    pub(super) fn begin(&self) -> Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")
    }

    /// Everything since [`Ledger::begin`] is on the disk.
    pub(super) fn commit(&mut self) -> Result<()> {
        self.connection.execute_batch("COMMIT")?;
        self.written.clear();
        Ok(())
    }

    /// Nothing since [`Ledger::begin`] has happened; uses are still known.
    pub(super) fn roll_back(&mut self) {
        self.has_failed = true;
        if !self.connection.is_autocommit() {
            // SQLite has rolled back by itself where this fails.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        for (id, written) in self.written.drain() {
            // What is there is younger.
            self.uses.entry(id).or_insert(written);
        }
        if self.count_copies().is_err() {
            tracing::error!("the store's file can not be read");
        }
    }

    fn count_copies(&mut self) -> Result<()> {
        let sum = "SELECT coalesce(sum(length(sealed)), 0) FROM copies";
        self.copy_bytes = self.connection.query_row(sum, [], |row| row.get(0))?;
        Ok(())
    }

    /// After a failure, whether the disk takes a write again; it costs nothing where there was none.
    pub(super) fn prove(&mut self) -> Result<()> {
        if self.has_failed {
            let version: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            self.connection.pragma_update(None, "user_version", version)?;
            self.has_failed = false;
        }
        Ok(())
    }

    /// Sets the claim if it is absent or over.
    pub(super) fn claim(&mut self, (kind, id): ClaimKey, now: i64, expires_at: i64) -> Result<bool> {
        self.sweep(now)?;
        let set = "INSERT INTO claims (kind, id, expires_at) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at WHERE claims.expires_at <= ?4";
        let mut set = self.connection.prepare_cached(set)?;
        Ok(set.execute(params![kind.as_str(), id, expires_at, now])? == 1)
    }

    /// Keeps a new session. One that is known stays as it is: nothing takes a revocation back.
    pub(super) fn open_session(&mut self, session: &SessionRecord) -> Result<()> {
        self.sweep(session.first_use)?;
        let open = "INSERT INTO sessions (id, subject, first_use, last_use, expires_at, revoked_since)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
        let SessionRecord { id, subject, first_use, last_use, expires_at, revoked_since } = session;
        let values = params![id.0, subject, first_use, last_use, expires_at, revoked_since];
        self.connection.prepare_cached(open)?.execute(values)?;
        Ok(())
    }

    /// Notes a use, where the session stands.
    pub(super) fn use_session(&mut self, id: SessionId, now: i64, expires_at: i64) -> Result<bool> {
        self.sweep(now)?;
        let standing = "SELECT last_use, expires_at FROM sessions WHERE id = ?1 AND revoked_since IS NULL";
        let mut standing = self.connection.prepare_cached(standing)?;
        let known =
            standing.query_row([id.0], |row| Ok(Use { at: row.get(0)?, expires_at: row.get(1)? })).optional()?;
        let Some(in_file) = known else { return Ok(false) };
        let known = self.uses.get(&id).copied().unwrap_or(in_file);
        if known.expires_at <= now {
            return Ok(false);
        }
        let used = Use { at: known.at.max(now), expires_at: known.expires_at.max(expires_at) };
        self.uses.insert(id, used);
        Ok(true)
    }

    /// The sessions that are not over, in the order of their ids.
    pub(super) fn sessions(&mut self, subject: Option<&str>, now: i64) -> Result<Vec<SessionRecord>> {
        self.write_uses()?;
        let live = "SELECT id, subject, first_use, last_use, expires_at, revoked_since FROM sessions
                    WHERE expires_at > ?1 AND (?2 IS NULL OR subject = ?2) ORDER BY id";
        let mut live = self.connection.prepare_cached(live)?;
        live.query_map(params![now, subject], record)?.collect()
    }

    /// Ends sessions and drops their sealed answers; how many were ended.
    pub(super) fn revoke(&mut self, target: &Target, now: i64) -> Result<u64> {
        self.write_uses()?;
        let which = match target {
            Target::Session(_) => "id = ?2",
            Target::Subject(_) => "subject = ?2",
            Target::All => "?2 IS NULL",
        };
        let whom = match target {
            Target::Session(id) => rusqlite::types::Value::Blob(id.0.to_vec()),
            Target::Subject(subject) => subject.clone().into(),
            Target::All => rusqlite::types::Value::Null,
        };
        let end = format!(
            "UPDATE sessions SET revoked_since = ?1
             WHERE expires_at > ?1 AND revoked_since IS NULL AND {which} RETURNING id"
        );
        let mut end = self.connection.prepare_cached(&end)?;
        let ended: Vec<[u8; 16]> = end.query_map(params![now, whom], |row| row.get(0))?.collect::<Result<_>>()?;
        drop(end);
        for session in &ended {
            self.drop_copies("session = ?1", params![session])?;
        }
        Ok(ended.len() as u64)
    }

    /// Keeps a sealed answer; the oldest make room for it.
    pub(super) fn keep_copy(&mut self, copy: &ReplayCopy, now: i64) -> Result<()> {
        self.sweep(now)?;
        self.drop_copies("name = ?1", params![copy.index])?;
        self.drop_outlived(copy.index)?;
        let keep = "INSERT INTO copies (name, next, session, sealed, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![copy.index, copy.next, copy.session.0, copy.sealed, copy.expires_at];
        self.connection.prepare_cached(keep)?.execute(values)?;
        self.copy_bytes += i64::try_from(copy.sealed.len()).unwrap_or(i64::MAX);
        let too_many = "age IN (SELECT age FROM copies WHERE session = ?1 ORDER BY age DESC LIMIT -1 OFFSET ?2)";
        self.drop_copies(too_many, params![copy.session.0, i64::try_from(COPIES_PER_SESSION).unwrap_or(0)])?;
        if self.copy_bytes > self.copy_limit {
            self.drop_copies("expires_at <= ?1", params![now])?;
        }
        while self.copy_bytes > self.copy_limit
            && self.drop_copies("age = (SELECT min(age) FROM copies)", params![])? > 0
        {}
        Ok(())
    }

    /// Drops what so many answers of the same sign-in have followed.
    fn drop_outlived(&mut self, index: ReplayIndex) -> Result<()> {
        let mut outlived = index;
        for _ in 0..COPIES_PER_SIGN_IN {
            let before = "SELECT name FROM copies WHERE next = ?1";
            let mut before = self.connection.prepare_cached(before)?;
            match before.query_row(params![outlived], |row| row.get(0)).optional()? {
                Some(name) => outlived = name,
                None => return Ok(()),
            }
        }
        self.drop_copies("name = ?1", params![outlived]).map(drop)
    }

    /// The sealed answer of that name.
    pub(super) fn copy(&self, index: ReplayIndex, now: i64) -> Result<Option<Vec<u8>>> {
        let find = "SELECT sealed FROM copies WHERE name = ?1 AND expires_at > ?2";
        self.connection.prepare_cached(find)?.query_row(params![index, now], |row| row.get(0)).optional()
    }

    /// Drops the copies that `condition` names; how many.
    fn drop_copies(&mut self, condition: &str, values: impl rusqlite::Params) -> Result<usize> {
        let delete = format!("DELETE FROM copies WHERE {condition} RETURNING length(sealed)");
        let mut delete = self.connection.prepare_cached(&delete)?;
        let dropped: Vec<i64> = delete.query_map(values, |row| row.get(0))?.collect::<Result<_>>()?;
        self.copy_bytes -= dropped.iter().sum::<i64>();
        Ok(dropped.len())
    }

    /// Once a minute: writes what was used and drops what is over.
    fn sweep(&mut self, now: i64) -> Result<()> {
        if now.abs_diff(self.swept_at) < SWEEP_EVERY {
            return Ok(());
        }
        self.swept_at = now;
        self.write_uses()?;
        self.connection.prepare_cached("DELETE FROM claims WHERE expires_at <= ?1")?.execute([now])?;
        self.connection.prepare_cached("DELETE FROM sessions WHERE expires_at <= ?1")?.execute([now])?;
        self.drop_copies("expires_at <= ?1", params![now])?;
        Ok(())
    }

    /// Writes the uses that the file does not know.
    pub(super) fn write_uses(&mut self) -> Result<()> {
        let note = "UPDATE sessions SET last_use = ?2, expires_at = ?3 WHERE id = ?1";
        let mut note = self.connection.prepare_cached(note)?;
        let uses = std::mem::take(&mut self.uses);
        // All of them first: should the file refuse one, a rollback takes them back from there.
        self.written.extend(&uses);
        for (id, used) in uses {
            note.execute(params![id.0, used.at, used.expires_at])?;
        }
        Ok(())
    }
}

fn record(row: &Row<'_>) -> Result<SessionRecord> {
    Ok(SessionRecord {
        id: SessionId(row.get(0)?),
        subject: row.get(1)?,
        first_use: row.get(2)?,
        last_use: row.get(3)?,
        expires_at: row.get(4)?,
        revoked_since: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ClaimKind;

    #[test]
    fn a_rollback_takes_back_what_was_kept_and_not_what_was_noted() {
        let connection = Connection::open_in_memory().expect("memory");
        connection.execute_batch(include_str!("0001_claims_sessions_copies.sql")).expect("tables");
        let mut ledger = Ledger::new(connection, 100).expect("tables");
        let id = SessionId([1; 16]);
        let session = SessionRecord {
            id,
            subject: "ana".into(),
            first_use: 0,
            last_use: 0,
            expires_at: 100,
            revoked_since: None,
        };
        let copy = ReplayCopy { index: [1; 32], next: [2; 32], session: id, sealed: vec![0; 10], expires_at: 100 };
        ledger.begin().expect("begun");
        ledger.open_session(&session).expect("room");
        assert!(ledger.use_session(id, 10, 110).expect("a row"));
        ledger.commit().expect("kept");

        ledger.begin().expect("begun");
        assert!(ledger.claim((ClaimKind::Grant, [1; 16]), 20, 80).expect("room"));
        ledger.keep_copy(&copy, 20).expect("room");
        assert_eq!((ledger.revoke(&Target::All, 20).expect("rows"), ledger.copy_bytes), (1, 0));
        ledger.keep_copy(&copy, 20).expect("room");
        ledger.roll_back();
        assert_eq!((ledger.copy_bytes, ledger.has_failed), (0, true));

        ledger.begin().expect("begun");
        assert!(ledger.claim((ClaimKind::Grant, [1; 16]), 20, 80).expect("room"), "as if it had never been");
        let noted = SessionRecord { last_use: 10, expires_at: 110, ..session };
        assert_eq!(ledger.sessions(None, 20).expect("rows"), [noted], "the use was before");
        ledger.prove().expect("it can be written");
        ledger.commit().expect("kept");
        assert!(!ledger.has_failed && ledger.uses.is_empty() && ledger.written.is_empty());
    }
}
