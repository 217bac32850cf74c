/** A roll against a plain list, and what a page of it costs. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import * as fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { EntryFilter } from '../src/index.ts'
import { createMemoryStore } from '../src/memory.ts'
import { Roll } from '../src/memory/roll.ts'

describe('a roll', () => {
  it('walks from any number like a list of what is left', () => {
    const step = fc.oneof(
      fc.constant({ kind: 'add' as const }),
      fc.nat(400).map((at) => ({ kind: 'remove' as const, at })),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400, size: 'max' }), fc.nat(400), (steps, from) => {
        const roll = new Roll()
        const model = new Map<number, number>()
        for (const [n, one] of steps.entries()) {
          if (one.kind === 'add') model.set(roll.add(n), n)
          else {
            roll.remove(one.at)
            model.delete(one.at)
          }
        }
        expect(roll.size).toBe(model.size)
        expect([...roll.after(from)]).toEqual([...model].filter(([number]) => number > from))
        expect(roll.first()).toBe([...model.values()][0])
        expect(roll.last()).toBe([...model.values()].at(-1))
      }),
    )
  })

  it('keeps few places of members that have left', () => {
    const roll = new Roll()
    for (let n = 0; n < 10_000; n += 1) roll.add(n)
    expect(roll.places).toBeGreaterThanOrEqual(10_000)
    for (let n = 1; n < 10_000; n += 1) roll.remove(n)
    expect([...roll.after(0)]).toEqual([[10_000, 9_999]])
    expect(roll.places).toBeLessThan(100)
    for (let n = 0; n < 10_000; n += 1) roll.remove(roll.add(n))
    expect(roll.places).toBeLessThan(100)
    expect(roll.add(7)).toBe(20_001)
  })
})

describe('a page of entries', () => {
  it.each([
    { what: 'a group', filter: { group: groupId('small.example') }, found: 3 },
    { what: 'what is held', filter: { state: 'held' }, found: 2 },
    { what: 'what is leased', filter: { state: 'leased' }, found: 1 },
    { what: 'what is held of a group', filter: { state: 'held', group: groupId('small.example') }, found: 2 },
  ] satisfies readonly { what: string; filter: EntryFilter; found: number }[])(
    'of $what looks at those alone',
    async ({ filter, found }) => {
      const store = createMemoryStore<string>({ clock: createManualClock(), random: createSeededRandom(7) })
      const add = (name: string, group: string, priority: number) =>
        store.queue.enqueue([
          {
            id: createEntryId(messageId(name), 0),
            job: name,
            group: groupId(group),
            priority,
            notBefore: 0,
            labels: { name },
          },
        ])
      for (const name of ['s1', 's2', 's3']) await add(name, 'small.example', 1)
      for (let n = 0; n < 2_000; n += 1) await add(`l${n}`, 'large.example', 0)
      const leases = await store.queue.lease({ limit: 3, durationMs: 60_000, waitMs: 0 })
      await store.queue.settle(
        leases.slice(1).map(({ token, job }) => ({ token, kind: 'hold', job, reason: 'to see it' })),
      )
      const rolls = vi.spyOn(Roll.prototype, 'after')
      const maps = vi.spyOn(Map.prototype, 'values')
      onTestFinished(() => void vi.restoreAllMocks())
      const { items, cursor } = await store.control.list(filter, { limit: 10 })
      expect(rolls.mock.contexts.filter((roll) => roll instanceof Roll && roll.size > 3)).toEqual([])
      expect(maps).not.toHaveBeenCalled()
      expect(items).toHaveLength(found)
      expect(cursor).toBeUndefined()
    },
  )
})
