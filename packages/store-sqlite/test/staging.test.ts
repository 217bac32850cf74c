/** Content in transit: what it holds in memory over all messages, and what becomes of it when nobody names it. */

import { createManualClock } from '@postroad/runtime'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { ContentMissingError, type ContentWriter, type NewEntry, type SealedContent } from '@postroad/queue'
import { expect, it, onTestFinished } from 'vitest'
import { openThreads } from '../src/store.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const KIB = 1_024
const LIMIT = 1_024 * KIB

const setUp = async () => {
  const clock = createManualClock()
  const opened = await openThreads({ path: await createFolder(), codec: textCodec, clock }, { stagedBytes: LIMIT })
  const { store } = opened
  onTestFinished(() => store[Symbol.asyncDispose]())
  return { clock, ...opened }
}
type World = Awaited<ReturnType<typeof setUp>>

const entry = (name: string, content: SealedContent): NewEntry<string> => ({
  id: createEntryId(messageId(name), 0),
  job: name,
  group: groupId(name),
  content,
  priority: 0,
  notBefore: 0,
  labels: {},
})
const begin = ({ store }: World, name: string): Promise<ContentWriter> =>
  store.spool.stage({ message: messageId(name), sizeHint: 256 * KIB, ttlMs: 60_000 })
const put = async (world: World, name: string, bytes: number): Promise<SealedContent> => {
  const writer = await begin(world, name)
  await writer.write(new Uint8Array(bytes).fill(1))
  return writer.seal({ prefix: new Uint8Array() })
}

it('holds no more than its bound and 16 KiB for each message beyond, however many send slowly', async () => {
  const world = await setUp()
  const senders = Array.from({ length: 60 }, (_, n) => `m${n}`)
  const writers = await Promise.all(senders.map((name) => begin(world, name)))
  let most = 0
  const chunk = new Uint8Array(7_000)
  for (let round = 0; round < 36; round += 1) {
    await Promise.all(
      writers.map(async (writer, n) => {
        await writer.write(new Uint8Array(chunk.fill((n + round) & 255)))
        most = Math.max(most, world.heldBytes())
      }),
    )
  }
  expect(most).toBeLessThanOrEqual(LIMIT + senders.length * 16 * KIB)
  expect(most).toBeGreaterThan(LIMIT / 2)
  const prefix = new Uint8Array([42])
  const contents = await Promise.all(writers.map((writer) => writer.seal({ prefix })))
  await Promise.all(senders.map((name, n) => world.store.queue.enqueue([entry(name, contents[n] ?? expect.fail())])))
  expect(world.heldBytes()).toBe(0)
  for (const [n, { id }] of contents.entries()) {
    const chunks: Uint8Array[] = []
    for await (const part of world.store.spool.open(id)) chunks.push(part.slice())
    const bytes = Buffer.concat(chunks)
    expect(bytes).toHaveLength(1 + 36 * 7_000)
    for (let round = 0; round < 36; round += 1) {
      const part = bytes.subarray(1 + round * 7_000, 1 + (round + 1) * 7_000)
      expect(part.every((byte) => byte === ((n + round) & 255))).toBe(true)
    }
  }
})

it('holds nothing of what was enqueued, aborted, dropped or swept, large or small', async () => {
  const world = await setUp()
  const { clock, store, heldBytes } = world
  for (const bytes of [10, 700 * KIB]) {
    await store.queue.enqueue([entry(`named ${bytes}`, await put(world, 'a', bytes))])
    const begun = await begin(world, 'b')
    await begun.write(new Uint8Array(bytes))
    await begun.abort()
    await store.spool.drop([(await put(world, 'c', bytes)).id])
    await put(world, 'd', bytes)
    const slow = await begin(world, 'e')
    await slow.write(new Uint8Array(bytes))
    expect(heldBytes()).toBeGreaterThan(0)
    await clock.advance(60_001)
    await store.spool.sweep(async () => new Set())
    expect(heldBytes()).toBe(0)
    await expect(async () => slow.write(new Uint8Array(1))).rejects.toBeInstanceOf(ContentMissingError)
    expect(heldBytes()).toBe(0)
  }
})

it('keeps content whose enqueue failed for a repeat', async () => {
  const world = await setUp()
  const content = await put(world, 'a', 200 * KIB)
  await world.killWriter()
  await expect(world.store.queue.enqueue([entry('a', content)])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
  await world.clock.advance(1_000)
  await world.store.queue.enqueue([entry('a', content)])
  expect(world.heldBytes()).toBe(0)
})

it('keeps no more of what could not be enqueued than fits: the oldest goes first', async () => {
  const world = await setUp()
  await world.killWriter()
  const contents: SealedContent[] = []
  for (let n = 0; n < 20; n += 1) {
    const content = await put(world, `m${n}`, 200 * KIB)
    contents.push(content)
    await expect(world.store.queue.enqueue([entry(`m${n}`, content)])).rejects.toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
    })
    expect(world.heldBytes()).toBeLessThanOrEqual(LIMIT + 16 * KIB)
  }
  await world.clock.advance(1_000)
  await world.store.queue.enqueue([entry('m19', contents[19] ?? expect.fail())])
  const first = world.store.queue.enqueue([entry('m0', contents[0] ?? expect.fail())])
  await expect(first).rejects.toBeInstanceOf(ContentMissingError)
})

it('holds nothing of content whose entry was known already, once memory is short', async () => {
  const world = await setUp()
  for (let n = 0; n < 10; n += 1) {
    await world.store.queue.enqueue([entry('again', await put(world, 'again', 200 * KIB))])
    expect(world.heldBytes()).toBeLessThanOrEqual(LIMIT + 16 * KIB)
  }
})

