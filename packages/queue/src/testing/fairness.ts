/**
 * Fairness under a crowd: one group with very many entries that are due, and many groups with one each. Every small group
 * is served within a bounded number of leases, however long the large one is.
 */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import type { NewEntry, Store } from '../index.ts'
import { contractTest, type OpenOptions, type StoreHarness } from './harness.ts'

/** How large the crowd is. */
export interface FairnessOptions {
  /** Entries of the large group. Default 20,000. */
  readonly entries?: number
  /** Groups with one entry each. Default 999. */
  readonly groups?: number
  /** How long one test may take, in milliseconds. Default 120,000. */
  readonly timeoutMs?: number
}

/** Within how many leases every small group is served. */
const WITHIN = 2_000
/** Entries of one enqueue. */
const MANY = 500
/** Enqueues under way at a time. */
const CALLERS = 8

/** Registers the tests. Call it once per implementation. */
export function describeFairness(name: string, harness: StoreHarness, options: FairnessOptions = {}): void {
  const { entries = 20_000, groups = 999, timeoutMs = 120_000 } = options
  const crowd = `${entries.toLocaleString('en')} entries of one group`
  describe(`${name} is fair`, () => {
    const now = 1_700_000_000_000
    const open: OpenOptions = { now: () => now }
    const test = contractTest(harness, 'fairness')

    it(
      `to ${groups} groups with one entry each behind ${crowd}, in lists of 1, 10 and 100`,
      { timeout: timeoutMs },
      async () => {
        const store = await harness.open(open)
        try {
          await fill(store, 'big', entries, 0)
          for (const limit of [1, 10, 100]) {
            await fillSmall(store, `s${limit}`, groups, now)
            const last = await serve(store, `s${limit}-`, groups, limit)
            console.log(`${name}: ${crowd}, lists of ${limit}: the last small group was served by lease ${last}`)
            expect(last).toBeLessThanOrEqual(WITHIN)
          }
        } finally {
          await store[Symbol.asyncDispose]()
        }
      },
    )

    test('not over priorities, by design: the lower one waits while a higher is ready', async () => {
      const store = await harness.open(open)
      try {
        await fill(store, 'low', 3, -1)
        await fill(store, 'high', 50, 1)
        const served: string[] = []
        for (let n = 0; n < 60; n += 1) {
          const leases = await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })
          served.push(...leases.map(({ group }) => group))
          await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
        }
        expect(served).toEqual([...Array<string>(50).fill('high.example'), ...Array<string>(3).fill('low.example')])
      } finally {
        await store[Symbol.asyncDispose]()
      }
    })
  })
}

/** Entries of one group, `MANY` of a message, `CALLERS` messages at a time. */
async function fill(store: Store<string>, group: string, count: number, priority: number): Promise<void> {
  let next = 0
  const call = async (): Promise<void> => {
    while (next < count) {
      const first = next
      next += MANY
      const indexes = Array.from({ length: Math.min(MANY, count - first) }, (_, n) => n)
      await store.queue.enqueue(indexes.map((n) => entryOf(`${group}${first}`, n, group, priority)))
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, call))
}

/** One entry for each small group, each a message of its own. */
async function fillSmall(store: Store<string>, prefix: string, groups: number, now: number): Promise<void> {
  for (let first = 0; first < groups; first += 100) {
    const names = Array.from({ length: Math.min(100, groups - first) }, (_, n) => `${prefix}-${first + n}`)
    await Promise.all(names.map((name) => store.queue.enqueue([{ ...entryOf(name, 0, name, 0), notBefore: now }])))
  }
}

/** Leases and settles until every small group was served; says by how many leases. */
async function serve(store: Store<string>, prefix: string, groups: number, limit: number): Promise<number> {
  const waiting = new Set(Array.from({ length: groups }, (_, n) => `${prefix}${n}.example`))
  let count = 0
  for (;;) {
    const leases = await store.queue.lease({ limit, durationMs: 60_000, waitMs: 0 })
    if (leases.length === 0) return expect.fail(`nothing to lease while ${waiting.size} groups wait`)
    for (const { group } of leases) {
      count += 1
      waiting.delete(group)
      if (waiting.size === 0) return count
    }
    await store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
    if (count > 10 * WITHIN) return expect.fail(`${waiting.size} groups wait after ${count} leases`)
  }
}

function entryOf(message: string, index: number, group: string, priority: number): NewEntry<string> {
  const id = createEntryId(messageId(message), index)
  return { id, job: 'j', group: groupId(`${group}.example`), priority, notBefore: 0, labels: {} }
}
