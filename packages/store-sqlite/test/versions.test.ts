/** A file of an older version is brought up, and everything is found in it. */

import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { contentId, groupId, leaseToken, messageId } from '@postroad/envelope'
import { createManualClock } from '@postroad/runtime'
import { expect, it } from 'vitest'
import { checkSqliteStore, openSqliteStore } from '../src/index.ts'
import { MIGRATIONS, SCHEMA_VERSION } from '../src/schema.ts'
import { look } from './entry.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const NOW = 1_700_000_000_000

/** As version 1 wrote it. Kept here for ever: the text in the source must stay the same. */
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

/** As version 2 wrote it, over version 1. Kept here for ever, too. */
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

/** Entries in every state; small content, content in pieces, and pieces that nothing names; an id, a record, limits. */
const ROWS = `
  INSERT INTO grp VALUES (1, 'example.org', 5, 1, 1, 1, 0, 0, NULL, NULL, NULL, 0);
  INSERT INTO grp VALUES (2, 'paused.test', 1, 0, 0, 0, ${NOW + 10_000}, 0, ${NOW + 10_000}, 7, 3, ${NOW});
  INSERT INTO entry VALUES (1, 'ready.0', 1, 0, 0, ${NOW}, ${NOW - 9}, 0, 0, 0, 0, NULL, NULL, 'small', NULL, '{"sender":"a"}', 'ready');
  INSERT INTO entry VALUES (2, 'later.0', 1, 0, 0, ${NOW + 5_000}, ${NOW - 8}, 2, 0, 0, 0, NULL, NULL, 'large', NULL, '{}', 'later');
  INSERT INTO entry VALUES (3, 'leased.0', 1, 1, 0, ${NOW}, ${NOW - 7}, 1, 0, 0, 0, 'abc', ${NOW + 60_000}, 'large', NULL, '{}', 'leased');
  INSERT INTO entry VALUES (4, 'held.0', 1, 2, 0, ${NOW}, ${NOW - 6}, 1, 0, 0, 0, NULL, NULL, NULL, 'because', '{}', 'held');
  INSERT INTO entry VALUES (5, 'back.0', 1, 0, 5, ${NOW}, ${NOW - 5}, 1, 0, 1, 0, 'def', NULL, NULL, NULL, '{}', 'back');
  INSERT INTO entry VALUES (6, 'paused.0', 2, 0, 0, ${NOW}, ${NOW - 4}, 0, 0, 0, 0, NULL, NULL, NULL, NULL, '{}', 'paused');
  UPDATE entry SET job = CAST(job AS BLOB);
  INSERT INTO lane VALUES (1, 0, 1, ${NOW}, 0), (1, 5, 1, ${NOW}, 0), (2, 0, 2, ${NOW}, 0);
  INSERT INTO content VALUES (1, 'small', 1, 0, NULL, 5, CAST('small' AS BLOB));
  INSERT INTO content VALUES (2, 'large', 2, 1, NULL, 300002, CAST('P:' AS BLOB));
  INSERT INTO piece VALUES (1, 2, 0, zeroblob(262144)), (2, 2, 262144, zeroblob(37856));
  INSERT INTO content VALUES (3, 'staged', 0, 1, ${NOW - 1}, 0, zeroblob(0));
  INSERT INTO piece VALUES (3, 3, 0, zeroblob(1000));
  INSERT INTO settled VALUES (1, 'done.0', ${NOW + 60_000});
  INSERT INTO journal VALUES (1, 'ready', 'ready.0', ${NOW}, 'attempt.deferred', '{"code":450}', ${NOW});
  INSERT INTO mark VALUES ('marked', ${NOW + 60_000});
  INSERT INTO place VALUES ('slots', 'permit', ${NOW + 60_000});
`

/** What version 2 added to these rows. */
const ROWS_2 = `
  UPDATE entry SET last_reply = '450 later' WHERE id = 'later.0';
  INSERT INTO content VALUES (4, 'file', 0, 2, NULL, 9, zeroblob(0));
  DELETE FROM content WHERE id = 'file';
  INSERT INTO unlinking VALUES (1, 'file', 0);
`

/** A file of an older version, by the number of it. */
const create = async (version: number): Promise<string> => {
  const path = join(await createFolder(), 'mail.db')
  const database = new DatabaseSync(path)
  database.exec('PRAGMA page_size = 32768; PRAGMA journal_mode = WAL')
  database.exec(VERSION_1)
  database.exec(ROWS)
  if (version > 1) database.exec(VERSION_2 + ROWS_2)
  database.exec(`PRAGMA application_id = 1347580275; PRAGMA user_version = ${version}`)
  database.close()
  return path
}

