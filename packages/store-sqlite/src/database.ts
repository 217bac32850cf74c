/**
 * The database file: how it is opened, what lies in it, and its version.
 *
 * Write-ahead log; 32 KiB pages, so that content of usual size lies in one page with its row; the writer commits with
 * `synchronous=FULL` what must be durable. Who opens a file of a newer version is refused before anything is read.
 */

import { DatabaseSync } from 'node:sqlite'
import type { Bounds } from './bounds.ts'
import { isLocked, UnknownSchema } from './faults.ts'
import { integer } from './row.ts'

/** Kept in `PRAGMA user_version`. A later version must read all before it. */
export const SCHEMA_VERSION = 1

/** `PRAGMA application_id` of our files: "PRqs". */
const APPLICATION_ID = 0x5052_7173

/** How long between tries to open, in milliseconds. */
const RETRY_MS = 20

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
const SCHEMA = `
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
 * Opens the file for the writer; makes it where it is not there. Waits for others that open it at the same time: SQLite
 * does not wait by itself while the kind of log is changed. Blocks the thread meanwhile.
 */
export function openForWriting(path: string, bounds: Bounds): DatabaseSync {
  for (let tries = bounds.lockWaitMs / RETRY_MS; ; tries -= 1) {
    try {
      return openOnce(path, bounds)
    } catch (error) {
      if (tries <= 0 || !isLocked(error)) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
    }
  }
}

function openOnce(path: string, { lockWaitMs, checkpointBytes }: Bounds): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: lockWaitMs, enableForeignKeyConstraints: false })
  try {
    look(database)
    database.exec('PRAGMA page_size = 32768')
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    database.exec('PRAGMA wal_autocheckpoint = 0')
    // A log that was moved whole is begun anew in the same file, cut to this: a longer one is a log that is in use.
    database.exec(`PRAGMA journal_size_limit = ${checkpointBytes}`)
    database.exec('PRAGMA cache_size = -16384')
    database.exec('PRAGMA temp_store = MEMORY')
    database.exec('BEGIN IMMEDIATE')
    try {
      // Looked at again: two processes may have come to an empty file at once.
      if (refuseNewer(database) === 0) {
        database.exec(SCHEMA)
        database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
        database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
      }
      database.exec('COMMIT')
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Opens the file for a reader: it must be there, made by a writer. Checkpoints need a connection that may write. */
export function openForReading(path: string, { lockWaitMs }: Bounds): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: lockWaitMs, enableForeignKeyConstraints: false })
  try {
    look(database)
    database.exec('PRAGMA wal_autocheckpoint = 0')
    database.exec('PRAGMA cache_size = -4096')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Refuses a file that is not ours; in one transaction, for another process may be making it right now. */
function look(database: DatabaseSync): void {
  database.exec('BEGIN')
  refuseNewer(database)
  database.exec('COMMIT')
}

/** The file's version; 0 where it is new. */
function refuseNewer(database: DatabaseSync): number {
  const version = integer(database.prepare('PRAGMA user_version').get() ?? {}, 'user_version')
  if (version > SCHEMA_VERSION) {
    throw new UnknownSchema(
      `the database is of version ${version}, written by a newer release; this one knows up to ${SCHEMA_VERSION}`,
    )
  }
  const application = integer(database.prepare('PRAGMA application_id').get() ?? {}, 'application_id')
  const isOurs = version === 0 ? application === 0 && isEmpty(database) : application === APPLICATION_ID
  if (!isOurs) throw new UnknownSchema('the database was made by another program')
  return version
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
}
