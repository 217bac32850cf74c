import type { Lease } from '@postroad/queue'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import {
  checkContents,
  checkEntries,
  checkGroups,
  checkLanes,
  checkLeases,
  checkPlace,
  refsOf,
} from '../src/scripts/check.ts'
import { change, steer } from '../src/scripts/control.ts'
import { counts, follow, tally } from '../src/scripts/counts.ts'
import { enqueue } from '../src/scripts/enqueue.ts'
import { note } from '../src/scripts/journal.ts'
import { lease } from '../src/scripts/lease.ts'
import { listHeld, listLeased, listQueued, show } from '../src/scripts/list.ts'
import { extend, give, mark, take } from '../src/scripts/limits.ts'
import { renew } from '../src/scripts/renew.ts'
import { settle } from '../src/scripts/settle.ts'
import { drop, expired, stage } from '../src/scripts/spool.ts'
import { contentOf, entryOf, sealedContent } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

const SCRIPTS = [
  change,
  checkContents,
  checkEntries,
  checkGroups,
  checkLanes,
  checkLeases,
  checkPlace,
  counts,
  drop,
  enqueue,
  expired,
  extend,
  follow,
  give,
  lease,
  listHeld,
  listLeased,
  listQueued,
  mark,
  note,
  refsOf,
  renew,
  settle,
  show,
  stage,
  steer,
  take,
  tally,
]

const header = (lua: string): string => lua.slice(0, lua.search(/^(?!--|\n)/m))
const highest = (text: string, pattern: RegExp): number =>
  Math.max(0, ...[...text.matchAll(pattern)].map((match) => Number(match[1])))

describe.each(SCRIPTS)('$name', ({ lua }) => {
  it('says what it takes and returns before the first statement', () => {
    expect(header(lua)).toMatch(/^\n-- \S[\s\S]*\n-- KEYS[\s\S]*\n-- Returns {2}\S/)
  })

  it('has a header line for as many keys as it uses', () => {
    const documented = highest(header(lua), /^-- KEYS\[(\d+)\]/gm)
    const body = lua.slice(header(lua).length)
    if (/^-- KEYS {5}/m.test(header(lua))) expect(body).toContain('ipairs(KEYS)')
    else expect(highest(body, /KEYS\[(\d+)\]/g)).toBe(documented)
  })

  it('has a header line for as many arguments as it uses by number', () => {
    const documented = highest(header(lua), /^-- ARGV\[(\d+)\]/gm)
    expect(highest(lua.slice(header(lua).length), /ARGV\[(\d+)\]/g)).toBeLessThanOrEqual(documented)
  })
})

it('has a name and a digest of its own for every script', () => {
  expect(new Set(SCRIPTS.map(({ name }) => name)).size).toBe(SCRIPTS.length)
  expect(new Set(SCRIPTS.map(({ sha1 }) => sha1)).size).toBe(SCRIPTS.length)
})

