/** The contract of waiting for work, and of disposal. */

import { groupId } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import { QueueUnavailableError } from '../index.ts'
import { contractTest, createStage, entry, type StoreHarness } from './harness.ts'

const GROUP = groupId('example.org')
/** Longer than any test runs: a test that waits for it fails. */
const LONG_MS = 600_000

/** Registers the tests of waiting. */
export function describeWaiting(harness: StoreHarness): void {
  describe('waiting', () => {
    const t = createStage(harness, { groupConcurrency: 1 })
    const test = contractTest(harness, 'waiting')

    test('ends with an empty list once waitMs have passed', async () => {
      expect(await t.lease({ waitMs: 15 })).toEqual([])
    })

    test('does not delay what is there', async () => {
      await t.enqueue(entry('a'))
      expect(await t.jobs({ limit: 10, waitMs: LONG_MS })).toEqual(['a'])
    })

    test('ends with the entry that is enqueued', async () => {
      const waiting = t.jobs({ waitMs: LONG_MS })
      await t.enqueue(entry('a'))
      expect(await waiting).toEqual(['a'])
    })

    test('gives an entry to one of many that wait', async () => {
      const waiting = ['x', 'y', 'z'].map(() => t.jobs({ waitMs: LONG_MS }))
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b', { group: 'b.example' }))
      await t.enqueue(entry('c', { group: 'c.example' }))
      expect((await Promise.all(waiting)).flat().toSorted()).toEqual(['a', 'b', 'c'])
    })

    test('ends with an entry whose time has come', async () => {
      await t.enqueue(entry('a', { notBefore: t.now + 40 }))
      const waiting = t.jobs({ waitMs: LONG_MS })
      t.now += 40
      expect(await waiting).toEqual(['a'])
    })

    test('ends with an entry whose lease has run out', async () => {
      await t.enqueue(entry('a'))
      await t.take({ durationMs: 40 })
      const waiting = t.lease({ waitMs: LONG_MS })
      t.now += 41
      expect(await waiting).toMatchObject([{ job: 'a', recovered: true }])
    })

    test('ends with what a settlement spawns', async () => {
      await t.enqueue(entry('a'))
      const a = await t.take()
      const waiting = t.jobs({ waitMs: LONG_MS })
      await t.settle(a, { spawn: [entry('b')] })
      expect(await waiting).toEqual(['b'])
    })

    test('ends when control raises the limit of a group', async () => {
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b'))
      await t.take()
      const waiting = t.jobs({ waitMs: LONG_MS })
      await t.store.control.limit(GROUP, 2)
      expect(await waiting).toEqual(['b'])
    })

    test('ends with the place that a settlement frees', async () => {
      await t.enqueue(entry('a'))
      await t.enqueue(entry('b'))
      const a = await t.take()
      const waiting = t.jobs({ waitMs: LONG_MS })
      await t.settle(a)
      expect(await waiting).toEqual(['b'])
    })

    test('ends with an entry that is retried at once', async () => {
      await t.enqueue(entry('a'))
      const a = await t.take()
      const waiting = t.jobs({ waitMs: LONG_MS })
      await t.settle(a, { kind: 'retry', job: 'again', notBefore: t.now })
      expect(await waiting).toEqual(['again'])
    })

    test('ends when a group is resumed', async () => {
      await t.enqueue(entry('a'))
      await t.store.control.pause(GROUP, t.now + LONG_MS)
      const waiting = t.jobs({ waitMs: LONG_MS })
      await t.store.control.resume(GROUP)
      expect(await waiting).toEqual(['a'])
    })

    test('ends when an entry is released, retried or rerouted by hand', async () => {
      await t.enqueue(entry('a', { notBefore: t.now + LONG_MS }))
      const first = t.lease({ waitMs: LONG_MS })
      await t.store.control.apply({ kind: 'retry' }, {}, { limit: 10 })
      const [a] = await first
      await t.settle(a, { kind: 'hold', job: 'held', reason: 'r' })
      const second = t.jobs({ waitMs: LONG_MS })
      await t.store.control.apply({ kind: 'release' }, {}, { limit: 10 })
      expect(await second).toEqual(['held'])
      await t.enqueue(entry('b'))
      const third = t.jobs({ waitMs: LONG_MS })
      await t.store.control.apply(
        { kind: 'reroute', group: groupId('free.example') },
        { ids: [entry('b').id] },
        { limit: 10 },
      )
      expect(await third).toEqual(['b'])
    })

    test('ends at once when the signal fires', async () => {
      const stop = new AbortController()
      const waiting = t.lease({ waitMs: LONG_MS, signal: stop.signal })
      stop.abort()
      expect(await waiting).toEqual([])
      await t.enqueue(entry('a'))
      expect(await t.jobs()).toEqual(['a'])
    })

    test('does not begin where the signal has fired', async () => {
      expect(await t.lease({ waitMs: LONG_MS, signal: AbortSignal.abort() })).toEqual([])
    })

    test('ends with an empty list when the store is disposed', async () => {
      const waiting = [t.lease({ waitMs: LONG_MS }), t.lease({ waitMs: LONG_MS })]
      await t.store[Symbol.asyncDispose]()
      expect(await Promise.all(waiting)).toEqual([[], []])
    })

    test('disposal lets what was begun finish, and refuses what comes after', async () => {
      const begun = t.enqueue(entry('a'))
      await t.store[Symbol.asyncDispose]()
      await begun
      await expect(t.enqueue(entry('b'))).rejects.toBeInstanceOf(QueueUnavailableError)
      await expect(t.lease()).rejects.toBeInstanceOf(QueueUnavailableError)
      await t.store[Symbol.asyncDispose]()
    })
  })
}
