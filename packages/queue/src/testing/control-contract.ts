/** The contract of `QueueControl`. Pausing, resuming and limits of groups are in the contract of `Queue`. */

import { entryId, groupId } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import {
  type ControlAction,
  ContentMissingError,
  type EntryFilter,
  type EntryView,
  type GroupCounts,
} from '../index.ts'
import { describeChanges } from './control-changes.ts'
import { describeReplies } from './control-replies.ts'
import { contractTest, crashTest, createStage, entry, type StoreHarness } from './harness.ts'

/** Registers the tests every `QueueControl` must pass. Call it once per implementation. */
export function describeControlContract(name: string, harness: StoreHarness): void {
  describe(`${name} keeps the QueueControl contract`, () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'control')
    const afterCrash = crashTest(harness, 'control')

    /** Every item over all pages of a size. */
    const listAll = async (filter: EntryFilter, limit = 100): Promise<EntryView<string>[]> => {
      const found: EntryView<string>[] = []
      let cursor: string | undefined
      do {
        const page = await t.store.control.list(filter, cursor === undefined ? { limit } : { limit, cursor })
        expect(page.items.length).toBeLessThanOrEqual(limit)
        found.push(...page.items)
        cursor = page.cursor
      } while (cursor !== undefined)
      return found
    }
    const names = async (filter: EntryFilter): Promise<string[]> =>
      (await listAll(filter)).map(({ id }) => id.slice(0, -2)).toSorted()
    const applyAll = async (
      action: ControlAction,
      filter: EntryFilter,
      dryRun = false,
      limit = 100,
    ): Promise<{ matched: number; changed: number; leased: number }> => {
      const sum = { matched: 0, changed: 0, leased: 0 }
      let cursor: string | undefined
      do {
        const page = { limit, dryRun, ...(cursor === undefined ? {} : { cursor }) }
        const report = await t.store.control.apply(action, filter, page)
        sum.matched += report.matched
        sum.changed += report.changed
        sum.leased += report.leased
        cursor = report.cursor
      } while (cursor !== undefined)
      return sum
    }

    /** Every group's counts over all pages of a size. */
    const countsAll = async (limit = 100): Promise<Map<string, GroupCounts>> => {
      const found = new Map<string, GroupCounts>()
      let cursor: string | undefined
      do {
        const page = await t.store.control.counts(cursor === undefined ? { limit } : { limit, cursor })
        expect(page.items.length).toBeLessThanOrEqual(limit)
        for (const counts of page.items) {
          expect(found.has(counts.group)).toBe(false)
          found.set(counts.group, counts)
        }
        cursor = page.cursor
      } while (cursor !== undefined)
      return found
    }

    /** One entry in each state: `leased`, `held`, `waiting`, `ready`. */
    const oneOfEach = async (): Promise<void> => {
      await t.enqueue(entry('leased', { priority: 9 }))
      await t.enqueue(entry('held', { priority: 8 }))
      const [, held] = await t.lease({ limit: 2, durationMs: 60_000 })
      await t.settle(held, { kind: 'hold', job: 'held', reason: 'odd' })
      await t.enqueue(entry('waiting', { notBefore: t.now + 5_000 }))
      await t.enqueue(entry('ready', { group: 'example.net' }))
    }

    describe('list', () => {
      test('shows an entry as it stands', async () => {
        const content = await t.put('x')
        const labels = { sender: 'ada@example.org' }
        await t.enqueue(entry('a', { content, labels, priority: 3, notBefore: t.now + 50 }))
        expect(await listAll({})).toEqual([
          {
            id: 'a.0',
            state: 'waiting',
            group: 'example.org',
            job: 'a',
            content: content.id,
            priority: 3,
            labels,
            attempt: 0,
            enqueuedAt: t.now,
            notBefore: t.now + 50,
            heldFor: undefined,
            lastReply: undefined,
          },
        ])
      })

      test('tells the states apart', async () => {
        await oneOfEach()
        for (const state of ['ready', 'waiting', 'leased', 'held'] as const)
          expect(await names({ state })).toEqual([state])
        expect((await listAll({ state: 'held' }))[0]?.heldFor).toBe('odd')
        t.now += 5_000
        expect(await names({ state: 'ready' })).toEqual(['ready', 'waiting'])
        expect(await names({ state: 'waiting' })).toEqual([])
      })

      test('filters by id, group, labels, age and attempts, and by all together', async () => {
        await t.enqueue(entry('old', { labels: { sender: 'ada', to: 'bob' } }))
        await t.settle(await t.take(), { kind: 'retry', job: 'old', notBefore: t.now })
        t.now += 1_000
        await t.enqueue(entry('young', { labels: { sender: 'ada' } }))
        await t.enqueue(entry('other', { group: 'example.net', labels: { sender: 'eve' } }))
        expect(await names({})).toEqual(['old', 'other', 'young'])
        expect(await names({ ids: [entryId('old.0'), entryId('other.0'), entryId('nobody.0')] })).toEqual([
          'old',
          'other',
        ])
        expect(await names({ ids: [] })).toEqual([])
        expect(await names({ group: groupId('example.net') })).toEqual(['other'])
        expect(await names({ labels: { sender: 'ada' } })).toEqual(['old', 'young'])
        expect(await names({ labels: { sender: 'ada', to: 'bob' } })).toEqual(['old'])
        expect(await names({ labels: { sender: 'ad' } })).toEqual([])
        expect(await names({ enqueuedBefore: t.now })).toEqual(['old'])
        expect(await names({ attemptsAtLeast: 1 })).toEqual(['old'])
        expect(await names({ labels: { sender: 'ada' }, enqueuedBefore: t.now + 1, attemptsAtLeast: 0 })).toEqual([
          'old',
          'young',
        ])
        expect(await names({ group: groupId('example.org'), state: 'ready', labels: { sender: 'eve' } })).toEqual([])
        expect(await names({ ids: [entryId('old.0')], group: groupId('example.net') })).toEqual([])
      })

      test('gives every entry once over pages of any size', async () => {
        for (let n = 0; n < 25; n += 1)
          await t.enqueue(entry(`m${n}`, { group: `g${n % 3}.example`, labels: { odd: `${n % 2}` } }))
        for (const limit of [1, 4, 25, 100]) {
          for (const [filter, count] of [
            [{}, 25],
            [{ labels: { odd: '1' } }, 12],
            [{ group: groupId('g0.example') }, 9],
            [{ state: 'ready' as const }, 25],
          ] as const) {
            const ids = (await listAll(filter, limit)).map(({ id }) => id)
            expect(ids.length).toBe(count)
            expect(new Set(ids).size).toBe(count)
          }
        }
      })

      describe('of one entry among 300', () => {
        const one = entry('one', { group: 'one.example' })
        /** The one stands in the middle of the others. */
        const among = async (others: { readonly notBefore?: number }, own: { readonly notBefore?: number } = {}) => {
          const many = Array.from({ length: 150 }, (_, n) => n)
          await t.enqueue(...many.map((n) => entry('x', { id: `before.${n}`, ...others })))
          await t.enqueue({ ...one, ...own })
          await t.enqueue(...many.map((n) => entry('x', { id: `after.${n}`, ...others })))
        }
        const onFirstPage = async (filter: EntryFilter): Promise<void> => {
          const { items } = await t.store.control.list(filter, { limit: 10 })
          expect(items.map(({ id }) => id)).toEqual([one.id])
        }

        test('examines only the group', async () => {
          await among({})
          await onFirstPage({ group: one.group })
        })

        test('examines only the ids', async () => {
          await among({})
          await onFirstPage({ ids: [one.id] })
        })

        test('examines only what is held', async () => {
          await among({})
          await t.store.control.apply({ kind: 'hold', reason: 'r' }, { ids: [one.id] }, { limit: 10 })
          await onFirstPage({ state: 'held' })
        })

        test('examines only what is leased', async () => {
          await among({ notBefore: t.now + 1_000 })
          await t.take()
          t.now += 999
          await onFirstPage({ state: 'leased' })
        })

        test('examines only what is ready', async () => {
          await among({ notBefore: t.now + 1_000 })
          await onFirstPage({ state: 'ready' })
        })

        test('examines only what is waiting', async () => {
          await among({}, { notBefore: t.now + 1_000 })
          await onFirstPage({ state: 'waiting' })
        })
      })
    })

    describeReplies(harness)
    describeChanges(harness)

    describe('counts', () => {
      test('counts entries by group and state', async () => {
        await oneOfEach()
        const counts = await countsAll()
        const common = { pausedUntil: undefined, concurrency: 20 }
        expect(counts.get('example.org')).toEqual({
          ...common,
          group: 'example.org',
          ready: 0,
          waiting: 1,
          leased: 1,
          held: 1,
        })
        expect(counts.get('example.net')).toEqual({
          ...common,
          group: 'example.net',
          ready: 1,
          waiting: 0,
          leased: 0,
          held: 0,
        })
        t.now += 5_000
        expect((await countsAll()).get('example.org')).toMatchObject({ ready: 1, waiting: 0, leased: 1, held: 1 })
      })

      test('follows leases, settlements, drops and moves', async () => {
        for (let n = 0; n < 6; n += 1) await t.enqueue(entry(`m${n}`))
        const [a, b, c] = await t.lease({ limit: 3 })
        await t.settle(a)
        await t.settle(b, { kind: 'retry', job: 'b', notBefore: t.now + 100, group: groupId('example.net') })
        await t.settle(c, { kind: 'hold', job: 'c', reason: 'r' })
        await applyAll({ kind: 'drop' }, { ids: [entryId('m5.0')] })
        await applyAll({ kind: 'reroute', group: groupId('example.com') }, { ids: [entryId('m4.0')] })
        const counts = await countsAll()
        expect(counts.get('example.org')).toMatchObject({ ready: 1, waiting: 0, leased: 0, held: 1 })
        expect(counts.get('example.net')).toMatchObject({ ready: 0, waiting: 1, leased: 0, held: 0 })
        expect(counts.get('example.com')).toMatchObject({ ready: 1, waiting: 0, leased: 0, held: 0 })
      })

      test('shows pauses and limits', async () => {
        await t.enqueue(entry('a'))
        await t.store.control.pause(groupId('example.org'), t.now + 500)
        await t.store.control.limit(groupId('example.org'), 7)
        expect((await countsAll()).get('example.org')).toMatchObject({ pausedUntil: t.now + 500, concurrency: 7 })
        t.now += 500
        expect((await countsAll()).get('example.org')).toMatchObject({ pausedUntil: undefined, concurrency: 7 })
      })

      test('gives every group once over pages', async () => {
        for (let n = 0; n < 12; n += 1) await t.enqueue(entry(`m${n}`, { group: `g${n}.example` }))
        for (const limit of [1, 5, 12]) expect((await countsAll(limit)).size).toBe(12)
      })
    })

    describe('apply', () => {
      test('holds what is ready or waiting, with the reason', async () => {
        await oneOfEach()
        expect(await applyAll({ kind: 'hold', reason: 'stop' }, {})).toEqual({ matched: 4, changed: 2, leased: 1 })
        t.now += 10_000
        expect(await t.lease({ limit: 10 })).toEqual([])
        expect(await t.view('ready')).toMatchObject({ state: 'held', heldFor: 'stop' })
        expect(await t.view('held')).toMatchObject({ state: 'held', heldFor: 'odd' })
      })

      test('releases what is held', async () => {
        await oneOfEach()
        expect(await applyAll({ kind: 'release' }, {})).toEqual({ matched: 4, changed: 1, leased: 1 })
        expect((await t.jobs({ limit: 10 })).toSorted()).toEqual(['held', 'ready'])
      })

      test('retries what is waiting, now', async () => {
        await oneOfEach()
        expect(await applyAll({ kind: 'retry' }, { group: groupId('example.org') })).toEqual({
          matched: 3,
          changed: 1,
          leased: 1,
        })
        expect((await t.jobs({ limit: 10 })).toSorted()).toEqual(['ready', 'waiting'])
      })

      test('drops for good, with content, and remembers the id', async () => {
        await oneOfEach()
        const content = await t.put('dropped')
        await t.enqueue(entry('a', { content, notBefore: t.now + 9 }))
        expect(await applyAll({ kind: 'drop' }, {})).toEqual({ matched: 5, changed: 4, leased: 1 })
        await expect(t.read(content.id)).rejects.toBeInstanceOf(ContentMissingError)
        await t.enqueue(entry('a'))
        expect(await names({})).toEqual(['leased'])
      })

      test('moves to another group in the state it has', async () => {
        await oneOfEach()
        const action = { kind: 'reroute', group: groupId('smart.example') } as const
        expect(await applyAll(action, {})).toEqual({ matched: 4, changed: 3, leased: 1 })
        expect(await t.view('held')).toMatchObject({ state: 'held', group: 'smart.example' })
        expect(await t.view('waiting')).toMatchObject({ state: 'waiting', group: 'smart.example' })
        expect(await t.take()).toMatchObject({ job: 'ready', group: 'smart.example' })
        expect(await applyAll(action, { ids: [entryId('held.0')] })).toEqual({ matched: 1, changed: 0, leased: 0 })
      })

      test('leaves alone what is leased; its worker goes on', async () => {
        await t.enqueue(entry('a'))
        const lease = await t.take()
        expect(await applyAll({ kind: 'drop' }, {})).toEqual({ matched: 1, changed: 0, leased: 1 })
        expect(await t.settle(lease, { kind: 'retry', job: 'a', notBefore: t.now })).toBe('settled')
      })

      for (const kind of ['hold', 'release', 'retry', 'drop', 'reroute'] as const) {
        test(`tells with dryRun what ${kind} would do and changes nothing`, async () => {
          await oneOfEach()
          const action = { kind, reason: 'r', group: groupId('elsewhere.example') } as ControlAction
          const before = await listAll({})
          const told = await applyAll(action, {}, true)
          expect(await listAll({})).toEqual(before)
          expect(await applyAll(action, {})).toEqual(told)
        })
      }

      test('works in pages until there is no cursor', async () => {
        for (let n = 0; n < 23; n += 1) await t.enqueue(entry(`m${n}`, { labels: { odd: `${n % 2}` } }))
        const filter = { labels: { odd: '0' } }
        expect(await applyAll({ kind: 'hold', reason: 'r' }, filter, false, 5)).toEqual({
          matched: 12,
          changed: 12,
          leased: 0,
        })
        expect(await applyAll({ kind: 'release' }, { state: 'held' }, false, 5)).toEqual({
          matched: 12,
          changed: 12,
          leased: 0,
        })
        expect(await applyAll({ kind: 'drop' }, {}, false, 5)).toEqual({ matched: 23, changed: 23, leased: 0 })
        expect(await listAll({})).toEqual([])
      })

      afterCrash('is durable', async () => {
        await oneOfEach()
        await applyAll({ kind: 'hold', reason: 'stop' }, { ids: [entryId('ready.0')] })
        await applyAll({ kind: 'drop' }, { ids: [entryId('waiting.0')] })
        await t.crash()
        expect(await names({ state: 'held' })).toEqual(['held', 'ready'])
        expect(await names({})).toEqual(['held', 'leased', 'ready'])
      })
    })
  })
}
