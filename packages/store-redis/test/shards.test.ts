import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { ContentMissingError, InvalidEntryError, type Lease, type Store } from '@postroad/queue'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { shardOfMessage } from '../src/placement.ts'
import { contentOf, entryOf } from './entry.ts'
import { FORMAT } from '../src/keys.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000
const SHARDS = 4

const open = (prefix = randomPrefix(), shards = SHARDS): Promise<Store<string>> =>
  bench.open(redisUrl(), { prefix, shards })

/** A message name that belongs into a shard. */
const nameIn = (shard: number, n = 0): string => {
  for (let at = 0; ; at += 1) {
    const name = `M${n}x${at}`
    if (shardOfMessage(messageId(name), SHARDS) === shard) return name
  }
}

const leaseAll = async (store: Store<string>): Promise<Lease<string>[]> => {
  const all: Lease<string>[] = []
  for (;;) {
    const leases = await store.queue.lease({ limit: 10, durationMs: LONG_MS, waitMs: 0 })
    if (leases.length === 0) return all
    all.push(...leases)
  }
}

const stage = async (store: Store<string>, message: string, bytes: Uint8Array, beside?: Lease<string>) => {
  const writer = await store.spool.stage({
    message: messageId(message),
    ttlMs: 60_000,
    ...(beside === undefined ? {} : { beside: beside.token }),
  })
  await writer.write(bytes)
  return writer.seal({ prefix: new Uint8Array() })
}

it('keeps the shard of a message for ever', () => {
  expect(['a', 'M1', 'message'].map((name) => shardOfMessage(messageId(name), 64))).toEqual([44, 11, 36])
})

it('spreads messages over the shards and leases all of them, one shard after the other', async () => {
  const prefix = randomPrefix()
  const store = await open(prefix)
  const names = Array.from({ length: 80 }, (_, n) => `M${n}`)
  await Promise.all(names.map((name, n) => store.queue.enqueue([entryOf(name, undefined, `g${n}.example`)])))
  const admin = new Redis(redisUrl())
  for (let shard = 0; shard < SHARDS; shard += 1) {
    expect((await admin.keys(`{${prefix}:${shard}}:entry:*`)).length).toBeGreaterThan(5)
  }
  admin.disconnect()
  const first: string[] = []
  for (let n = 0; n < SHARDS; n += 1) {
    const [lease] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
    first.push(String(lease?.token).slice(0, 1))
  }
  expect(new Set(first).size).toBe(SHARDS)
  expect((await leaseAll(store)).length).toBe(80 - SHARDS)
})

it('settles a batch of several shards and gives the results in its order', async () => {
  const store = await open()
  for (let n = 0; n < 20; n += 1) await store.queue.enqueue([entryOf(`M${n}`, undefined, `g${n}.example`)])
  const leases = await leaseAll(store)
  const [lost, ...others] = leases
  await store.queue.settle([{ token: lost!.token, kind: 'done' }])
  const results = await store.queue.settle([
    ...others.slice(0, 10).map(({ token }) => ({ token, kind: 'done' }) as const),
    { token: lost!.token, kind: 'done' },
    ...others.slice(10).map(({ token }) => ({ token, kind: 'hold', job: 'held', reason: 'asked' }) as const),
  ])
  expect(results.map(({ kind }) => kind).indexOf('lost')).toBe(10)
  expect(results.filter(({ kind }) => kind === 'settled')).toHaveLength(19)
})

it('keeps content in the shard of its message, and beside a lease in that of the lease', async () => {
  const store = await open()
  const one = nameIn(1)
  await store.queue.enqueue([entryOf(one, await stage(store, one, new Uint8Array(600_000).fill(1)))])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  expect(lease?.token).toMatch(/^1:/)
  expect(lease?.content).toMatch(/^1-/)
  expect((await contentOf(store, lease!)).length).toBe(600_000)

  // A bounce is a message of its own, of whatever shard.
  const report = await stage(store, nameIn(2), new Uint8Array(600_000).fill(2), lease)
  expect(report.id).toMatch(/^1-/)
  const spawn = [entryOf(nameIn(2), report)]
  expect(await store.queue.settle([{ token: lease!.token, kind: 'done', spawn }])).toMatchObject([{ kind: 'settled' }])
  const [spawned] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  expect(spawned?.token).toMatch(/^1:/)
  expect((await contentOf(store, spawned!)).every((byte) => byte === 2)).toBe(true)
})

it('refuses an entry that names content of another shard, and does nothing', async () => {
  const store = await open()
  const content = await stage(store, nameIn(1), new Uint8Array(10))
  await expect(store.queue.enqueue([entryOf(nameIn(2), content)])).rejects.toBeInstanceOf(InvalidEntryError)
  await store.queue.enqueue([entryOf(nameIn(3))])
  const [lease] = await leaseAll(store)
  const settlement = { token: lease!.token, kind: 'done', spawn: [entryOf(nameIn(1), content)] } as const
  await expect(store.queue.settle([settlement])).rejects.toBeInstanceOf(InvalidEntryError)
  expect(await store.queue.settle([{ token: lease!.token, kind: 'done' }])).toMatchObject([{ kind: 'settled' }])
})

