/**
 * What a store has memory for after so many operations: what is in it, and little more. `POSTROAD_CHURN_STEPS=n` takes more
 * steps than these.
 */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import { expect, it, onTestFinished } from 'vitest'
import { createMemoryStore } from '../src/memory.ts'
import { Cells } from '../src/memory/cells.ts'
import { EntryTable } from '../src/memory/entry-table.ts'
import { Roll } from '../src/memory/roll.ts'
import { Slab } from '../src/memory/slab.ts'
import { TextIndex } from '../src/memory/text-index.ts'
import { Churn, OBJECT_JOBS, WRITTEN_JOBS } from './churn.ts'
import { heapBytes } from './garbage.ts'

const STEPS = Number(process.env['POSTROAD_CHURN_STEPS'] ?? 12_000)
const MOST = 200

/** Finds everything compact that is made from now on. */
function watchStorage() {
  const found = {
    cells: new Set<Cells>(),
    slabs: new Set<Slab>(),
    indexes: new Set<TextIndex>(),
    rolls: new Set<Roll>(),
    tables: new Set<EntryTable<unknown>>(),
  }
  const spy = <T extends object>(prototype: T, method: keyof T, into: Set<T>): void => {
    const original = prototype[method] as (...args: unknown[]) => unknown
    const noting = function (this: T, ...args: unknown[]): unknown {
      into.add(this)
      return original.apply(this, args)
    }
    Object.assign(prototype, { [method]: noting })
    onTestFinished(() => void Object.assign(prototype, { [method]: original }))
  }
  spy(Cells.prototype, 'take', found.cells)
  spy(Slab.prototype, 'put', found.slabs)
  spy(TextIndex.prototype, 'add', found.indexes)
  spy(Roll.prototype, 'add', found.rolls)
  spy(EntryTable.prototype as EntryTable<unknown>, 'add', found.tables)
  return found
}

const sum = <T>(all: Iterable<T>, of: (one: T) => number): number => [...all].reduce((total, one) => total + of(one), 0)

it.each([
  { what: 'with a codec', open: () => new Churn<unknown>(WRITTEN_JOBS as never, 1, MOST) },
  { what: 'with jobs kept as they are', open: () => new Churn<unknown>(OBJECT_JOBS as never, 2, MOST) },
])('keeps no more after many operations than after few, and nothing of what has ended, $what', async ({ open }) => {
  const storage = watchStorage()
  const churn = open()
  const walk = async (steps: number): Promise<number> => {
    for (let n = 0; n < steps; n += 1) {
      await churn.step()
      if (n % 500 === 0) await churn.check()
    }
    await churn.drain()
    await churn.check()
    // An id at most is still remembered: of what ended last.
    expect(sum(storage.indexes, ({ size }) => size)).toBeLessThanOrEqual(1)
    expect(sum(storage.cells, ({ size }) => size)).toBeLessThanOrEqual(1)
    expect(sum(storage.slabs, ({ size }) => size)).toBeLessThanOrEqual(1)
    expect(sum(storage.rolls, ({ size }) => size)).toBe(0)
    expect(sum(storage.tables, ({ size, tokens }) => size + tokens.size)).toBe(0)
    return sum(storage.cells, ({ bytes }) => bytes)
  }
  const bytes = await walk(STEPS / 10)
  const heap = heapBytes()
  const places = sum(storage.rolls, (roll) => roll.places) + sum(storage.indexes, (index) => index.places)
  // No page is full of spare ones of all sizes at once after few steps already: four of each size at most.
  expect(await walk(STEPS)).toBeLessThanOrEqual(bytes * 3)
  expect(sum(storage.rolls, (roll) => roll.places) + sum(storage.indexes, (index) => index.places)).toBeLessThan(
    places * 2,
  )
  expect(heapBytes() - heap).toBeLessThan(2_000_000)
})

it('keeps nothing of an entry that has ended with its record in the journal, long as its labels were', async () => {
  const { queue, journal } = createMemoryStore<string>({ clock: createManualClock(), random: createSeededRandom(7) })
  const labels = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`label ${n}`, `${n}`.repeat(500)]))
  const end = async (n: number): Promise<void> => {
    const id = createEntryId(messageId(`a message with a long id, ${n}`), 0)
    const entry = { id, job: 'j', group: groupId('example.org'), priority: 0, notBefore: 0, labels }
    await queue.enqueue([entry])
    const [lease] = await queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
    const { token, id: leased } = lease ?? expect.fail('nothing to lease')
    await queue.settle([{ token, kind: 'done', record: { at: n, event: 'attempt', detail: {} } }])
    await journal.write([{ message: messageId(`b${n}`), entry: leased, at: n, event: 'seen', detail: {} }])
  }
  await end(0)
  const heap = heapBytes()
  for (let n = 1; n <= 500; n += 1) await end(n)
  expect((heapBytes() - heap) / 500).toBeLessThan(3_000)
})
