/** Ids of what has ended: remembered for their time, then forgotten, and their memory is used again. */

import { entryId } from '@postroad/envelope'
import { expect, it } from 'vitest'
import { SettledIds } from '../src/memory/settled-ids.ts'
import { heapBytes } from './garbage.ts'

it('remembers each until its instant', () => {
  const ids = new SettledIds(7)
  ids.add(entryId('a.0'), 10, 0)
  expect([9, 10].map((now) => ids.has(entryId('a.0'), now))).toEqual([true, false])
  expect(ids.has(entryId('b.0'), 0)).toBe(false)
})

it('remembers an id that ended twice until the later instant', () => {
  const ids = new SettledIds(7)
  ids.add(entryId('a.0'), 10, 0)
  ids.add(entryId('a.0'), 30, 20)
  for (let n = 0; n < 10; n += 1) ids.add(entryId(`b.${n}`), 100, 25)
  expect([29, 30].map((now) => ids.has(entryId('a.0'), now))).toEqual([true, false])
})

it('keeps little more than what matters, however many there were', () => {
  const ids = new SettledIds(7)
  for (let now = 0; now < 50_000; now += 1) ids.add(entryId(`m.${now}`), now + 500, now)
  expect(ids.size).toBeLessThan(510)
  for (let n = 49_000; n < 50_000; n += 1) expect(ids.has(entryId(`m.${n}`), 49_999)).toBe(n + 500 > 49_999)
})

it('has no memory of what it forgot, however many there were', () => {
  const ids = new SettledIds(7)
  const walk = (from: number, to: number): void => {
    for (let now = from; now < to; now += 1) ids.add(entryId(`m.${now}`), now + 500, now)
  }
  walk(0, 10_000)
  const [heap, { arrayBuffers }] = [heapBytes(), process.memoryUsage()]
  walk(10_000, 200_000)
  expect(heapBytes() - heap).toBeLessThan(500_000)
  expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(500_000)
})

it('keeps those behind one that is remembered longer, and forgets them all in the end', () => {
  const ids = new SettledIds(7)
  ids.add(entryId('long.0'), 10_000, 0)
  for (let now = 0; now < 5_000; now += 1) ids.add(entryId(`m.${now}`), now + 10, now)
  expect(ids.has(entryId('long.0'), 9_999)).toBe(true)
  for (let n = 0; n < 2_000; n += 1) ids.add(entryId(`n.${n}`), 20_000, 10_001)
  expect(ids.size).toBe(2_000)
})
