/** A thread that dies takes only what it was asked with it: the next request finds a new one on the same file. */

import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { createManualClock } from '@postroad/runtime'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { type NewEntry, QueueUnavailableError } from '@postroad/queue'
import { expect, it } from 'vitest'
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

const setUp = async () => {
  const clock = createManualClock()
  return { clock, ...(await openThreads({ path: await createFolder(), codec: textCodec, clock })) }
}

it('starts the writer again, which has all that was acknowledged, and leases that go on', async () => {
  const { clock, store, killWriter } = await setUp()
  await store.queue.enqueue([entry('a')])
  const [lease] = await store.queue.lease(look)
  await store.queue.enqueue([entry('b')])
  await clock.advance(1_000)
  await killWriter()
  expect((await store.queue.lease(look)).map(({ job }) => job)).toEqual(['b'])
  const token = lease?.token ?? expect.fail('no lease')
  expect(await store.queue.settle([{ token, kind: 'done' }])).toEqual([{ kind: 'settled', released: [] }])
  await store[Symbol.asyncDispose]()
})

it('rejects what the writer was asked when it died, and that may be repeated', async () => {
  const { clock, store, killWriter } = await setUp()
  await clock.advance(1_000)
  const waiting = store.queue.lease({ ...look, waitMs: 600_000 }).catch((error: unknown) => error)
  await store.queue.lease(look)
  const staged = await store.spool.stage({ message: messageId('m'), ttlMs: 60_000 })
  await staged.write(new Uint8Array(1_000_000).fill(7))
  const content = await staged.seal({ prefix: new Uint8Array([1]) })
  const enqueued = store.queue.enqueue([{ ...entry('a'), content }]).catch((error: unknown) => error)
  await killWriter()
  const error = await enqueued
  if (error !== undefined) expect(error).toBeInstanceOf(QueueUnavailableError)
  await store.queue.enqueue([{ ...entry('a'), content }])
  let size = 0
  for await (const chunk of store.spool.open(content.id)) size += chunk.length
  expect(size).toBe(1_000_001)
  const leases = await store.queue.lease(look)
  const answer = await waiting
  const jobs = [...leases, ...(Array.isArray(answer) ? answer : [])].map(({ job }) => job)
  expect(jobs).toEqual(['a'])
  await store[Symbol.asyncDispose]()
})

it('does not start a writer more often than once a second, and says meanwhile why', async () => {
  const { clock, store, killWriter } = await setUp()
  await killWriter()
  await expect(store.queue.enqueue([entry('a')])).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    message: expect.stringContaining('the thread of the database has ended'),
  })
  await clock.advance(1_000)
  await Promise.all(['a', 'b'].map((name) => store.queue.enqueue([entry(name)])))
  expect(await store.queue.lease(look)).toHaveLength(2)
  await store[Symbol.asyncDispose]()
})

it.each([
  { name: 'moved away', other: undefined },
  { name: 'replaced by another', other: 'other.db' },
])('makes no file and opens no other where the database was $name, and goes on once it is back', async ({ other }) => {
  const clock = createManualClock()
  const folder = await createFolder()
  const [path, away] = [join(folder, 'mail.db'), join(folder, 'away.db')]
  const { store, killWriter } = await openThreads({ path, codec: textCodec, clock })
  await store.queue.enqueue([entry('a')])
  await clock.advance(1_000)
  // The last connection leaves no log.
  await killWriter()
  await rename(path, away)
  if (other !== undefined) {
    const { store: another } = await openThreads({ path: join(folder, other), codec: textCodec, clock })
    await another[Symbol.asyncDispose]()
    await rename(join(folder, other), path)
  }
  await expect(store.queue.enqueue([entry('b')])).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    message: `the database was removed or replaced while it was open: put it back: ${path}`,
  })
  await expect(store.control.list({}, { limit: 10 })).rejects.toThrow('the database was removed or replaced')
  const files = (await readdir(folder)).filter((file) => /^mail\.db(-wal|-shm)?$/.test(file))
  expect(files).toEqual(other === undefined ? [] : ['mail.db'])
  await rename(away, path)
  await clock.advance(1_000)
  await store.queue.enqueue([entry('b')])
  expect((await store.queue.lease(look)).map(({ job }) => job)).toEqual(['a', 'b'])
  await store[Symbol.asyncDispose]()
})

it('starts nothing for a store that is disposed', async () => {
  const { clock, store, killWriter } = await setUp()
  await killWriter()
  await store[Symbol.asyncDispose]()
  await clock.advance(60_000)
  await expect(store.queue.enqueue([entry('a')])).rejects.toThrow('the store is disposed')
})
