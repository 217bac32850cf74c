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