it('knows neither leases nor content of shards that there are not', async () => {
  const [many, few] = [await open(), await open(randomPrefix(), 1)]
  await many.queue.enqueue([entryOf(nameIn(3), await stage(many, nameIn(3), new Uint8Array(10)))])
  const [lease] = await leaseAll(many)
  expect(await few.queue.settle([{ token: lease!.token, kind: 'done' }])).toEqual([{ kind: 'lost' }])
  expect(await few.queue.renew(lease!.token, { durationMs: 1 })).toBe('lost')
  await expect(contentOf(few, lease!)).rejects.toBeInstanceOf(ContentMissingError)
})

it('merges the journal of a message over the shards, oldest first', async () => {
  const store = await open()
  const [parent, child] = [nameIn(1), nameIn(2)]
  await store.queue.enqueue([entryOf(parent)])
  const [lease] = await leaseAll(store)
  await store.queue.settle([{ token: lease!.token, kind: 'done', spawn: [entryOf(child)] }])
  const [spawned] = await leaseAll(store)
  const event = (name: string, at: number) => ({ at, event: name, detail: {} })
  await store.journal.write([
    { ...event('message.accepted', 1), message: messageId(child) },
    { ...event('message.ended', 3), message: messageId(child) },
  ])
  await store.queue.settle([{ token: spawned!.token, kind: 'done', record: event('attempt.delivered', 2) }])
  const records = await store.journal.read(messageId(child))
  expect(records.map((one) => one.event)).toEqual(['message.accepted', 'attempt.delivered', 'message.ended'])
})

it('holds a limit of 8 as 2 in each of 4 shards', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix(), shards: SHARDS, queue: { groupConcurrency: 8 } })
  for (let n = 0; n < 40; n += 1) await store.queue.enqueue([entryOf(nameIn(n % SHARDS, n))])
  expect(await leaseAll(store)).toHaveLength(8)
})

it('sweeps content that was never named from every shard', async () => {
  let now = 1_700_000_000_000
  const store = await bench.open(redisUrl(), { prefix: randomPrefix(), shards: SHARDS, now: () => now })
  for (let shard = 0; shard < SHARDS; shard += 1) {
    await stage(store, nameIn(shard), new Uint8Array(300_000))
  }
  now += 60_001
  expect((await store.spool.sweep(async () => new Set())).removed).toBe(SHARDS)
})

it('wakes a worker of another process for work in any shard', async () => {
  const prefix = randomPrefix()
  const [producer, consumer] = [await open(prefix), await open(prefix)]
  for (let n = 0; n < 12; n += 1) {
    const waiting = consumer.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: LONG_MS })
    const name = nameIn(n % SHARDS, n)
    await producer.queue.enqueue([entryOf(name, undefined, `g${n}.example`)])
    expect(await waiting).toMatchObject([{ job: name }])
  }
})

it('looks into one shard alone when a word tells of it', async () => {
  const server = await bench.start()
  const store = await bench.open(server.url, { shards: SHARDS })
  const admin = new Redis(server.url)
  const waiting = store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: LONG_MS })
  await expect.poll(async () => (await admin.keys('*:waiting')).length).toBe(SHARDS)
  await admin.config('RESETSTAT')
  await store.queue.enqueue([entryOf(nameIn(2))])
  expect(await waiting).toHaveLength(1)
  const stats = await admin.info('commandstats')
  admin.disconnect()
  // The enqueue (once more where Redis did not know the script), and one look.
  const [, calls] = /cmdstat_evalsha:calls=(\d+)/.exec(stats) ?? []
  expect(Number(calls)).toBeLessThanOrEqual(2)
})

it('refuses another number of shards than the store was made with, and leaves it as it is', async () => {
  const prefix = randomPrefix()
  const store = await open(prefix)
  await store.queue.enqueue([{ ...entryOf('M'), id: createEntryId(messageId('M'), 0), group: groupId('g') }])
  for (const shards of [1, 2, 5, 64]) {
    await expect(open(prefix, shards)).rejects.toMatchObject({
      code: 'REDIS_SHARDS_DIFFER',
      message: expect.stringContaining('shards = 4'),
    })
  }
  expect(await leaseAll(await open(prefix))).toHaveLength(1)
})

it('takes a store of one shard for one of before there were several', async () => {
  const prefix = randomPrefix()
  const admin = new Redis(redisUrl())
  await admin.set(`{${prefix}:0}:format`, FORMAT)
  admin.disconnect()
  await open(prefix, 1)
  await expect(open(prefix, 2)).rejects.toMatchObject({ code: 'REDIS_SHARDS_DIFFER' })
})

it.each([0, 65, 1.5, Number.NaN])('refuses %d shards', async (shards) => {
  await expect(open(randomPrefix(), shards)).rejects.toThrow('shards')
})
