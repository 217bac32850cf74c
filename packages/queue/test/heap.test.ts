import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { ForgettingMap } from '../src/memory/forgetting-map.ts'
import { Heap, OWN_PLACES } from '../src/memory/heap.ts'
import { Ring, type RingLink } from '../src/memory/ring.ts'

it('gives the first item whatever was put, moved and removed before', () => {
  const step = fc.tuple(fc.constantFrom('put', 'move', 'remove'), fc.nat(30), fc.integer({ min: 0, max: 50 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<{ heapIndex: number; key: number }>((a, b) => a.key < b.key, OWN_PLACES)
      const items = Array.from({ length: 31 }, () => ({ heapIndex: -1, key: 0 }))
      for (const [act, index, key] of steps) {
        const item = items[index] ?? expect.fail('no item')
        if (act === 'remove') heap.remove(item)
        else if (act === 'put' || item.heapIndex !== -1) {
          item.key = key
          heap.put(item)
        }
        const inside = items.filter(({ heapIndex }) => heapIndex !== -1)
        expect(heap.size).toBe(inside.length)
        expect(heap.peek()?.key).toBe(inside.length === 0 ? undefined : Math.min(...inside.map(({ key }) => key)))
      }
    }),
  )
})

it('lets members of a ring take turns, and those that leave are passed over', () => {
  interface Member extends RingLink<Member> {
    readonly name: string
  }
  const ring = new Ring<Member>()
  const [a, b, c] = ['a', 'b', 'c'].map((name): Member => ({ name, previous: undefined, next: undefined }))
  if (a === undefined || b === undefined || c === undefined) throw new Error('three were made')
  for (const member of [a, b, a, c]) ring.add(member)
  const turns: (string | undefined)[] = []
  const turn = (): void => {
    turns.push(ring.first?.name)
    ring.turn()
  }
  for (let n = 0; n < 4; n += 1) turn()
  ring.remove(c)
  ring.remove(c)
  for (let n = 0; n < 3; n += 1) turn()
  ring.remove(a)
  ring.remove(b)
  turn()
  ring.add(c)
  turn()
  expect(turns).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'b', undefined, 'c'])
})

it('keeps what still matters and stays within twice of it', () => {
  const map = new ForgettingMap<number, number>((until, now) => until <= now)
  for (let n = 0; n < 100_000; n += 1) map.set(n, n + 500, n)
  expect([...map.values()].length).toBeLessThan(2_000)
  for (let n = 99_600; n < 100_000; n += 1) expect(map.get(n)).toBe(n + 500)
})
