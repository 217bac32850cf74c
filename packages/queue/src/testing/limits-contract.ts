/** The contract of `Limits`. */

import { describe, expect } from 'vitest'
import type { LimitKey, Permit } from '../index.ts'
import { contractTest, createStage, type StoreHarness } from './harness.ts'

/** Registers the tests every `Limits` must pass. Call it once per implementation. */
export function describeLimitsContract(name: string, harness: StoreHarness): void {
  describe(`${name} keeps the Limits contract`, () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'limits')
    const rate: LimitKey = { kind: 'rate', name: 'mail/ada', tokens: 10, perMs: 1_000 }
    const places: LimitKey = { kind: 'concurrency', name: 'mx/example.org', places: 2 }

    const take = async (keys: readonly LimitKey[], cost = 1, ttlMs = 1_000): Promise<Permit> => {
      const answer = await t.store.limits.take(keys, cost, ttlMs)
      return answer.kind === 'permit' ? answer : expect.fail('refused')
    }
    const refused = async (keys: readonly LimitKey[], cost = 1): Promise<number> => {
      const answer = await t.store.limits.take(keys, cost, 1_000)
      if (answer.kind === 'permit') return expect.fail('not refused')
      expect(answer.retryAt).toBeGreaterThan(t.now)
      return answer.retryAt
    }

    describe('rates', () => {
      test('give as many tokens as lie ready, then refuse until they come back', async () => {
        for (let n = 0; n < 10; n += 1) await take([rate])
        const retryAt = await refused([rate])
        expect(retryAt - t.now).toBe(100)
        t.now = retryAt
        await take([rate])
        await refused([rate])
      })

      test('take the cost', async () => {
        await take([rate], 7)
        expect((await refused([rate], 4)) - t.now).toBe(100)
        await take([rate], 3)
        expect((await refused([rate], 10)) - t.now).toBe(1_000)
      })

      test('refill with time, and no further than the burst', async () => {
        await take([rate], 10)
        t.now += 450
        await take([rate], 4)
        await refused([rate])
        t.now += 1_000_000
        await take([rate], 10)
        await refused([rate])
      })

      test('have a burst of their own where given', async () => {
        const bursty: LimitKey = { ...rate, burst: 25 }
        await take([bursty], 25)
        await refused([bursty])
        const small: LimitKey = { ...rate, name: 'small', burst: 1 }
        await take([small])
        expect((await refused([small])) - t.now).toBe(100)
      })

      test('let a cost above the burst through when the bucket is full, and leave a debt', async () => {
        await take([rate], 1)
        await refused([rate], 30)
        t.now += 100
        await take([rate], 30)
        expect((await refused([rate])) - t.now).toBe(2_100)
      })

      test('are not given back', async () => {
        await t.store.limits.give(await take([rate], 10))
        await refused([rate])
      })

      test('count on with new numbers', async () => {
        await take([rate], 8)
        await take([{ ...rate, tokens: 20 }], 2)
        expect((await refused([{ ...rate, tokens: 20 }])) - t.now).toBe(50)
      })

      test('cost nothing to look at', async () => {
        await take([rate], 0)
        await take([rate], 10)
      })

      test('keep names apart', async () => {
        await take([rate], 10)
        await take([{ ...rate, name: 'mail/eve' }], 10)
      })

      test('hold against many at once', async () => {
        const answers = await Promise.all(Array.from({ length: 50 }, () => t.store.limits.take([rate], 1, 1_000)))
        expect(answers.filter(({ kind }) => kind === 'permit')).toHaveLength(10)
      })

      test('stand still while the clock is set back', async () => {
        await take([rate], 10)
        t.now -= 10_000
        await refused([rate])
      })
    })

    describe('concurrency', () => {
      test('gives places until there are none, one for each permit whatever the cost', async () => {
        await take([places], 1)
        await take([places], 100)
        await refused([places])
      })

      test('has a place again when one is given back, once', async () => {
        const first = await take([places])
        await take([places])
        await t.store.limits.give(first)
        await t.store.limits.give(first)
        await take([places])
        await refused([places])
      })

      test('has a place again when its holder died', async () => {
        await take([places], 1, 1_000)
        await take([places], 1, 5_000)
        t.now += 1_001
        await take([places])
        await refused([places])
      })

      test('keeps a place that is extended', async () => {
        const kept = await take([places], 1, 1_000)
        await take([places], 1, 60_000)
        t.now += 900
        await t.store.limits.extend(kept, 1_000)
        t.now += 900
        await refused([places])
        t.now += 101
        await take([places])
      })

      test('leaves a permit that ran out lost', async () => {
        const late = await take([places], 1, 1_000)
        t.now += 1_001
        const fresh = await take([places])
        await take([places])
        await t.store.limits.extend(late, 60_000)
        await t.store.limits.give(fresh)
        await take([places])
        await t.store.limits.give(late)
        await refused([places])
      })

      test('counts on with another number of places', async () => {
        await take([places])
        await take([places])
        await take([{ ...places, places: 3 }])
        await refused([places])
      })

      test('holds against many at once', async () => {
        const answers = await Promise.all(Array.from({ length: 30 }, () => t.store.limits.take([places], 1, 1_000)))
        expect(answers.filter(({ kind }) => kind === 'permit')).toHaveLength(2)
      })
    })

    describe('several keys', () => {
      test('are all taken or none', async () => {
        const [first, second] = [await take([places]), await take([places])]
        const before = await t.store.limits.take([rate, places], 10, 1_000)
        expect(before.kind).toBe('refused')
        await t.store.limits.give(first)
        await t.store.limits.give(second)
        await take([rate, places], 10)
        await refused([places, rate])
        await take([places])
        await refused([places])
      })

      test('say when the last of them may be there', async () => {
        const slow: LimitKey = { kind: 'rate', name: 'slow', tokens: 1, perMs: 60_000 }
        await take([rate, slow], 1)
        await take([rate], 9)
        expect((await refused([rate, slow])) - t.now).toBe(60_000)
      })

      test('may have one name for a rate and a concurrency', async () => {
        await take([
          { ...rate, name: 'both' },
          { ...places, name: 'both' },
        ])
        await take([{ ...places, name: 'both' }])
        await refused([{ ...places, name: 'both' }])
      })

      test('may be none', async () => {
        await t.store.limits.give(await take([]))
      })
    })

    describe('mark', () => {
      test('is new once and then seen, until it expires', async () => {
        expect(await t.store.limits.mark('triple', 1_000)).toBe('new')
        t.now += 600
        expect(await t.store.limits.mark('triple', 1_000)).toBe('seen')
        t.now += 401
        expect(await t.store.limits.mark('triple', 1_000)).toBe('new')
        expect(await t.store.limits.mark('other', 1_000)).toBe('new')
      })

      test('is new for one of many at once', async () => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => t.store.limits.mark('one', 1_000)))
        expect(answers.filter((answer) => answer === 'new')).toHaveLength(1)
      })
    })
  })
}
