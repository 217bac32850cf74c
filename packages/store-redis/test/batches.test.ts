import { ContentMissingError } from '@postroad/queue'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { type Ask, Batches } from '../src/batches.ts'
import { contentOf, entryOf, sealedContent } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

interface Named extends Ask {
  readonly name: string
}

describe('batches', () => {
  const gather = (most: number): { readonly batches: Batches<Named>; readonly sent: string[] } => {
    const sent: string[] = []
    const batches = new Batches<Named>(most, async (batch) => {
      sent.push(batch.map(({ name }) => name).join(''))
    })
    return { sent, batches }
  }
  const ask = (name: string, over: Partial<Named> = {}): Named => ({ name, sizeBytes: 1, alone: false, ...over })

  it('go out once all that is ready to run has run', async () => {
    const { batches, sent } = gather(9)
    const ready = [1, 2, 3].map(() => Promise.resolve())
    await Promise.all(
      ready.map(async (promise, n) => {
        batches.add(ask(`${n}`))
        await promise
        batches.add(ask(`${n}`))
      }),
    )
    expect(sent).toEqual([])
    await new Promise(setImmediate)
    expect(sent).toEqual(['012012'])
  })

  it('are two at a time, what is asked meanwhile goes with the next', async () => {
    const sent: string[] = []
    const answers: (() => void)[] = []
    const batches = new Batches<Named>(2, (batch) => {
      sent.push(batch.map(({ name }) => name).join(''))
      return new Promise((resolve) => answers.push(resolve))
    })
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) batches.add(ask(name))
    await new Promise(setImmediate)
    expect(sent).toEqual(['ab', 'cd'])
    batches.add(ask('g'))
    answers[1]?.()
    await new Promise(setImmediate)
    expect(sent).toEqual(['ab', 'cd', 'ef'])
    batches.flush()
    expect(sent).toEqual(['ab', 'cd', 'ef', 'g'])
  })

  it.each([
    { why: 'the most', asked: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ask(name)), sent: ['abc', 'def', 'g'] },
    { why: 'one that must be alone', asked: [ask('a'), ask('b', { alone: true }), ask('c')], sent: ['a', 'b', 'c'] },
    {
      why: 'a mebibyte',
      asked: [ask('a', { sizeBytes: 600_000 }), ask('b', { sizeBytes: 600_000 }), ask('c', { sizeBytes: 2_000_000 })],
      sent: ['a', 'b', 'c'],
    },
  ])('end at $why', ({ asked, sent: expected }) => {
    const { batches, sent } = gather(3)
    for (const one of asked) batches.add(one)
    batches.flush()
    batches.flush()
    expect(sent).toEqual(expected)
  })
})

it('adds and settles a hundred messages with three scripts', async () => {
  const server = await bench.start()
  const store = await bench.open(server.url, { queue: { groupConcurrency: 1_000 } })
  const admin = new Redis(server.url)
  const scripts = async (): Promise<number> => {
    const stats = await admin.info('commandstats')
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0)
  }
  const before = await scripts()
  await Promise.all(Array.from({ length: 100 }, (_, n) => store.queue.enqueue([entryOf(`M${n}`)])))
  expect((await scripts()) - before).toBe(2)
  const leases = await store.queue.lease({ limit: 100, durationMs: LONG_MS, waitMs: 0 })
  const leased = await scripts()
  const results = await Promise.all(leases.map(({ token }) => store.queue.settle([{ token, kind: 'done' }])))
  expect(results.flat()).toEqual(Array.from({ length: 100 }, () => ({ kind: 'settled', released: [] })))
  expect((await scripts()) - leased).toBe(1)
  admin.disconnect()
})

it('has one message of a batch fail alone', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const content = await sealedContent(store, new Uint8Array(10).fill(7))
  const missing = { ref: '0-nobody' as never }
  const results = await Promise.allSettled([
    store.queue.enqueue([entryOf('a', content)]),
    store.queue.enqueue([{ ...entryOf('b'), content: missing }]),
    store.queue.enqueue([{ ...entryOf('c'), content: { ref: content.id } }]),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(results[1]).toMatchObject({ reason: expect.any(ContentMissingError) })
  const leases = await store.queue.lease({ limit: 5, durationMs: LONG_MS, waitMs: 0 })
  expect(leases.map(({ job }) => job)).toEqual(['a', 'c'])
  for (const lease of leases) expect((await contentOf(store, lease))[0]).toBe(7)
})

it('settles one lease once, though several of a batch ask for it', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  await store.queue.enqueue([entryOf('a')])
  const [lease] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
  const { token } = lease!
  const results = await store.queue.settle([
    { token, kind: 'retry', job: 'again', notBefore: 0 },
    { token, kind: 'done' },
    { token, kind: 'hold', job: 'held', reason: 'r' },
  ])
  expect(results.map(({ kind }) => kind)).toEqual(['settled', 'lost', 'lost'])
  expect((await store.control.list({}, { limit: 9 })).items).toMatchObject([{ state: 'ready', job: 'again' }])
})

