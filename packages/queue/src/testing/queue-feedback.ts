/** The contract of feedback: how settlements move a group's concurrency. */

import { groupId } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import { type Feedback, PARKED_MS } from '../index.ts'
import { contractTest, createStage, entry, LEASE_MS, type StoreHarness } from './harness.ts'

const GROUP = groupId('example.org')

/** Registers the tests of feedback. */
export function describeFeedback(harness: StoreHarness): void {
  describe('feedback', () => {
    const t = createStage(harness, { groupConcurrency: 8 })
    const test = contractTest(harness, 'feedback')
    let serial = 0

    const fill = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) await t.enqueue(entry(`f${(serial += 1)}`))
    }
    const feed = async (feedback: Feedback): Promise<void> => {
      await fill(1)
      expect(await t.settle(await t.take(), { feedback })).toBe('settled')
    }
    const concurrency = async (): Promise<number | undefined> => {
      await fill(1)
      return (await t.store.control.counts({ limit: 100 })).items.find(({ group }) => group === GROUP)?.concurrency
    }

    test('slow halves the concurrency of the group, not below 1', async () => {
      const seen: (number | undefined)[] = [await concurrency()]
      for (let n = 0; n < 5; n += 1) {
        await feed('slow')
        seen.push(await concurrency())
      }
      expect(seen).toEqual([8, 4, 2, 1, 1, 1])
    })

    test('slow leaves fewer entries leased at a time', async () => {
      await feed('slow')
      await fill(20)
      expect(await t.lease({ limit: 100 })).toHaveLength(4)
    })

    test('ok adds one, up to the limit of the group', async () => {
      await feed('slow')
      const seen: (number | undefined)[] = []
      for (let n = 0; n < 6; n += 1) {
        await feed('ok')
        seen.push(await concurrency())
      }
      expect(seen).toEqual([5, 6, 7, 8, 8, 8])
    })

    test('concerns one group', async () => {
      await feed('slow')
      for (let n = 0; n < 20; n += 1) await t.enqueue(entry(`n${n}`, { group: 'example.net' }))
      expect(await t.lease({ limit: 100 })).toHaveLength(8)
    })

    test('down parks the group but for one probe at a time', async () => {
      await feed('down')
      await fill(5)
      expect(await t.lease({ limit: 100 })).toHaveLength(1)
      expect(await t.lease({ limit: 100 })).toEqual([])
    })

    test('down shows in the counts', async () => {
      await feed('down')
      await fill(1)
      expect((await t.store.control.counts({ limit: 10 })).items).toEqual([
        expect.objectContaining({ group: GROUP, concurrency: 1, pausedUntil: t.now + PARKED_MS }),
      ])
    })

    test('down of the probe parks the group anew', async () => {
      await feed('down')
      await fill(5)
      t.now += PARKED_MS - 1
      const probe = await t.take()
      await t.settle(probe, { kind: 'retry', job: 'later', notBefore: t.now + 10 * PARKED_MS, feedback: 'down' })
      t.now += PARKED_MS - 1
      expect(await t.lease({ limit: 100 })).toHaveLength(1)
    })

    for (const feedback of ['ok', 'slow'] as const) {
      test(`${feedback} of the probe opens the group again`, async () => {
        await feed('down')
        await fill(10)
        await t.settle(await t.take(), { feedback })
        expect((await t.lease({ limit: 100 })).length).toBeGreaterThanOrEqual(4)
      })
    }

    test('a probe without feedback leaves the group parked', async () => {
      await feed('down')
      await fill(5)
      await t.settle(await t.take())
      expect(await t.lease({ limit: 100 })).toHaveLength(1)
    })

    test('a probe whose worker died makes room for the next probe', async () => {
      await feed('down')
      await fill(5)
      await t.take()
      t.die()
      expect(await t.lease({ limit: 100 })).toHaveLength(1)
      expect(await t.lease({ limit: 100 })).toEqual([])
    })

    test('parking ends by itself', async () => {
      await feed('down')
      await fill(10)
      t.now += PARKED_MS
      expect(await t.lease({ limit: 100 })).toHaveLength(8)
    })

    test('resume ends a parking', async () => {
      await feed('down')
      await fill(10)
      await t.store.control.resume(GROUP)
      expect(await t.lease({ limit: 100 })).toHaveLength(8)
    })

    test('of a lost lease does not count', async () => {
      await fill(1)
      const stale = await t.take()
      t.die()
      await t.settle(await t.take())
      expect(await t.settle(stale, { feedback: 'down' })).toBe('lost')
      await fill(5)
      expect((await t.lease({ limit: 100, durationMs: LEASE_MS })).length).toBe(5)
    })
  })
}
