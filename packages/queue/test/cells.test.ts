/** Cells and what is kept in them: what one has is nobody else's, and what is given back is used again or let go. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cells } from '../src/memory/cells.ts'
import { bytesOf, sizeFor, Slab } from '../src/memory/slab.ts'

describe('cells', () => {
  it.each([16, 96, 10_240, 65_536])('of %i bytes keep what each was given, whatever comes and goes', (cellBytes) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -300, max: 300 }), { maxLength: 300, size: 'max' }), (steps) => {
        const cells = new Cells(cellBytes)
        const taken: { cell: number; value: number }[] = []
        let serial = 0
        for (const step of steps) {
          // A run of taking or of giving back, so that pages fill and empty.
          for (let n = 0; n < step % 40; n += 1) {
            const cell = cells.take()
            serial += 1
            cells.set(cell, 0, serial)
            cells.set(cell, cellBytes / 8 - 1, serial)
            taken.push({ cell, value: serial })
          }
          for (let n = 0; n < -step % 40; n += 1) {
            const [one] = taken.splice((Math.abs(step) * (n + 1)) % Math.max(1, taken.length), 1)
            if (one !== undefined) cells.give(one.cell)
          }
        }
        expect(cells.size).toBe(taken.length)
        expect(new Set(taken.map(({ cell }) => cell)).size).toBe(taken.length)
        for (const { cell, value } of taken) {
          expect([cells.get(cell, 0), cells.get(cell, cellBytes / 8 - 1)]).toEqual([value, value])
          expect(cells.view(cell).length).toBe(cellBytes)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('use again what was given back, and let pages go that are empty', () => {
    const cells = new Cells(96)
    const take = (count: number) => Array.from({ length: count }, () => cells.take())
    let taken = take(10_000)
    const most = cells.pages
    for (let round = 0; round < 20; round += 1) {
      for (const cell of taken.splice(0, 5_000)) cells.give(cell)
      taken.push(...take(5_000))
      expect(cells.pages).toBeLessThanOrEqual(most + 4)
    }
    for (const cell of taken) cells.give(cell)
    expect(cells.size).toBe(0)
    expect(cells.pages).toBeLessThanOrEqual(4)
    taken = take(10_000)
    expect(cells.pages).toBe(most)
    expect(new Set(taken).size).toBe(10_000)
  })

  it('take from pages that have room again before they make another, whichever cells were given back', () => {
    const cells = new Cells(96)
    let taken = Array.from({ length: 10_000 }, () => cells.take())
    const most = cells.pages
    for (let round = 2; round < 20; round += 1) {
      const isLeaving = (_: number, n: number): boolean => n % round === 0
      const leaving = taken.filter(isLeaving)
      taken = taken.filter((cell, n) => !isLeaving(cell, n))
      for (const cell of leaving) cells.give(cell)
      taken.push(...leaving.map(() => cells.take()))
      expect(new Set(taken).size).toBe(10_000)
      expect(cells.pages).toBe(most)
    }
  })

  it('are numbered anew from where pages were let go, so that numbers stay small', () => {
    const cells = new Cells(10_240)
    let highest = 0
    for (let round = 0; round < 50; round += 1) {
      const taken = Array.from({ length: 400 }, () => cells.take())
      highest = Math.max(highest, ...taken)
      for (const cell of round % 2 === 0 ? taken : taken.toReversed()) cells.give(cell)
    }
    expect(highest).toBeLessThan(400)
  })

  it('refuse what was never taken', () => {
    expect(() => new Cells(96).get(5, 0)).toThrow(RangeError)
  })
})

describe('a slab', () => {
  it('has a cell for every length, of which little is not used', () => {
    for (let length = 0; length <= 16_384; length += 1) {
      const bytes = bytesOf(sizeFor(length))
      expect(bytes).toBeGreaterThanOrEqual(length)
      expect(bytes % 8).toBe(0)
      expect(bytes - length).toBeLessThanOrEqual(Math.max(16, length / 8))
    }
    expect(sizeFor(16_384)).toBe(63)
  })

  it('keeps bytes of any length until they are given back', () => {
    const lengths = fc.array(fc.oneof(fc.nat(600), fc.nat(40_000)), { maxLength: 60 })
    fc.assert(
      fc.property(lengths, lengths, (first, second) => {
        const slab = new Slab()
        const put = (length: number, index: number) => {
          const bytes = new Uint8Array(length).fill(index + 1)
          const parts = [bytes.subarray(0, length >> 1), bytes.subarray(length >> 1)]
          return { address: slab.put(parts), bytes }
        }
        const kept = first.map(put)
        for (const { address } of kept.splice(0, kept.length >> 1)) slab.give(address)
        kept.push(...second.map(put))
        expect(slab.size).toBe(kept.length)
        for (const { address, bytes } of kept) {
          expect(Buffer.compare(slab.view(address).subarray(0, bytes.length), bytes)).toBe(0)
        }
        for (const { address } of kept) slab.give(address)
        expect(slab.size).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('keeps nothing of what is longer than its cells, once that is given back', () => {
    const slab = new Slab()
    const address = slab.put([new Uint8Array(100_000).fill(7)])
    expect(slab.view(address)).toHaveLength(100_000)
    expect(slab.bytes).toBe(100_000)
    slab.give(address)
    expect(slab).toMatchObject({ size: 0, bytes: 0 })
    expect(() => slab.view(address)).toThrow(RangeError)
  })
})
