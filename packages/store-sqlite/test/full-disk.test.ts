/** A disk that is full, or may not be written: callers are told, nothing acknowledged is lost, and it mends by itself. */

import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { entryId, createEntryId, groupId, messageId } from '@postroad/envelope'
import { expect, it } from 'vitest'
import { openSqliteStore } from '../src/index.ts'
import { openThreads } from '../src/store.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const PROGRAM = join(import.meta.dirname, 'programs/enqueue-until-full.ts')

it('refuses what does not fit, and keeps what it acknowledged', async (test) => {
  test.skip(process.platform === 'win32', 'Windows has no limit for the length of files')
  const folder = await createFolder()
  // No file may grow beyond 16 or 32 MiB: shells count in pieces of 512 or of 1,024 bytes.
  const limited = 'trap "" XFSZ; ulimit -f 32768; exec "$@"'
  const child = spawn('sh', ['-c', limited, 'sh', process.execPath, ...process.execArgv, PROGRAM, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = (await text(child.stdout)).trimEnd().split('\n')
  const kept = lines.filter((line) => line.startsWith('kept ')).map((line) => entryId(line.slice(5)))
  const refused = lines.filter((line) => line.startsWith('refused the disk '))
  expect(kept.length).toBeGreaterThan(2)
  expect(refused).toHaveLength(10)
  expect([...kept, ...refused, 'disposed']).toHaveLength(lines.length)

  const store = await openSqliteStore({ path: folder, codec: textCodec })
  const { items } = await store.control.list({}, { limit: 1_000 })
  expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(kept))
  for (const { content, job } of items) {
    const n = Number(job?.slice(1))
    let size = 0
    for await (const chunk of store.spool.open(content ?? expect.fail())) {
      expect(chunk.every((byte) => byte === (n & 255))).toBe(true)
      size += chunk.length
    }
    expect(size).toBe(n % 3 === 0 ? 400_000 : 100_000)
  }
  await store[Symbol.asyncDispose]()
  const database = new DatabaseSync(join(folder, 'postroad.sqlite'))
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  database.close()
})

it('says that another process holds the lock, and goes on once it is free', async () => {
  const folder = await createFolder()
  const { store } = await openThreads({ path: folder, codec: textCodec }, { lockWaitMs: 50, lookMs: 500 })
  const database = new DatabaseSync(join(folder, 'postroad.sqlite'))
  const entry = {
    id: createEntryId(messageId('a'), 0),
    job: 'a',
    group: groupId('example.org'),
    priority: 0,
    notBefore: 0,
    labels: {},
  }
  const look = { limit: 1, durationMs: 60_000, waitMs: 600_000 }
  const waiting = store.queue.lease(look)
  await store.queue.lease({ ...look, waitMs: 0 })
  database.exec('BEGIN IMMEDIATE')
  const locked = { code: 'QUEUE_UNAVAILABLE', message: expect.stringContaining('locked by another process') }
  const writing = store.queue.enqueue([entry])
  await expect(writing).rejects.toMatchObject(locked)
  // Whoever waits hears of it at its next look.
  await expect(waiting).rejects.toMatchObject(locked)
  database.exec('ROLLBACK')
  await store.queue.enqueue([entry])
  expect(await store.queue.lease(look)).toMatchObject([{ job: 'a', attempt: 0 }])
  database.close()
  await store[Symbol.asyncDispose]()
})
