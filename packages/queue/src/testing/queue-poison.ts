/** The contract of poison: what kills its workers is held, and nothing beside it. */

import { describe, expect } from 'vitest'
import { contractTest, crashTest, createStage, entry, type StoreHarness } from './harness.ts'

/** Registers the tests of poison. */
export function describePoison(harness: StoreHarness): void {
  describe('poison', () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'poison')
    const afterCrash = crashTest(harness, 'poison')

    test('is held with the reason after three deaths alone; innocent neighbours are not', async () => {
      for (const name of ['a', 'poison', 'b']) await t.enqueue(entry(name))
      expect(await t.lease({ limit: 3 })).toHaveLength(3)
      t.die()
      const deaths = new Map<string, number>()
      const settled: string[] = []
      for (let n = 0; n < 20; n += 1) {
        const leases = await t.lease({ limit: 10 })
        for (const lease of leases) {
          expect(leases).toHaveLength(1)
          expect(lease.recovered).toBe(true)
          if (lease.job === 'poison') deaths.set(lease.job, (deaths.get(lease.job) ?? 0) + 1)
          else if ((await t.settle(lease)) === 'settled') settled.push(lease.job)
        }
        t.die()
      }
      expect(deaths).toEqual(new Map([['poison', 3]]))
      expect(settled.toSorted()).toEqual(['a', 'b'])
      expect(await t.view('poison')).toMatchObject({ state: 'held', heldFor: expect.stringMatching(/./) })
    })

    test('does not count the death of a list of many', async () => {
      await t.reset({ poisonDeaths: 1 })
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b'))
      await t.lease({ limit: 2 })
      t.die()
      await t.settle(await t.take())
      await t.settle(await t.take())
      expect(await t.view('a')).toBeUndefined()
      expect(await t.view('b')).toBeUndefined()
    })

    test('is forgiven by a settlement between', async () => {
      await t.reset({ poisonDeaths: 2 })
      await t.enqueue(entry('a'))
      for (let n = 0; n < 3; n += 1) {
        await t.take()
        t.die()
        await t.take()
        t.die()
        await t.settle(await t.take(), { kind: 'retry', job: 'a', notBefore: t.now })
      }
      const lease = await t.take()
      expect(lease).toMatchObject({ attempt: 9, recovered: false })
    })

    test('is counted anew once it was released by hand', async () => {
      await t.reset({ poisonDeaths: 1 })
      await t.enqueue(entry('a'))
      await t.take()
      t.die()
      await t.take()
      t.die()
      expect(await t.lease()).toEqual([])
      expect((await t.view('a'))?.state).toBe('held')
      await t.store.control.apply({ kind: 'release' }, {}, { limit: 10 })
      expect((await t.take()).job).toBe('a')
    })

    afterCrash('is counted over crashes of the store', async () => {
      await t.reset({ poisonDeaths: 2 })
      await t.enqueue(entry('a'))
      await t.take()
      t.die()
      for (let n = 0; n < 2; n += 1) {
        expect((await t.take()).recovered).toBe(true)
        t.die()
        await t.crash()
      }
      expect(await t.lease()).toEqual([])
      expect((await t.view('a'))?.state).toBe('held')
    })
  })
}