it('settles in the order of the batch, also where one brings content', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  for (let n = 0; n < 20; n += 1) {
    await store.queue.enqueue([entryOf(`a${n}`)])
    const [lease] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
    const { token } = lease!
    const report = entryOf(`b${n}`, await sealedContent(store, new Uint8Array(100_000)))
    const results = await store.queue.settle([
      { token, kind: 'done', spawn: [report] },
      { token, kind: 'hold', job: 'held', reason: 'r' },
    ])
    expect(results.map(({ kind }) => kind)).toEqual(['settled', 'lost'])
    const [spawned] = await store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: 0 })
    await store.queue.settle([{ token: spawned!.token, kind: 'done' }])
  }
})

it('moves entries of one batch out of a group and into it, with the right counts', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  const [one, two] = ['one.example', 'two.example']
  for (let n = 0; n < 6; n += 1) await store.queue.enqueue([entryOf(`M${n}`, undefined, n % 2 === 0 ? one : two)])
  const leases = await store.queue.lease({ limit: 6, durationMs: LONG_MS, waitMs: 0 })
  await store.queue.settle(
    leases.map(({ token, job, group }) => ({
      token,
      kind: 'retry',
      job,
      notBefore: 0,
      group: (group === one ? two : one) as never,
    })),
  )
  const { items } = await store.control.counts({ limit: 9 })
  expect(items).toMatchObject([
    { group: one, ready: 3, leased: 0 },
    { group: two, ready: 3, leased: 0 },
  ])
  expect(await store.queue.lease({ limit: 9, durationMs: LONG_MS, waitMs: 0 })).toHaveLength(6)
})

it('shares what one look gives among those who looked in one turn', async () => {
  const store = await bench.open(redisUrl(), { prefix: randomPrefix() })
  for (let n = 0; n < 7; n += 1) await store.queue.enqueue([entryOf(`M${n}`)])
  const looks = await Promise.all(
    [2, 4, 9, 1].map((limit) => store.queue.lease({ limit, durationMs: LONG_MS, waitMs: 0 })),
  )
  expect(looks.map(({ length }) => length)).toEqual([2, 4, 1, 0])
  expect(new Set(looks.flat().map(({ id }) => id)).size).toBe(7)
})

it('gives what had come back alone, also where several look in one turn', async () => {
  let now = 1_700_000_000_000
  const store = await bench.open(redisUrl(), { prefix: randomPrefix(), now: () => now })
  for (let n = 0; n < 4; n += 1) await store.queue.enqueue([entryOf(`M${n}`)])
  await store.queue.lease({ limit: 2, durationMs: 1_000, waitMs: 0 })
  now += 1_001
  const look = (durationMs: number): Promise<readonly { readonly recovered: boolean }[]> =>
    store.queue.lease({ limit: 4, durationMs, waitMs: 0 })
  const looks = await Promise.all([look(LONG_MS), look(LONG_MS), look(LONG_MS + 1), look(LONG_MS)])
  for (const leases of looks) {
    if (leases.some(({ recovered }) => recovered)) expect(leases).toHaveLength(1)
  }
  expect(looks.flat()).toHaveLength(4)
})

it('sets the content of a hundred messages in one change', async () => {
  const server = await bench.start()
  const store = await bench.open(server.url, { queue: { groupConcurrency: 1_000 } })
  const admin = new Redis(server.url)
  const names = Array.from({ length: 100 }, (_, n) => `M${n}`)
  const body = new Uint8Array(10_240).fill(7)
  const entries = await Promise.all(names.map(async (name) => entryOf(name, await sealedContent(store, body))))
  // Redis knows the script then.
  await store.queue.enqueue([entryOf('first')])
  await Promise.all(entries.map((entry) => store.queue.enqueue([entry])))
  // More than 1 MiB goes in two.
  expect(await admin.info('commandstats')).toMatch(/cmdstat_exec:calls=2,/)
  const [, ...leases] = await store.queue.lease({ limit: 101, durationMs: LONG_MS, waitMs: 0 })
  const read = await Promise.all(leases.map((lease) => contentOf(store, lease)))
  expect(read).toEqual(names.map(() => Buffer.from(body)))
  admin.disconnect()
})