describe('against Redis', () => {
  const bench = createBench()

  it('has the digest by which Redis knows each script', async () => {
    const redis = new Redis(redisUrl())
    try {
      for (const { lua, sha1 } of SCRIPTS) expect(await redis.script('LOAD', lua)).toBe(sha1)
    } finally {
      redis.disconnect()
    }
  })

  it('survives SCRIPT FLUSH between any two steps', async () => {
    const server = await bench.start()
    const store = await bench.open(server.url)
    const admin = new Redis(server.url)
    try {
      await admin.script('FLUSH')
      const content = await sealedContent(store, new Uint8Array(600_000).fill(7))
      await admin.script('FLUSH')
      await Promise.all([1, 2, 3].map((n) => store.queue.enqueue([entryOf(`M${n}`, content)])))
      await admin.script('FLUSH')
      const leases = await store.queue.lease({ limit: 3, durationMs: 60_000, waitMs: 0 })
      expect(leases).toHaveLength(3)
      await admin.script('FLUSH')
      for (const one of leases) expect((await contentOf(store, one)).length).toBe(600_000)
      const results = await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
      expect(results.map(({ kind }) => kind)).toEqual(['settled', 'settled', 'settled'])
    } finally {
      admin.disconnect()
    }
  })

  it('leaves no key but those of the table once everything is settled, and none that is not under its hash tag', async () => {
    const server = await bench.start()
    const prefix = randomPrefix()
    const store = await bench.open(server.url, { prefix })
    const admin = new Redis(server.url)
    try {
      for (let n = 0; n < 20; n += 1) {
        await store.queue.enqueue([
          entryOf(`M${n}`, await sealedContent(store, new Uint8Array(n * 50_000)), `g${n % 5}.example`),
        ])
      }
      for (;;) {
        const leases = await store.queue.lease({ limit: 10, durationMs: 60_000, waitMs: 0 })
        if (leases.length === 0) break
        await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
      }
      const base = `{${prefix}:0}:`
      expect((await admin.keys('*')).toSorted()).toEqual([`${base}format`, `${base}seq`, `${base}settled`])
      expect(await admin.zcard(`${base}settled`)).toBe(20)
    } finally {
      admin.disconnect()
    }
  })

  it('leases and settles with as many commands from 2,000 entries as from 20', async () => {
    const server = await bench.start()
    const admin = new Redis(server.url)
    const commandsOfACycle = async (entries: number): Promise<number> => {
      const store = await bench.open(server.url, { prefix: randomPrefix() })
      await Promise.all(Array.from({ length: entries }, (_, n) => store.queue.enqueue([entryOf(`M${n}`)])))
      await admin.config('RESETSTAT')
      const leases = await store.queue.lease({ limit: 5, durationMs: 60_000, waitMs: 0 })
      await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
      const stats = await admin.info('commandstats')
      return [...stats.matchAll(/^cmdstat_(?!config|info)[^:]+:calls=(\d+)/gm)].reduce(
        (sum, [, calls]) => sum + Number(calls),
        0,
      )
    }
    try {
      // The first call of a script is one more command.
      await commandsOfACycle(10)
      const few = await commandsOfACycle(20)
      expect(few).toBeGreaterThan(10)
      expect(await commandsOfACycle(2_000)).toBe(few)
    } finally {
      admin.disconnect()
    }
  })

  it.each([
    // Content is set, looked at and made permanent.
    { step: 'enqueue', most: 5.2, least: 3 },
    { step: 'lease', most: 0.25, least: 0.05 },
    { step: 'settle', most: 0.2, least: 0.05 },
  ] as const)(
    'costs at most $most commands for each of a hundred that $step in one turn',
    async ({ step, most, least }) => {
      const server = await bench.start()
      const admin = new Redis(server.url)
      const store = await bench.open(server.url, { prefix: randomPrefix(), queue: { groupConcurrency: 1_000 } })
      const add = async (name: string): Promise<void> =>
        store.queue.enqueue([entryOf(name, await sealedContent(store, new Uint8Array(1_000)))])
      const leaseOne = (): Promise<readonly Lease<string>[]> =>
        store.queue.lease({ limit: 1, durationMs: 600_000, waitMs: 0 })
      const counted = async (run: () => Promise<unknown>, name: string): Promise<void> => {
        await admin.config('RESETSTAT')
        await run()
        if (name !== step) return
        const stats = await admin.info('commandstats')
        const calls = [...stats.matchAll(/^cmdstat_(?!config|info|eval)[^:]+:calls=(\d+)/gm)].map((match) =>
          Number(match[1]),
        )
        const each = calls.reduce((sum, one) => sum + one, 0) / 100
        expect(each).toBeLessThanOrEqual(most)
        expect(each).toBeGreaterThan(least)
      }
      const all = <Result>(run: (n: number) => Promise<Result>): Promise<Result[]> =>
        Promise.all(Array.from({ length: 100 }, (_, n) => run(n)))
      try {
        await add('first')
        await store.queue.settle((await leaseOne()).map(({ token }) => ({ token, kind: 'done' })))
        const leases: Lease<string>[] = []
        await counted(() => all((n) => add(`M${n}`)), 'enqueue')
        await counted(async () => leases.push(...(await all(leaseOne)).flat()), 'lease')
        expect(leases).toHaveLength(100)
        await counted(() => all((n) => store.queue.settle([{ token: leases[n]!.token, kind: 'done' }])), 'settle')
      } finally {
        admin.disconnect()
      }
    },
  )

  it('leases past what a lane names and is not there', async () => {
    const prefix = randomPrefix()
    const store = await bench.open(redisUrl(), { prefix })
    const admin = new Redis(redisUrl())
    for (const name of ['a', 'b', 'c']) await store.queue.enqueue([entryOf(name)])
    await admin.del(`{${prefix}:0}:entry:a.0`, `{${prefix}:0}:entry:b.0`)
    const leases = await store.queue.lease({ limit: 5, durationMs: 60_000, waitMs: 0 })
    expect(leases.map(({ job }) => job)).toEqual(['c'])
    await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
    expect(await admin.exists(`{${prefix}:0}:lane:0/example.org`, `{${prefix}:0}:group:example.org`)).toBe(0)
    admin.disconnect()
  })
})
