/**
 * What lies in the database, version by version. A file of an older version is brought up one step after the other in
 * the transaction that opens it; the text of a version that was released is never changed.
 */

/**
 * Version 1.
 *
 * - `entry`: `serial` is the arrival. `state`: 0 queued, 1 leased, 2 held. `nonce` is the secret part of the last
 *   lease's token, kept after it ran out until somebody else is given the entry.
 * - `grp`: one group, its counters and its pace. `opens_at`: when a pause or parking ends next.
 * - `lane`: the queued entries of one group and priority. `state`: 0 first entry not due yet (`due_at`), 1 ready, in the
 *   order of `turn`, 2 group closed.
 * - `content`: `front` is all of small content, or the prefix of content whose body lies in `piece`. `names` counts the
 *   entries that name it; 0 is staged, and may be swept from `expires_at`.
 * - `settled`: ids remembered, in the order they were settled.
 */
const VERSION_1 = `
  CREATE TABLE grp (
    serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    entries INTEGER NOT NULL, leased INTEGER NOT NULL, held INTEGER NOT NULL, open INTEGER NOT NULL,
    paused_until INTEGER NOT NULL, parked_until INTEGER NOT NULL, opens_at INTEGER,
    concurrency INTEGER, pace INTEGER, feedback_at INTEGER NOT NULL);
  CREATE INDEX grp_opens ON grp (opens_at) WHERE opens_at IS NOT NULL;
  CREATE INDEX grp_empty ON grp (feedback_at) WHERE entries = 0;

  CREATE TABLE entry (
    serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, grp INTEGER NOT NULL, state INTEGER NOT NULL,
    priority INTEGER NOT NULL, not_before INTEGER NOT NULL, enqueued_at INTEGER NOT NULL,
    leases INTEGER NOT NULL, deaths INTEGER NOT NULL, recovered INTEGER NOT NULL, alone INTEGER NOT NULL,
    nonce TEXT, lease_until INTEGER, content TEXT, held_for TEXT, labels TEXT NOT NULL, job BLOB NOT NULL);
  CREATE INDEX entry_due ON entry (grp, priority, not_before, serial) WHERE state = 0;
  CREATE INDEX entry_leased ON entry (lease_until) WHERE state = 1;

  CREATE TABLE lane (
    grp INTEGER NOT NULL, priority INTEGER NOT NULL, state INTEGER NOT NULL, due_at INTEGER NOT NULL, turn INTEGER NOT NULL,
    PRIMARY KEY (grp, priority)) WITHOUT ROWID;
  CREATE INDEX lane_ready ON lane (priority, turn) WHERE state = 1;
  CREATE INDEX lane_due ON lane (due_at) WHERE state = 0;

  CREATE TABLE content (
    serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, names INTEGER NOT NULL, chunked INTEGER NOT NULL,
    expires_at INTEGER, size INTEGER NOT NULL, front BLOB NOT NULL);
  CREATE INDEX content_staged ON content (expires_at) WHERE names = 0;
  CREATE TABLE piece (serial INTEGER PRIMARY KEY, content INTEGER NOT NULL, start INTEGER NOT NULL, bytes BLOB NOT NULL);
  CREATE UNIQUE INDEX piece_of ON piece (content, start);

  CREATE TABLE settled (serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, until INTEGER NOT NULL);

  CREATE TABLE journal (
    serial INTEGER PRIMARY KEY, message TEXT NOT NULL, entry TEXT, at INTEGER NOT NULL, event TEXT NOT NULL,
    detail TEXT NOT NULL, kept_at INTEGER NOT NULL);
  CREATE INDEX journal_message ON journal (message, serial);

  CREATE TABLE bucket (name TEXT PRIMARY KEY, level REAL NOT NULL, at INTEGER NOT NULL, full_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX bucket_full ON bucket (full_at);
  CREATE TABLE place (
    name TEXT NOT NULL, permit TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (name, permit)) WITHOUT ROWID;
  CREATE INDEX place_until ON place (until);
  CREATE TABLE mark (name TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX mark_until ON mark (until);
`

