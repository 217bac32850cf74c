/** The contract of a clock that is set while mail waits: what it may delay, and that it loses and doubles nothing. */

import { describe, expect } from 'vitest'
import { contractTest, createStage, entry, LEASE_MS, type StoreHarness } from './harness.ts'

const HOUR_MS = 3_600_000

/** Registers the tests of a clock that is set. */
export function describeClock(harness: StoreHarness): void {
  describe('a clock that is set', () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'clock')

    test('back gives every entry once, when it has caught up at the latest', async () => {
      for (const name of ['a', 'b']) await t.enqueue(entry(name))
      await t.enqueue(entry('later', { notBefore: t.now + 1_000 }))
      const jobs = [...(await t.jobs({ durationMs: 3 * HOUR_MS }))]
      t.now -= HOUR_MS
      await t.enqueue(entry('c', { group: 'example.net' }))
      for (let n = 0; n < 3; n += 1) jobs.push(...(await t.jobs({ limit: 10, durationMs: 3 * HOUR_MS })))
      expect(jobs).toContain('c')
      expect(jobs).not.toContain('later')
      t.now += HOUR_MS + 1_000
      jobs.push(...(await t.jobs({ limit: 10 })))
      expect(jobs.toSorted()).toEqual(['a', 'b', 'c', 'later'])
    })

    test('back leaves leases to their holders, who renew and settle', async () => {
      for (const name of ['a', 'b']) await t.enqueue(entry(name))
      const [a, b] = await t.lease({ limit: 2 })
      t.now -= HOUR_MS
      expect(await t.store.queue.renew(a?.token ?? expect.fail(), { durationMs: LEASE_MS })).toBe('renewed')
      expect(await t.settle(b)).toBe('settled')
      t.now += LEASE_MS + 1
      // It has run out: given at once, or when the clock is where it was.
      const early = await t.lease()
      t.now += HOUR_MS
      expect(early.length > 0 ? early : await t.lease()).toMatchObject([{ job: 'a', recovered: true }])
    })

    test('back still knows what was enqueued and settled', async () => {
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b'))
      await t.settle(await t.take())
      t.now -= HOUR_MS
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b'))
      t.now += HOUR_MS
      expect(await t.jobs({ limit: 10 })).toEqual(['b'])
    })

    test('forward runs leases out early; a holder still settles what nobody took', async () => {
      for (const name of ['a', 'b']) await t.enqueue(entry(name))
      const [a, b] = await t.lease({ limit: 2 })
      t.now += HOUR_MS
      const [again] = await t.lease({ limit: 10 })
      const [taken, other] = again?.job === 'a' ? [a, b] : [b, a]
      expect(await t.settle(taken)).toBe('lost')
      expect(await t.settle(other)).toBe('settled')
      expect(await t.settle(again)).toBe('settled')
      expect(await t.lease({ limit: 10 })).toEqual([])
    })
  })
}
