import { groupId } from '@postroad/envelope'
import type { Lease, Store } from '@postroad/queue'
import { PARKED_MS } from '@postroad/queue'
import { describe, expect, it } from 'vitest'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { entryOf } from './entry.ts'
import { createBench, randomPrefix } from './redis.ts'

/** What one script moves at a time, at most: these tests have more of everything. */
const BOUND = 100

describe('what does not fit into one script', () => {
  const bench = createBench()
  let now = 1_700_000_000_000

  const open = (): Promise<Store<string>> =>
    bench.open(redisUrl(), { prefix: randomPrefix(), now: () => now, queue: { groupConcurrency: 10_000 } })
  const leaseAll = async (store: Store<string>): Promise<Lease<string>[]> => {
    const all: Lease<string>[] = []
    for (;;) {
      const leases = await store.queue.lease({ limit: 50, durationMs: 1_000, waitMs: 0 })
      if (leases.length === 0) return all
      all.push(...leases)
    }
  }

  it('leases the entries of 350 groups that come to be due at once, each once', async () => {
    const store = await open()
    const entries = Array.from({ length: 3.5 * BOUND }, (_, n) => ({
      ...entryOf(`M${n}`, undefined, `g${n}.example`),
      notBefore: now + 1_000,
    }))
    await Promise.all(entries.map((entry) => store.queue.enqueue([entry])))
    expect(await leaseAll(store)).toEqual([])
    now += 1_000
    expect(new Set((await leaseAll(store)).map(({ job }) => job)).size).toBe(3.5 * BOUND)
  })

  it('finds the one entry behind 350 groups that come to be due and are paused', async () => {
    const store = await open()
    for (let n = 0; n < 3.5 * BOUND; n += 1) {
      await store.queue.enqueue([{ ...entryOf(`M${n}`, undefined, `g${n}.example`), notBefore: now + 1_000 }])
      await store.control.pause(groupId(`g${n}.example`), now + 1_000 + n)
    }
    await store.queue.enqueue([{ ...entryOf('free'), priority: -9, notBefore: now + 1_000 }])
    for (let n = 0; n < 3.5 * BOUND; n += 1) await store.control.pause(groupId(`g${n}.example`), now + 100_000)
    now += 1_000
    expect((await leaseAll(store)).map(({ job }) => job)).toEqual(['free'])
  })

  it('takes back 350 leases that ran out at once, each given alone', async () => {
    const store = await open()
    await Promise.all(Array.from({ length: 3.5 * BOUND }, (_, n) => store.queue.enqueue([entryOf(`M${n}`)])))
    expect(await leaseAll(store)).toHaveLength(3.5 * BOUND)
    now += 1_001
    const again: string[] = []
    for (;;) {
      const leases = await store.queue.lease({ limit: 50, durationMs: 60_000, waitMs: 0 })
      if (leases.length === 0) break
      expect(leases).toHaveLength(1)
      again.push(...leases.map(({ job }) => job))
    }
    expect(new Set(again).size).toBe(3.5 * BOUND)
    expect(again).toHaveLength(3.5 * BOUND)
  })

  it('sweeps 250 contents that were never named', async () => {
    const store = await open()
    for (let n = 0; n < 2.5 * BOUND; n += 1) {
      const writer = await store.spool.stage({ message: entryOf('M').id as never, ttlMs: 1_000 })
      await writer.write(new Uint8Array(262_144))
    }
    now += 1_001
    const used = new Set<string>()
    const report = await store.spool.sweep(async (ids) => {
      const kept = new Set(ids.slice(0, 10))
      for (const id of kept) used.add(id)
      return kept
    })
    expect(report.removed).toBe(2.5 * BOUND - used.size)
    expect((await store.spool.sweep(async () => new Set())).removed).toBe(used.size)
  })

  it('opens a parked group by itself, also while leases from before are still out', async () => {
    const store = await open()
    for (let n = 0; n < 5; n += 1) await store.queue.enqueue([entryOf(`M${n}`)])
    const [first] = await store.queue.lease({ limit: 2, durationMs: 10 * PARKED_MS, waitMs: 0 })
    await store.queue.settle([{ token: first!.token, kind: 'done', feedback: 'down' }])
    expect(await store.queue.lease({ limit: 5, durationMs: 1_000, waitMs: 0 })).toEqual([])
    now += PARKED_MS
    expect(await store.queue.lease({ limit: 5, durationMs: 1_000, waitMs: 0 })).toHaveLength(3)
  })
})