/**
 * Version 2.
 *
 * - `entry.later`: 0 where the entry was due when it was added, settled or released, so that it is due whatever the clock
 *   says now; 1 where `not_before` was later than that.
 * - `entry.last_reply`: what the destination said last. `entry_held` and the wider `entry_leased` are what control walks.
 * - `lane.state` 3: none of its entries can be read, until another comes or somebody opens the file.
 * - `grp.changed`: the number of the transaction that last changed the group's counts while somebody followed `feed`.
 * - `feed`: one row. `epoch`: which following this is. `number`: of the last transaction that changed counts. `base`:
 *   who knows less has missed what was forgotten. `until`: followed until then, unless somebody asks again.
 * - `content.chunked`: 0 all of it is `front`, 1 its body lies in `piece` (written by version 1 alone), 2 all of it is a
 *   file beside the database, named as the content's id; `front` is empty then.
 * - `unlinking`: files that no content names any more, to be removed once that is durable. `asked`: how often somebody
 *   took them on; what is here cannot be named again.
 */
const VERSION_2 = `
  ALTER TABLE entry ADD COLUMN last_reply TEXT;
  ALTER TABLE entry ADD COLUMN later INTEGER NOT NULL DEFAULT 1;
  DROP INDEX entry_due;
  UPDATE entry SET later = 0 WHERE not_before <= enqueued_at;
  CREATE INDEX entry_due ON entry (grp, priority, later, not_before, serial) WHERE state = 0;
  DROP INDEX entry_leased;
  CREATE INDEX entry_leased ON entry (lease_until, grp) WHERE state = 1;
  CREATE INDEX entry_held ON entry (grp, serial) WHERE state = 2;

  CREATE INDEX lane_damaged ON lane (grp) WHERE state = 3;

  ALTER TABLE grp ADD COLUMN changed INTEGER;
  CREATE INDEX grp_changed ON grp (changed) WHERE changed IS NOT NULL;
  CREATE TABLE feed (
    serial INTEGER PRIMARY KEY, epoch TEXT NOT NULL, number INTEGER NOT NULL, base INTEGER NOT NULL, until INTEGER NOT NULL);
  INSERT INTO feed (serial, epoch, number, base, until) VALUES (1, '', 0, 0, 0);

  CREATE TABLE unlinking (serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, asked INTEGER NOT NULL);
`

/**
 * Version 3.
 *
 * - `due`: the queued entries, each lane's in its order, in the place of an index: groups take turns, so the next entry
 *   of each is on a page of its own where many wait, and an index would write that page for every lease.
 * - `taken`: how far a lane of a long group was leased from the front, in either order (`later`). Rows of `due` up to and
 *   with that are of no meaning any more, and go many at a time. `grp.taken` counts them.
 */
const VERSION_3 = `
  CREATE TABLE due (
    grp INTEGER NOT NULL, priority INTEGER NOT NULL, later INTEGER NOT NULL, not_before INTEGER NOT NULL, serial INTEGER NOT NULL,
    PRIMARY KEY (grp, priority, later, not_before, serial)) WITHOUT ROWID;
  INSERT INTO due (grp, priority, later, not_before, serial) SELECT grp, priority, later, not_before, serial
    FROM entry INDEXED BY entry_due WHERE state = 0 ORDER BY grp, priority, later, not_before, serial;
  DROP INDEX entry_due;
  CREATE TABLE taken (
    grp INTEGER NOT NULL, priority INTEGER NOT NULL, later INTEGER NOT NULL, not_before INTEGER NOT NULL, serial INTEGER NOT NULL,
    PRIMARY KEY (grp, priority, later)) WITHOUT ROWID;
  ALTER TABLE grp ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;
`

/** What takes the file from version n to n + 1, from the empty file (version 0) on. */
export const MIGRATIONS: readonly string[] = [VERSION_1, VERSION_2, VERSION_3]

/** Kept in `PRAGMA user_version`. A later version must read all before it. */
export const SCHEMA_VERSION: number = MIGRATIONS.length
