/** What only the SQLite store does: its file, its threads, several processes. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { type LimitKey, type NewEntry, QueueUnavailableError } from '@postroad/queue'
import { describe, expect, it } from 'vitest'
import { SCHEMA_VERSION } from '../src/schema.ts'
import { openSqliteStore, type SqliteStoreEvent } from '../src/index.ts'
import { openThreads } from '../src/store.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const entry = (name: string): NewEntry<string> => ({
  id: createEntryId(messageId(name), 0),
  job: name,
  group: groupId('example.org'),
  priority: 0,
  notBefore: 0,
  labels: {},
})
const look = { limit: 100, durationMs: 60_000, waitMs: 0 }

describe('the file', () => {
  it('lies in a folder that is there, or is made', async () => {
    const folder = await createFolder()
    const store = await openSqliteStore({ path: `${folder}/deeper/`, codec: textCodec })
    await store[Symbol.asyncDispose]()
    expect(await readdir(join(folder, 'deeper'))).toEqual(['postroad.sqlite'])
  })

  it('has the name that was given', async () => {
    const folder = await createFolder()
    const store = await openSqliteStore({ path: join(folder, 'mail.db'), codec: textCodec })
    await store.queue.enqueue([entry('a')])
    await store[Symbol.asyncDispose]()
    expect(await readdir(folder)).toEqual(['mail.db'])
  })

  it('has pages of 32 KiB and a write-ahead log', async () => {
    const folder = await createFolder()
    const store = await openSqliteStore({ path: folder, codec: textCodec })
    await store[Symbol.asyncDispose]()
    const database = new DatabaseSync(join(folder, 'postroad.sqlite'))
    expect(database.prepare('PRAGMA page_size').get()).toEqual({ page_size: 32_768 })
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    database.close()
  })

  it('is refused where a newer release wrote it, and left as it is', async () => {
    const file = join(await createFolder(), 'mail.db')
    await (await openSqliteStore({ path: file, codec: textCodec }))[Symbol.asyncDispose]()
    const database = new DatabaseSync(file)
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`)
    database.close()
    const opening = openSqliteStore({ path: file, codec: textCodec })
    await expect(opening).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      message: expect.stringContaining(`version ${SCHEMA_VERSION + 1}, written by a newer release`),
    })
  })

  it('is refused where it is not ours', async () => {
    const file = join(await createFolder(), 'mail.db')
    const database = new DatabaseSync(file)
    database.exec('CREATE TABLE other (x)')
    database.close()
    await expect(openSqliteStore({ path: file, codec: textCodec })).rejects.toThrow('made by another program')
  })

  it('is refused where it is no database', async () => {
    const file = join(await createFolder(), 'mail.db')
    await writeFile(file, 'this is not a database, but it is long enough to look like one: '.repeat(20))
    const opening = openSqliteStore({ path: file, codec: textCodec })
    await expect(opening).rejects.toBeInstanceOf(QueueUnavailableError)
    await expect(openSqliteStore({ path: file, codec: textCodec })).rejects.toThrow('the file is not a database')
  })

  it('is refused where its folder cannot be made', async () => {
    const file = join(await createFolder(), 'a-file')
    await writeFile(file, '')
    const opening = openSqliteStore({ path: join(file, 'below', 'mail.db'), codec: textCodec })
    await expect(opening).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
  })
})

describe('the threads', () => {
  it('share one transaction between callers of one turn', async () => {
    const batches: number[] = []
    const observer = (event: SqliteStoreEvent): void => {
      if (event.kind === 'batch' && event.thread === 'writer') batches.push(event.requests)
    }
    const store = await openSqliteStore({ path: await createFolder(), codec: textCodec, observer })
    await Promise.all(Array.from({ length: 100 }, (_, n) => store.queue.enqueue([entry(`m${n}`)])))
    expect(batches).toEqual([100])
    await store[Symbol.asyncDispose]()
  })

  it('take one that cannot be done out of the batch of the others', async () => {
    const store = await openSqliteStore({ path: await createFolder(), codec: textCodec })
    const good = store.queue.enqueue([entry('good')])
    const impossible: LimitKey = { kind: 'rate', name: 'r', tokens: Number.NaN, perMs: 1 }
    const bad = store.limits.take([impossible], 1, 1_000)
    await good
    await expect(bad).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    expect((await store.queue.lease(look)).map(({ job }) => job)).toEqual(['good'])
    await store[Symbol.asyncDispose]()
  })

  it('reject what waits when they die, and what comes after', async () => {
    const { store, kill } = await openThreads({ path: await createFolder(), codec: textCodec }, { lookMs: 500 })
    const waiting = store.queue.lease({ ...look, waitMs: 600_000 })
    await store.queue.lease(look)
    const pending = [store.queue.enqueue([entry('a')]), store.limits.mark('x', 1_000)].map((one) =>
      one.catch((error: unknown) => error),
    )
    await kill()
    for (const one of await Promise.all(pending)) expect(one).toBeInstanceOf(QueueUnavailableError)
    await expect(store.queue.enqueue([entry('b')])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    await expect(waiting).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
    await store[Symbol.asyncDispose]()
  })
})

it('gives what it leased although an unreadable neighbour cannot be held just then', async () => {
  const path = await createFolder()
  const other: DatabaseSync[] = []
  const codec = {
    ...textCodec,
    decode: (bytes: Uint8Array): string => {
      const job = textCodec.decode(bytes)
      if (job !== 'unreadable') return job
      for (const database of other) database.exec('BEGIN IMMEDIATE')
      throw new Error('not a job')
    },
  }
  const { store } = await openThreads({ path, codec }, { lockWaitMs: 20 })
  await store.queue.enqueue([entry('good')])
  await store.queue.enqueue([{ ...entry('bad'), job: 'unreadable' }])
  other.push(new DatabaseSync(join(path, 'postroad.sqlite')))
  expect((await store.queue.lease(look)).map(({ job }) => job)).toEqual(['good'])
  for (const database of other.splice(0)) database.close()
  await store[Symbol.asyncDispose]()
})

describe('several stores on one file', () => {
  it('may make it at the same time', async () => {
    const path = await createFolder()
    const stores = await Promise.all(Array.from({ length: 6 }, () => openSqliteStore({ path, codec: textCodec })))
    await Promise.all(stores.map((store, n) => store.queue.enqueue([entry(`m${n}`)])))
    expect((await stores[0]?.queue.lease(look))?.length).toBe(6)
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()))
  })

  it('see each other and give no entry twice', async () => {
    const path = await createFolder()
    const stores = await Promise.all(
      [1, 2, 3].map(() => openSqliteStore({ path, codec: textCodec, queue: { groupConcurrency: 1_000 } })),
    )
    await Promise.all(
      stores.flatMap((store, s) => Array.from({ length: 40 }, (_, n) => store.queue.enqueue([entry(`m${s}x${n}`)]))),
    )
    const lists = await Promise.all(
      stores.flatMap((store) => [1, 2].map(() => store.queue.lease({ ...look, limit: 30 }))),
    )
    const jobs = lists.flat().map(({ job }) => job)
    expect(new Set(jobs).size).toBe(jobs.length)
    expect(jobs.length).toBe(120)
    // Two lists of each store, in order: what one leased, the next settles.
    const index = lists.findIndex((list) => list.length > 0)
    const token = lists[index]?.[0]?.token ?? expect.fail('no lease')
    const other = stores[(Math.floor(index / 2) + 1) % 3] ?? expect.fail('no store')
    expect(await other.queue.settle([{ token, kind: 'done' }])).toEqual([{ kind: 'settled', released: [] }])
    for (const store of stores) await store[Symbol.asyncDispose]()
  })

  it('wake a waiting lease for what another process enqueued', async () => {
    const path = await createFolder()
    const store = await openSqliteStore({ path, codec: textCodec })
    const waiting = store.queue.lease({ ...look, waitMs: 600_000 })
    const program = join(import.meta.dirname, 'programs/enqueue-one.ts')
    const child = spawn(process.execPath, [...process.execArgv, program, path, 'FROM-AFAR'], { stdio: 'inherit' })
    await once(child, 'close')
    expect(child.exitCode).toBe(0)
    expect((await waiting).map(({ job }) => job)).toEqual(['FROM-AFAR'])
    await store[Symbol.asyncDispose]()
  })
})
