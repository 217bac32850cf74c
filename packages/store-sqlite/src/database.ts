/**
 * The database file: how it is opened, what lies in it, and its version.
 *
 * Write-ahead log; 32 KiB pages, so that content of usual size lies in one page with its row; the writer commits with
 * `synchronous=FULL` what must be durable. Who opens a file of a newer version is refused before anything is read.
 */

import { pathToFileURL } from 'node:url'
import { DatabaseSync } from 'node:sqlite'
import type { Bounds } from './bounds.ts'
import { isLocked, isSyncFailure, UnknownSchema } from './faults.ts'
import { type FileIdentity, requireSame } from './guard.ts'
import { integer } from './row.ts'
import { MIGRATIONS, SCHEMA_VERSION } from './schema.ts'

/** `PRAGMA application_id` of our files: "PRqs". */
const APPLICATION_ID = 0x5052_7173

/** How long between tries to open, in milliseconds. */
const RETRY_MS = 20

/**
 * Opens the file for the writer; makes it where it is not there. Waits for others that open it at the same time: SQLite
 * does not wait by itself while the kind of log is changed. Blocks the thread meanwhile.
 *
 * @param identity Of the file that this process has opened before: then no other is opened, and none is made.
 */
export function openForWriting(path: string, bounds: Bounds, identity?: FileIdentity): DatabaseSync {
  for (let tries = bounds.lockWaitMs / RETRY_MS; ; tries -= 1) {
    try {
      return openOnce(path, bounds, identity)
    } catch (error) {
      if (tries <= 0 || !isLocked(error)) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
    }
  }
}

function openOnce(path: string, { lockWaitMs, checkpointBytes }: Bounds, identity?: FileIdentity): DatabaseSync {
  requireSame(path, identity)
  const file = identity === undefined ? path : thereAlready(path)
  const database = new DatabaseSync(file, { timeout: lockWaitMs, enableForeignKeyConstraints: false })
  try {
    // It may have been replaced just before it was opened.
    requireSame(path, identity)
    const version = look(database)
    database.exec('PRAGMA page_size = 32768')
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    database.exec('PRAGMA wal_autocheckpoint = 0')
    // A log that was moved whole is begun anew in the same file, cut to this: a longer one is a log that is in use.
    database.exec(`PRAGMA journal_size_limit = ${checkpointBytes}`)
    database.exec('PRAGMA cache_size = -8192')
    database.exec('PRAGMA temp_store = MEMORY')
    moveLeftLog(database)
    // Only then is the lock needed, which somebody busy may hold.
    if (version < SCHEMA_VERSION) migrate(database)
    lookAgain(database)
    // From now on waiting for the lock is the turn's.
    database.exec('PRAGMA busy_timeout = 0')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Moves what a process that was killed left in the log, as far as nobody reads it: where the disk had not kept that, which
 * died with the process, what is written behind it would be lost with it. After an orderly end there is nothing.
 */
function moveLeftLog(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)')
  } catch (error) {
    // A disk that did not keep it is said once. A full one does no harm: whoever writes hears of it.
    if (isSyncFailure(error)) throw error
  }
}

/** Lanes that were set aside for damage are looked at anew: the page may be whole again. */
function lookAgain(database: DatabaseSync): void {
  try {
    if (database.prepare('SELECT 1 FROM lane WHERE state = 3 LIMIT 1').get() === undefined) return
    database.exec('UPDATE lane SET state = 0, due_at = 0 WHERE state = 3')
  } catch (error) {
    // Where that is damaged too, or the disk is full, the rest goes on without.
    if (isLocked(error) || isSyncFailure(error)) throw error
  }
}

/** Opens the file for a check: it must be there, and nothing is written. Of any version that this code knows. */
export function openForChecking(
  path: string,
  { lockWaitMs }: Bounds,
): { readonly database: DatabaseSync; readonly version: number } {
  const database = new DatabaseSync(path, { timeout: lockWaitMs, readOnly: true })
  try {
    const version = look(database)
    if (version === 0) throw new UnknownSchema('the database is empty')
    return { database, version }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Brings the file to the present version, all at once. */
function migrate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    // Looked at again: two processes may have come to an old or empty file at once.
    const version = versionOf(database)
    for (const step of MIGRATIONS.slice(version)) database.exec(step)
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
    database.exec('COMMIT')
  } catch (error) {
    // SQLite rolls some faults back by itself, and would say so instead of what went wrong.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** A database that must be there: where it was moved away, none is made in its place. */
function thereAlready(path: string): URL {
  const file = pathToFileURL(path)
  file.searchParams.set('mode', 'rw')
  return file
}

/**
 * Opens the file for a reader: it must be there, made by a writer. Checkpoints need a connection that may write.
 *
 * @param identity As for `openForWriting`.
 */
export function openForReading(path: string, { lockWaitMs }: Bounds, identity?: FileIdentity): DatabaseSync {
  requireSame(path, identity)
  const database = new DatabaseSync(thereAlready(path), { timeout: lockWaitMs, enableForeignKeyConstraints: false })
  try {
    requireSame(path, identity)
    look(database)
    database.exec('PRAGMA wal_autocheckpoint = 0')
    database.exec('PRAGMA cache_size = -2048')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** The file's version; refuses one that is not ours. In one transaction, for another process may be making it right now. */
function look(database: DatabaseSync): number {
  database.exec('BEGIN')
  const version = versionOf(database)
  database.exec('COMMIT')
  return version
}

/** The file's version; 0 where it is new. Refuses one that is not ours. */
function versionOf(database: DatabaseSync): number {
  const version = integer(database.prepare('PRAGMA user_version').get() ?? {}, 'user_version')
  refuseNewer(version)
  const application = integer(database.prepare('PRAGMA application_id').get() ?? {}, 'application_id')
  const isOurs = version === 0 ? application === 0 && isEmpty(database) : application === APPLICATION_ID
  if (!isOurs) throw new UnknownSchema('the database was made by another program')
  return version
}

/**
 * Refuses a version that this code does not know.
 *
 * @throws {UnknownSchema}
 */
export function refuseNewer(version: number): void {
  if (version <= SCHEMA_VERSION) return
  throw new UnknownSchema(
    `the database is of version ${version}, written by a newer release; this one knows up to ${SCHEMA_VERSION}`,
  )
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
}
