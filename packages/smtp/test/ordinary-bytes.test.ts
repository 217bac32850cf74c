import { assert, integer, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OrdinaryBytes } from '../src/ordinary-bytes.ts'

describe('OrdinaryBytes', () => {
  it('passes to the first byte below 14, at any place in any chunk', () => {
    const ordinary = new OrdinaryBytes()
    assert(
      property(
        uint8Array({ maxLength: 60 }),
        integer({ min: 0, max: 7 }),
        integer({ min: 0, max: 60 }),
        (all, from, to) => {
          const bytes = all.subarray(Math.min(from, all.length))
          const end = Math.min(to, bytes.length)
          for (let at = 0; at <= end; at += 1) {
            const found = bytes.subarray(at, end).findIndex((byte) => byte < 14)
            expect(ordinary.pass(bytes, at, end)).toBe(found === -1 ? end : at + found)
          }
          ordinary.release()
        },
      ),
    )
  })

  it('finds every byte in every place of a word', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      for (let place = 0; place < 9; place += 1) {
        const bytes = new Uint8Array(9).fill(0xff)
        bytes[place] = byte
        expect(new OrdinaryBytes().pass(bytes, 0, 9)).toBe(byte < 14 ? place : 9)
      }
    }
  })
})
