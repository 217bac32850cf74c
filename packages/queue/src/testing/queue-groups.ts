/** The contract of groups: turns, limits of concurrent leases, pauses. */

import { groupId } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import { contractTest, crashTest, createStage, entry, type StoreHarness } from './harness.ts'

const GROUP = groupId('example.org')

/** Registers the tests of groups. */
export function describeGroups(harness: StoreHarness): void {
  describe('groups', () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'groups')
    const afterCrash = crashTest(harness, 'groups')

    /** One group with 1,000 due entries, then 20 groups with one. */
    const crowd = async (): Promise<void> => {
      await t.reset({ groupConcurrency: 2_000 })
      await t.enqueue(
        ...Array.from({ length: 1_000 }, (_, n) => entry('big', { id: `big.${n}`, group: 'big.example' })),
      )
      for (let n = 0; n < 20; n += 1) await t.enqueue(entry(`small ${n}`, { id: `s${n}.0`, group: `s${n}.example` }))
    }

    test('take turns within one list: no small group waits behind a large one', async () => {
      await crowd()
      const jobs = await t.jobs({ limit: 42 })
      expect(jobs.length).toBe(42)
      expect(new Set(jobs.filter((job) => job !== 'big')).size).toBe(20)
    })

    test('take turns from one list to the next', async () => {
      await crowd()
      const jobs: string[] = []
      for (let n = 0; n < 42; n += 1) {
        const lease = await t.take()
        jobs.push(lease.job)
        await t.settle(lease)
      }
      expect(new Set(jobs.filter((job) => job !== 'big')).size).toBe(20)
    })

    test('take turns also where a group is refilled all the time', async () => {
      await t.enqueue(entry('small', { group: 'small.example', notBefore: t.now + 5 }))
      const jobs: string[] = []
      for (let n = 0; n < 10; n += 1) {
        await t.enqueue(entry(`a${n}`, { group: 'a.example' }))
        await t.enqueue(entry(`b${n}`, { group: 'b.example' }))
        t.now += 1
        jobs.push(...(await t.jobs()))
      }
      expect(jobs).toContain('small')
    })

    test('lease no more of one than its concurrency at a time, over all workers', async () => {
      await t.reset({ groupConcurrency: 2 })
      for (let n = 0; n < 5; n += 1) await t.enqueue(entry(`m${n}`))
      await t.enqueue(entry('other', { group: 'example.net' }))
      expect(new Set(await t.jobs({ limit: 10 }))).toEqual(new Set(['m0', 'm1', 'other']))
      expect(await t.lease({ limit: 10 })).toEqual([])
    })

    test('lease 20 of one at a time by default', async () => {
      for (let n = 0; n < 25; n += 1) await t.enqueue(entry(`m${n}`))
      expect((await t.lease({ limit: 100 })).length).toBe(20)
    })

    test('at their limit are passed over, also for a lower priority', async () => {
      await t.reset({ groupConcurrency: 1 })
      await t.enqueue(entry('a', { priority: 9 }))
      await t.enqueue(entry('b', { priority: 9 }))
      await t.enqueue(entry('c', { priority: -9, group: 'example.net' }))
      expect(await t.jobs()).toEqual(['a'])
      expect(await t.jobs()).toEqual(['c'])
      expect(await t.jobs()).toEqual([])
    })

    for (const kind of ['done', 'retry', 'hold'] as const) {
      test(`free a place when a lease ends with ${kind}`, async () => {
        await t.reset({ groupConcurrency: 1 })
        await t.enqueue(entry('a'))
        await t.enqueue(entry('b'))
        const lease = await t.take()
        expect(await t.lease()).toEqual([])
        await t.settle(lease, { kind, job: 'a', reason: 'by hand', notBefore: t.now + 1_000 })
        expect(await t.jobs()).toEqual(['b'])
      })
    }

    test('free a place when a lease runs out', async () => {
      await t.reset({ groupConcurrency: 1 })
      await t.enqueue(entry('a'))
      await t.take({ durationMs: 100 })
      await t.enqueue(entry('b'))
      t.die(100)
      const first = await t.take()
      expect(await t.lease()).toEqual([])
      await t.settle(first)
      expect(await t.lease()).toHaveLength(1)
    })

    test('have a limit of their own that control sets and takes back', async () => {
      await t.reset({ groupConcurrency: 2 })
      for (let n = 0; n < 10; n += 1) await t.enqueue(entry(`m${n}`))
      await t.store.control.limit(GROUP, 5)
      const leases = await t.lease({ limit: 10 })
      expect(leases).toHaveLength(5)
      await t.store.control.limit(GROUP, undefined)
      for (const lease of leases.slice(0, 3)) await t.settle(lease)
      expect(await t.lease({ limit: 10 })).toEqual([])
      await t.settle(leases[3])
      expect(await t.lease({ limit: 10 })).toHaveLength(1)
    })

    test('that are paused lease nothing until the instant; work under way goes on', async () => {
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b'))
      const lease = await t.take()
      await t.store.control.pause(GROUP, t.now + 5_000)
      expect(await t.lease()).toEqual([])
      expect(await t.settle(lease)).toBe('settled')
      await t.enqueue(entry('c'))
      t.now += 4_999
      expect(await t.lease()).toEqual([])
      t.now += 1
      expect(await t.jobs({ limit: 10 })).toEqual(['b', 'c'])
    })

    test('that are paused are resumed by control', async () => {
      await t.enqueue(entry('a'))
      await t.store.control.pause(GROUP, t.now + 1_000_000)
      await t.store.control.resume(GROUP)
      expect(await t.jobs()).toEqual(['a'])
    })

    test('may be paused before they have an entry', async () => {
      await t.store.control.pause(GROUP, t.now + 1_000)
      await t.enqueue(entry('a'))
      expect(await t.lease()).toEqual([])
      t.now += 1_000
      expect(await t.jobs()).toEqual(['a'])
    })

    afterCrash('stay paused and limited over a crash', async () => {
      for (let n = 0; n < 5; n += 1) {
        await t.enqueue(entry(`m${n}`))
        await t.enqueue(entry(`n${n}`, { group: 'example.net' }))
      }
      await t.store.control.pause(GROUP, t.now + 1_000)
      await t.store.control.limit(groupId('example.net'), 3)
      await t.crash()
      expect(await t.jobs({ limit: 100 })).toEqual(['n0', 'n1', 'n2'])
    })

    afterCrash('count leases from before a crash', async () => {
      await t.store.control.limit(GROUP, 2)
      for (let n = 0; n < 3; n += 1) await t.enqueue(entry(`m${n}`))
      const leases = await t.lease({ limit: 2 })
      await t.crash()
      expect(await t.lease()).toEqual([])
      await t.settle(leases[0])
      expect(await t.jobs()).toEqual(['m2'])
    })
  })
}
