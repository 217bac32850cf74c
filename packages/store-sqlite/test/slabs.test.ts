/** Blocks in memory that two threads see: none overlaps another, and all of it is there again. */

import { array, assert, integer, nat, oneof, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { type Block, Slabs } from '../src/slabs.ts'

const KIB = 1_024
const MIB = 1_024 * KIB

it.each([
  { bytes: 1, given: 16 * KIB },
  { bytes: 16 * KIB, given: 16 * KIB },
  { bytes: 16 * KIB + 1, given: 32 * KIB },
  { bytes: 100_000, given: 128 * KIB },
  { bytes: 256 * KIB, given: 256 * KIB },
])('gives a block of $given bytes for $bytes', ({ bytes, given }) => {
  const block = new Slabs(MIB).take(bytes)
  expect(block?.bytes).toHaveLength(given)
  expect(block?.bytes.buffer).toBeInstanceOf(SharedArrayBuffer)
})

it('gives as much as its bound, and not a block more', () => {
  const slabs = new Slabs(2 * MIB)
  for (let n = 0; n < 128; n += 1) expect(slabs.take(1)).toBeDefined()
  expect(slabs.take(1)).toBeUndefined()
  expect(slabs.bytes).toBe(2 * MIB)
  expect(new Slabs(MIB - 1).take(1)).toBeDefined()
})

it('serves blocks of another size from what was given back', () => {
  const slabs = new Slabs(MIB)
  const small = Array.from({ length: 64 }, () => slabs.take(1) ?? expect.fail())
  for (const block of small) slabs.give(block)
  for (let n = 0; n < 4; n += 1) expect(slabs.take(256 * KIB)?.bytes).toHaveLength(256 * KIB)
  expect(slabs.take(1)).toBeUndefined()
})

/** Takes and gives back one block after the other. */
const pass = (slabs: Slabs, blocks: number): void => {
  for (let n = 0; n < blocks; n += 1) slabs.give(slabs.take(1) ?? expect.fail())
}

it('makes no slab anew for crowds that come and go', () => {
  const slabs = new Slabs(64 * MIB)
  const seen = new Set<ArrayBufferLike>()
  for (let crowd = 0; crowd < 100; crowd += 1) {
    const blocks = Array.from({ length: 1_000 }, () => slabs.take(1) ?? expect.fail())
    for (const block of blocks) seen.add(block.bytes.buffer)
    for (const block of blocks) slabs.give(block)
  }
  expect(seen.size).toBe(16)
  expect(slabs.bytes).toBe(16 * MIB)
})

it('lets go of slabs that were not needed for long, a few at a time, and keeps four', () => {
  const slabs = new Slabs(64 * MIB)
  const blocks = Array.from({ length: 64 }, () => slabs.take(256 * KIB) ?? expect.fail())
  expect(slabs.bytes).toBe(16 * MIB)
  for (const block of blocks) slabs.give(block)
  expect(slabs.bytes).toBe(16 * MIB)
  const sizes: number[] = []
  for (let span = 0; span < 10; span += 1) {
    pass(slabs, 4_096)
    sizes.push(slabs.bytes / MIB)
  }
  for (const [index, size] of sizes.entries()) expect((sizes[index - 1] ?? 16) - size).toBeLessThanOrEqual(6)
  expect(sizes.at(-1)).toBeLessThanOrEqual(5)
  expect(sizes.at(-1)).toBeGreaterThanOrEqual(4)
})

it('gives nobody what another has, whatever is taken and given back in whatever order', () => {
  const step = oneof(record({ take: integer({ min: 1, max: 256 * KIB }) }), record({ give: nat({ max: 1_000 }) }))
  assert(
    property(array(step, { maxLength: 200 }), (steps) => {
      const slabs = new Slabs(2 * MIB)
      const taken: { block: Block; mark: number }[] = []
      for (const [index, one] of steps.entries()) {
        if ('take' in one) {
          const block = slabs.take(one.take)
          if (block === undefined) continue
          expect(block.bytes.length).toBeGreaterThanOrEqual(one.take)
          const mark = (index % 255) + 1
          block.bytes[0] = mark
          block.bytes[block.bytes.length - 1] = mark
          taken.push({ block, mark })
        } else {
          const [gone] = taken.splice(one.give % Math.max(1, taken.length), 1)
          if (gone !== undefined) slabs.give(gone.block)
        }
        for (const { block, mark } of taken) expect([block.bytes[0], block.bytes.at(-1)]).toEqual([mark, mark])
        expect(slabs.bytes).toBeLessThanOrEqual(2 * MIB)
      }
      for (const { block } of taken) slabs.give(block)
      for (let n = 0; n < 8; n += 1) expect(slabs.take(256 * KIB)).toBeDefined()
    }),
    { numRuns: 60 },
  )
})
