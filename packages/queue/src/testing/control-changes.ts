/** The contract of `QueueControl.changes`: a feed that misses nothing, tells each group once, and says when it cannot go on. */

import { entryId, groupId } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import type { Changes, ChangesRequest } from '../index.ts'
import { contractTest, crashTest, createStage, entry, type StoreHarness } from './harness.ts'

const GROUP = groupId('example.org')
/** Longer than any test runs: a test that waits for it fails. */
const LONG_MS = 600_000

/** Registers the tests of the feed. */
export function describeChanges(harness: StoreHarness): void {
  describe('changes', () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'changes')
    const afterCrash = crashTest(harness, 'changes')

    const ask = (request: Partial<ChangesRequest>): Promise<Changes> =>
      t.store.control.changes({ limit: 100, waitMs: LONG_MS, ...request })
    /** Begins to follow; nothing of before is told. */
    const begin = async (): Promise<string> => (await ask({})).cursor
    /** What has changed since, of which there must be something. */
    const since = async (cursor: string): Promise<Changes> => {
      const changes = await ask({ cursor })
      expect(changes.restarted).toBe(false)
      return changes
    }

    test('begins at once, with no groups and a cursor', async () => {
      await t.enqueue(entry('a'))
      expect(await ask({})).toEqual({ groups: [], cursor: expect.any(String), restarted: true })
    })

    for (const cursor of ['', 'no-such-cursor', '7', 'stranger.7']) {
      test(`begins anew with the cursor "${cursor}" of a stranger`, async () => {
        await begin()
        await t.enqueue(entry('a'))
        const changes = await ask({ cursor })
        expect(changes).toMatchObject({ groups: [], restarted: true })
        await t.enqueue(entry('b', { group: 'example.net' }))
        expect((await since(changes.cursor)).groups.map(({ group }) => group)).toEqual(['example.net'])
      })
    }

    test('tells a group whose entry was added, leased, retried, held, released or dropped', async () => {
      let cursor = await begin()
      const counts = { group: GROUP, pausedUntil: undefined, concurrency: 20, ready: 0, waiting: 0, leased: 0, held: 0 }
      const told = async (expected: object): Promise<void> => {
        const changes = await since(cursor)
        expect(changes.groups).toEqual([{ ...counts, ...expected }])
        cursor = changes.cursor
      }
      const ids = { ids: [entryId('a.0')] }
      await t.enqueue(entry('a'))
      await told({ ready: 1 })
      const lease = await t.take()
      await told({ leased: 1 })
      await t.settle(lease, { kind: 'retry', job: 'a', notBefore: t.now + 500 })
      await told({ waiting: 1 })
      await t.store.control.apply({ kind: 'hold', reason: 'stop' }, ids, { limit: 10 })
      await told({ held: 1 })
      await t.store.control.apply({ kind: 'release' }, ids, { limit: 10 })
      await told({ ready: 1 })
      await t.store.control.apply({ kind: 'drop' }, ids, { limit: 10 })
      await told({})
    })

    test('tells a group that was paused, resumed and limited', async () => {
      await t.enqueue(entry('a'))
      let cursor = await begin()
      const told = async (expected: object): Promise<void> => {
        const changes = await since(cursor)
        expect(changes.groups).toMatchObject([{ group: GROUP, ready: 1, ...expected }])
        cursor = changes.cursor
      }
      await t.store.control.pause(GROUP, t.now + 5_000)
      await told({ pausedUntil: t.now + 5_000 })
      await t.store.control.resume(GROUP)
      await told({ pausedUntil: undefined })
      await t.store.control.limit(GROUP, 3)
      await told({ concurrency: 3 })
    })

    test('tells a group that has emptied with zeros', async () => {
      await t.enqueue(entry('a'))
      const lease = await t.take()
      const cursor = await begin()
      await t.settle(lease)
      expect((await since(cursor)).groups).toMatchObject([{ group: GROUP, ready: 0, waiting: 0, leased: 0, held: 0 }])
    })

    test('tells both groups of an entry that moved', async () => {
      await t.enqueue(entry('a'))
      const cursor = await begin()
      await t.store.control.apply({ kind: 'reroute', group: groupId('smart.example') }, {}, { limit: 10 })
      const { groups } = await since(cursor)
      expect(new Map(groups.map(({ group, ready }) => [group, ready]))).toEqual(
        new Map([
          [GROUP, 0],
          [groupId('smart.example'), 1],
        ]),
      )
    })

    test('tells the group of what a settlement spawns', async () => {
      await t.enqueue(entry('a'))
      const lease = await t.take()
      const cursor = await begin()
      await t.settle(lease, { spawn: [entry('bounce', { group: 'bounces.example' })] })
      const { groups } = await since(cursor)
      expect(groups).toHaveLength(2)
      expect(groups).toContainEqual(expect.objectContaining({ group: 'bounces.example', ready: 1, leased: 0 }))
      expect(groups).toContainEqual(expect.objectContaining({ group: GROUP, ready: 0, leased: 0 }))
    })

    test('tells a group that changed many times once, as it stands', async () => {
      const cursor = await begin()
      for (let n = 0; n < 10; n += 1) await t.enqueue(entry(`m${n}`))
      await t.enqueue(entry('other', { group: 'example.net' }))
      await t.lease({ limit: 4 })
      const { groups } = await since(cursor)
      expect(new Map(groups.map(({ group, ready, leased }) => [group, ready + leased]))).toEqual(
        new Map([
          [groupId('example.net'), 1],
          [GROUP, 10],
        ]),
      )
      expect(groups).toHaveLength(2)
    })

    test('gives more groups than the limit in pages, each once', async () => {
      let cursor = await begin()
      for (let n = 0; n < 5; n += 1) await t.enqueue(entry(`m${n}`, { group: `g${n}.example` }))
      const told: string[] = []
      for (const count of [2, 2, 1]) {
        const changes = await ask({ cursor, limit: 2 })
        expect(changes).toMatchObject({ restarted: false })
        expect(changes.groups).toHaveLength(count)
        told.push(...changes.groups.map(({ group }) => group))
        cursor = changes.cursor
      }
      expect(told.toSorted()).toEqual([0, 1, 2, 3, 4].map((n) => `g${n}.example`))
      expect((await ask({ cursor, limit: 2, waitMs: 0 })).groups).toEqual([])
    })

    test('gives nothing where nothing changed, and goes on from there', async () => {
      const cursor = await begin()
      const nothing = await ask({ cursor, waitMs: 15 })
      expect(nothing).toMatchObject({ groups: [], restarted: false })
      await t.enqueue(entry('a'))
      expect((await since(nothing.cursor)).groups).toHaveLength(1)
    })

    test('gives a change to everyone who follows, and again to who asks again', async () => {
      const [one, two] = [await begin(), await begin()]
      await t.enqueue(entry('a'))
      for (const cursor of [one, two, one]) expect((await since(cursor)).groups).toMatchObject([{ ready: 1 }])
    })

    test('waits for a change', async () => {
      const cursor = await begin()
      const waiting = [ask({ cursor }), ask({ cursor })]
      await t.enqueue(entry('a'))
      for (const changes of await Promise.all(waiting)) {
        expect(changes).toMatchObject({ groups: [{ group: GROUP, ready: 1 }], restarted: false })
      }
    })

    test('ends its wait when the signal fires, and does not wait where it has fired', async () => {
      const cursor = await begin()
      const stop = new AbortController()
      const waiting = ask({ cursor, signal: stop.signal })
      stop.abort()
      expect(await waiting).toMatchObject({ groups: [], restarted: false })
      expect(await ask({ cursor, signal: stop.signal })).toMatchObject({ groups: [], restarted: false })
    })

    test('ends its wait when the store is disposed', async () => {
      const cursor = await begin()
      const waiting = ask({ cursor })
      await t.store[Symbol.asyncDispose]()
      expect((await waiting).groups).toEqual([])
    })

    afterCrash('goes on after a crash or begins anew, and misses nothing', async () => {
      const cursor = await begin()
      await t.enqueue(entry('a'))
      await t.crash()
      const { restarted, groups } = await ask({ cursor })
      expect(restarted ? groups.length === 0 : groups.some(({ group }) => group === GROUP)).toBe(true)
    })
  })
}