it('keeps the text of versions that were released', () => {
  expect(MIGRATIONS.slice(0, 2).map((text) => text.trim())).toEqual([VERSION_1.trim(), VERSION_2.trim()])
})

it.each([1, 2])('finds everything that version %i wrote', async (version) => {
  const path = await create(version)
  const clock = createManualClock(NOW)
  const store = await openSqliteStore({ path, codec: textCodec, clock })
  const { items } = await store.control.list({}, { limit: 100 })
  expect(items.map(({ job, state }) => [job, state])).toEqual([
    ['ready', 'ready'],
    ['later', 'waiting'],
    ['leased', 'leased'],
    ['held', 'held'],
    ['back', 'ready'],
    ['paused', 'ready'],
  ])
  expect(items.map(({ lastReply }) => lastReply)).toEqual(
    items.map(({ job }) => (version > 1 && job === 'later' ? '450 later' : undefined)),
  )
  expect((await store.control.counts({ limit: 10 })).items).toMatchObject([
    { group: 'example.org', ready: 2, waiting: 1, leased: 1, held: 1, concurrency: 20 },
    { group: 'paused.test', ready: 1, pausedUntil: NOW + 10_000, concurrency: 3 },
  ])
  const lease = async (): Promise<unknown> =>
    (await store.queue.lease(look)).map(({ job, recovered }) => [job, recovered])
  expect(await lease()).toEqual([['back', true]])
  expect(await lease()).toEqual([['ready', false]])
  await clock.advance(5_000)
  expect(await lease()).toEqual([['later', false]])
  await clock.advance(5_000)
  expect(await lease()).toEqual([['paused', false]])
  // The id that is remembered is passed over.
  const done = { job: 'x', group: groupId('example.org'), priority: 0, notBefore: 0, labels: {} }
  await store.queue.enqueue([{ ...done, id: 'done.0' as never }])
  expect(await lease()).toEqual([])
  // A token that version 1 gave, and content in pieces, which goes with the last that names it.
  const read = async (id: string): Promise<number> => {
    let size = 0
    for await (const chunk of store.spool.open(contentId(id))) size += chunk.length
    return size
  }
  expect(await read('small')).toBe(5)
  expect(await read('large')).toBe(300_002)
  const settled = await store.queue.settle([{ token: leaseToken('3.abc'), kind: 'done' }])
  expect(settled).toEqual([{ kind: 'settled', released: [] }])
  expect(await read('large')).toBe(300_002)
  const removed = await store.control.apply({ kind: 'drop' }, { ids: items.map(({ id }) => id) }, { limit: 100 })
  expect(removed).toMatchObject({ changed: 1, leased: 4 })
  expect(await store.spool.sweep(async () => new Set())).toMatchObject({ removed: 1 })
  expect(await store.journal.read(messageId('ready'))).toMatchObject([
    { event: 'attempt.deferred', detail: { code: 450 } },
  ])
  expect(await store.limits.mark('marked', 1_000)).toBe('seen')
  const slots = { kind: 'concurrency', name: 'slots', places: 1 } as const
  expect(await store.limits.take([slots], 1, 1_000)).toMatchObject({ kind: 'refused' })
  await store[Symbol.asyncDispose]()
  expect(await checkSqliteStore({ path, clock })).toMatchObject({ version: SCHEMA_VERSION, findings: [] })
})

it.each([1, 2])('leaves a file of version %i as it is where it is only checked', async (old) => {
  const path = await create(old)
  const { version, findings } = await checkSqliteStore({ path })
  expect(version).toBe(old)
  expect(findings).toMatchObject([
    { severity: 'leftover', what: `is of version ${old}; only its pages were looked at` },
  ])
})

it('may be brought up by several processes at once', async () => {
  const path = await create(1)
  const clock = createManualClock(NOW)
  const stores = await Promise.all([1, 2, 3, 4].map(() => openSqliteStore({ path, codec: textCodec, clock })))
  for (const store of stores) expect((await store.control.list({}, { limit: 100 })).items).toHaveLength(6)
  for (const store of stores) await store[Symbol.asyncDispose]()
})

it('says why it cannot be brought up, and leaves version 1 as it was', async (test) => {
  test.skip(process.platform === 'win32', 'Windows has no limit for the length of files')
  const path = await create(1)
  const program = join(import.meta.dirname, 'programs/enqueue-on-request.ts')
  // No file may grow beyond 96 or 192 KiB: the log of the migration does.
  const limited = 'trap "" XFSZ; ulimit -f 192; exec "$@"'
  const child = spawn('sh', ['-c', limited, 'sh', process.execPath, ...process.execArgv, program, path])
  child.stdin.end()
  const said = await text(child.stderr)
  expect(said).toMatch(/(the disk could not be read or written|the disk is full): /)
  expect((await checkSqliteStore({ path })).version).toBe(1)
})
