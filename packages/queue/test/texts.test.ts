/** Texts come back as they were, and an index finds what a map would. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TextIndex } from '../src/memory/text-index.ts'
import { decodeFirstText, decodeTexts, encodeTexts, endOfTexts, firstTextIs } from '../src/memory/texts.ts'

/** Any sequence of UTF-16 units. */
const units = fc.array(fc.nat(0xffff), { maxLength: 20 }).map((all) => String.fromCharCode(...all))
const text = fc.oneof(fc.string(), units, fc.string({ unit: 'binary' }), fc.constant('a'.repeat(5_000)))

describe('texts', () => {
  it('come back as they were, told from those that are not there', () => {
    fc.assert(
      fc.property(fc.array(fc.option(text, { nil: undefined }), { maxLength: 40 }), (texts) => {
        const bytes = Buffer.concat([encodeTexts(texts), Buffer.from('more')])
        expect(decodeTexts(bytes)).toEqual(texts)
        if (texts.length > 0) expect(decodeFirstText(bytes)).toBe(texts[0] ?? '')
        expect(bytes.subarray(endOfTexts(bytes)).toString()).toBe('more')
      }),
    )
  })

  it.each(['', 'a', 'é', '\uD800', '😀', 'a\0b', '__proto__'])('are compared without being read: %j', (one) => {
    const bytes = encodeTexts([one, 'other']).slice()
    expect(firstTextIs(bytes, one)).toBe(true)
    for (const other of [`${one}x`, 'other', 'b', 'ê', '\uD801']) expect(firstTextIs(bytes, other)).toBe(false)
  })
})

describe('an index of texts', () => {
  it('finds what a map would, also where all hashes meet', () => {
    const step = fc.tuple(fc.boolean(), fc.nat(60))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), fc.boolean(), (steps, isNear) => {
        const names = new Map<number, string>()
        const index = new TextIndex(7, (kept, name) => names.get(kept) === name)
        const model = new Map<string, number>()
        for (const [n, [isAdding, one]] of steps.entries()) {
          // Digits alone make hashes that lie near to one another; a place is taken by others, then.
          const name = isNear ? `${one}` : `name ${one}`
          const before = model.get(name)
          if (isAdding && before === undefined) {
            names.set(n, name)
            index.add(name, n)
            model.set(name, n)
          } else if (!isAdding) {
            index.remove(name, before ?? 1_000_000)
            model.delete(name)
          }
          expect(index.size).toBe(model.size)
        }
        for (let one = 0; one <= 60; one += 1) {
          for (const name of [`${one}`, `name ${one}`]) expect(index.find(name)).toBe(model.get(name))
        }
      }),
    )
  })

  it('grows and shrinks with what it keeps', () => {
    const index = new TextIndex(7, (kept, name) => `${kept}` === name)
    for (let n = 0; n < 50_000; n += 1) index.add(`${n}`, n)
    expect(index.places).toBeGreaterThanOrEqual(75_000)
    for (let n = 0; n < 50_000; n += 1) expect(index.find(`${n}`)).toBe(n)
    for (let n = 100; n < 50_000; n += 1) index.remove(`${n}`, n)
    expect(index.places).toBeLessThanOrEqual(1_024)
    for (let n = 0; n < 200; n += 1) expect(index.find(`${n}`)).toBe(n < 100 ? n : undefined)
  })

  it('puts texts that meet under one seed elsewhere under others', () => {
    // The texts it compares: those that have the same hash.
    const meetings = (seed: number, texts: readonly string[]): readonly string[] => {
      const found: string[] = []
      const index = new TextIndex(seed, (kept, text) => {
        if (texts[kept] !== text) found.push(texts[kept] ?? '', text)
        return texts[kept] === text
      })
      for (const [n, text] of texts.entries()) {
        index.find(text)
        index.add(text, n)
      }
      return found
    }
    // By chance there are some among so many.
    const met = meetings(
      1,
      Array.from({ length: 300_000 }, (_, n) => `${Math.imul(n, 0x9e37_79b1)}`),
    )
    expect(met.length).toBeGreaterThan(4)
    const unique = [...new Set(met)]
    expect(meetings(1, unique)).toHaveLength(met.length)
    for (let seed = 2; seed < 100; seed += 1) expect(meetings(seed, unique)).toEqual([])
  })
})
