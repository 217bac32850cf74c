/** The contract of what the destination said last: kept by settlements, shown and filtered by control. */

import { entryId } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import type { EntryFilter, Settlement } from '../index.ts'
import { contractTest, crashTest, createStage, entry, type StoreHarness } from './harness.ts'

/** Registers the tests of replies. */
export function describeReplies(harness: StoreHarness): void {
  describe('replies', () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'replies')
    const afterCrash = crashTest(harness, 'replies')

    const lastReply = async (name = 'a'): Promise<string | undefined> => {
      const { items } = await t.store.control.list({ ids: [entryId(`${name}.0`)] }, { limit: 10 })
      return items[0]?.lastReply
    }
    /** Settles an entry that is due so that it is due again. */
    const again = async (how: Partial<Settlement<string>>): Promise<void> => {
      const lease = await t.take()
      expect(await t.settle(lease, { kind: 'retry', job: lease.job, notBefore: t.now, ...how })).toBe('settled')
    }
    const names = async (filter: EntryFilter): Promise<string[]> =>
      (await t.store.control.list(filter, { limit: 100 })).items.map(({ job }) => job ?? '').toSorted()

    test('are none before a settlement told one', async () => {
      await t.enqueue(entry('a'))
      await again({})
      expect(await lastReply()).toBeUndefined()
    })

    test('are kept by retry and replaced by the next', async () => {
      await t.enqueue(entry('a'))
      await again({ reply: '450 4.2.0 wait' })
      expect(await lastReply()).toBe('450 4.2.0 wait')
      await again({ reply: '451 4.3.0 ünïcode' })
      expect(await lastReply()).toBe('451 4.3.0 ünïcode')
    })

    test('are kept by hold, over the release', async () => {
      await t.enqueue(entry('a'))
      await t.settle(await t.take(), { kind: 'hold', job: 'a', reason: 'r', reply: '554 5.7.1 no' })
      expect(await lastReply()).toBe('554 5.7.1 no')
      await t.store.control.apply({ kind: 'release' }, {}, { limit: 10 })
      expect(await lastReply()).toBe('554 5.7.1 no')
    })

    test('stay where a settlement tells none, and over leases that run out', async () => {
      await t.enqueue(entry('a'))
      await again({ reply: '450 4.2.0 wait' })
      await again({})
      await t.take()
      t.die()
      await t.settle(await t.take(), { kind: 'hold', job: 'a', reason: 'r' })
      expect(await lastReply()).toBe('450 4.2.0 wait')
    })

    test('are cut after 500 characters', async () => {
      await t.enqueue(entry('a'))
      await again({ reply: `450 ${'x'.repeat(600)}` })
      expect(await lastReply()).toBe(`450 ${'x'.repeat(496)}`)
    })

    test('of a lost lease are not kept', async () => {
      await t.enqueue(entry('a'))
      const stale = await t.take()
      t.die()
      await t.take()
      expect(await t.settle(stale, { kind: 'retry', job: 'a', notBefore: t.now, reply: 'stale' })).toBe('lost')
      expect(await lastReply()).toBeUndefined()
    })

    test('are found by what they hold somewhere, exactly as written', async () => {
      for (const [name, reply] of [
        ['a', '450 4.2.0 mailbox 100% full'],
        ['b', '451 4.7.1 Greylisted, try again'],
        ['c', undefined],
        ['d', '450 under_score and back\\slash [x] * ?'],
        ['e', ''],
      ] as const) {
        await t.enqueue(entry(name))
        await t.settle(await t.take(), {
          kind: 'retry',
          job: name,
          notBefore: t.now + 1_000,
          ...(reply === undefined ? {} : { reply }),
        })
      }
      for (const [lastReply, found] of [
        ['450', ['a', 'd']],
        ['Greylisted', ['b']],
        ['greylisted', []],
        ['100% full', ['a']],
        ['4%0', []],
        ['under_score', ['d']],
        ['under.score', []],
        ['mail_ox', []],
        ['\\slash [x] * ?', ['d']],
        ['*', ['d']],
        ['', ['a', 'b', 'd', 'e']],
      ] as const) {
        expect([lastReply, await names({ lastReply })]).toEqual([lastReply, found])
      }
      expect(await names({ lastReply: '450', ids: [entryId('a.0'), entryId('b.0')] })).toEqual(['a'])
    })

    test('choose what control does', async () => {
      await t.enqueue(entry('a'))
      await again({ reply: '550 5.1.1 unknown' })
      await t.enqueue(entry('b'))
      const report = await t.store.control.apply({ kind: 'drop' }, { lastReply: '5.1.1' }, { limit: 10 })
      expect(report).toMatchObject({ matched: 1, changed: 1 })
      expect(await names({})).toEqual(['b'])
    })

    afterCrash('are durable', async () => {
      await t.enqueue(entry('a'))
      await again({ reply: '450 4.2.0 wait' })
      await t.crash()
      expect(await lastReply()).toBe('450 4.2.0 wait')
    })
  })
}