const read = async ({ store }: World, { id }: SealedContent): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const part of store.spool.open(id)) chunks.push(part.slice())
  return Buffer.concat(chunks)
}

it.each([
  { bytes: 0, prefixBytes: 0 },
  { bytes: 0, prefixBytes: 5_000 },
  { bytes: 10_000, prefixBytes: 0 },
  { bytes: 10_000, prefixBytes: 1_024 },
  { bytes: 10_000, prefixBytes: 1_025 },
  { bytes: 15 * KIB, prefixBytes: 1_025 },
  { bytes: 16 * KIB, prefixBytes: 20_000 },
  { bytes: 255 * KIB, prefixBytes: 1_024 },
  { bytes: 256 * KIB, prefixBytes: 0 },
  { bytes: 256 * KIB, prefixBytes: 1 },
  { bytes: 300 * KIB, prefixBytes: 2_000 },
])('puts a prefix of $prefixBytes bytes in front of $bytes', async ({ bytes, prefixBytes }) => {
  const world = await setUp()
  const written = Buffer.from(Array.from({ length: bytes }, (_, n) => (n * 7) & 255))
  for (const pieceBytes of [3_000, 400 * KIB]) {
    const name = `by ${pieceBytes}`
    const writer = await begin(world, name)
    for (let at = 0; at < bytes; at += pieceBytes) await writer.write(written.subarray(at, at + pieceBytes))
    const prefix = new Uint8Array(prefixBytes).fill(42)
    const content = await writer.seal({ prefix })
    expect(content.sizeBytes).toBe(bytes + prefixBytes)
    await world.store.queue.enqueue([entry(name, content)])
    expect((await read(world, content)).equals(Buffer.concat([prefix, written]))).toBe(true)
    expect(world.heldBytes()).toBe(0)
  }
})

it('is what was sealed, though it is aborted or dropped and others are written while the enqueue is under way', async () => {
  const world = await setUp()
  for (const end of ['abort', 'drop'] as const) {
    const writer = await begin(world, end)
    await writer.write(new Uint8Array(10_000).fill(1))
    const content = await writer.seal({ prefix: new Uint8Array() })
    const enqueuing = world.store.queue.enqueue([entry(end, content)])
    const ending = end === 'abort' ? writer.abort() : world.store.spool.drop([content.id])
    const others = await Promise.all(Array.from({ length: 20 }, (_, n) => begin(world, `other ${n}`)))
    for (const other of others) await other.write(new Uint8Array(10_000).fill(2))
    await Promise.allSettled([enqueuing, ending])
    const bytes = await read(world, content)
    expect(bytes).toHaveLength(10_000)
    expect(bytes.every((byte) => byte === 1)).toBe(true)
    for (const other of others) await other.abort()
    expect(world.heldBytes()).toBe(0)
  }
})

it('is whole for a second call that brings it while the first is answered and its entry settled', async () => {
  const world = await setUp()
  const { queue } = world.store
  const content = await put(world, 'a', 10_000)
  await Promise.all([
    queue.enqueue([entry('a', content)]).then(async () => {
      const others = await Promise.all(Array.from({ length: 20 }, (_, n) => begin(world, `other ${n}`)))
      for (const other of others) await other.write(new Uint8Array(10_000).fill(2))
      for (const other of others) await other.abort()
    }),
    queue
      .lease({ limit: 1, durationMs: 1_000, waitMs: 5_000 })
      .then((leases) => queue.settle(leases.map(({ token }) => ({ token, kind: 'done' as const })))),
    queue.enqueue([entry('b', content)]),
  ])
  const bytes = await read(world, content)
  expect(bytes).toHaveLength(10_000)
  expect(bytes.every((byte) => byte === 1)).toBe(true)
  expect(world.heldBytes()).toBe(0)
})

it('takes nothing more once it is sealed', async () => {
  const world = await setUp()
  const writer = await begin(world, 'a')
  await writer.write(new Uint8Array(10).fill(1))
  const content = await writer.seal({ prefix: new Uint8Array() })
  await expect(async () => writer.write(new Uint8Array(20_000).fill(2))).rejects.toThrow('sealed already')
  await world.store.queue.enqueue([entry('a', content)])
  expect((await read(world, content)).toString('hex')).toBe('01'.repeat(10))
})

it('holds nothing more of content that a dead thread was asked for, once that is aborted', async () => {
  const world = await setUp()
  const writer = await begin(world, 'a')
  await writer.write(new Uint8Array(10_000))
  const content = await writer.seal({ prefix: new Uint8Array() })
  const enqueuing = world.store.queue.enqueue([entry('a', content)])
  const killing = world.killWriter()
  await expect(enqueuing).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
  await killing
  expect(world.heldBytes()).toBeGreaterThan(0)
  await writer.abort()
  expect(world.heldBytes()).toBe(0)
})

it('gives ids that sort as they were made, so that contents that come together lie together', async () => {
  const { store } = await openThreads({ path: await createFolder(), codec: textCodec })
  const ids: string[] = []
  for (let n = 0; n < 100; n += 1) {
    const writer = await store.spool.stage({ message: messageId('m'), ttlMs: 60_000 })
    ids.push((await writer.seal({ prefix: new Uint8Array(1) })).id)
  }
  expect(ids).toEqual(ids.toSorted())
  await store[Symbol.asyncDispose]()
})
