import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundarySet, isBoundary } from '../src/boundary.ts'
import { bytes, text } from './texts.ts'

/** A set with these boundaries, the first at level 0 and each in the one before. */
function setOf(...boundaries: string[]): BoundarySet {
  const set = new BoundarySet()
  boundaries.forEach((boundary, level) => {
    set.add(bytes(boundary), level)
  })
  return set
}

describe('BoundarySet', () => {
  it.each([
    { line: '--b', isLast: true, match: { kind: 'delimiter', level: 0, isClose: false, end: 3 } },
    { line: '--b--', isLast: true, match: { kind: 'delimiter', level: 0, isClose: true, end: 5 } },
    { line: '--b-', isLast: true, match: { kind: 'delimiter', level: 0, isClose: false, end: 3 } },
    { line: '--bc', isLast: true, match: { kind: 'delimiter', level: 1, isClose: false, end: 4 } },
    { line: '--bcx', isLast: false, match: { kind: 'delimiter', level: 1, isClose: false, end: 4 } },
    { line: '--bd', isLast: false, match: { kind: 'delimiter', level: 0, isClose: false, end: 3 } },
    { line: '--bcd', isLast: true, match: { kind: 'delimiter', level: 1, isClose: false, end: 4 } },
    { line: '--bcde', isLast: false, match: { kind: 'more' } },
    { line: '--bcde-', isLast: false, match: { kind: 'more' } },
    { line: '--bcde--', isLast: false, match: { kind: 'delimiter', level: 2, isClose: true, end: 8 } },
    { line: '--b', isLast: false, match: { kind: 'more' } },
    { line: '--', isLast: false, match: { kind: 'more' } },
    { line: '-', isLast: false, match: { kind: 'more' } },
    { line: '', isLast: false, match: { kind: 'more' } },
    { line: '-', isLast: true, match: { kind: 'none' } },
    { line: '--', isLast: true, match: { kind: 'none' } },
    { line: '--a', isLast: false, match: { kind: 'none' } },
    { line: '--c', isLast: false, match: { kind: 'none' } },
    { line: 'b', isLast: false, match: { kind: 'none' } },
  ])('of b, bc and bcde finds $match in "$line", last: $isLast (RFC 2046 §5.1.1)', ({ line, isLast, match }) => {
    expect(setOf('b', 'bc', 'bcde').match(bytes(line), 0, isLast)).toEqual(match)
    expect(setOf('b', 'bc', 'bcde').match(bytes(`x${line}`), 1, isLast)).toEqual(
      match.kind === 'delimiter' ? { ...match, end: (match.end ?? 0) + 1 } : match,
    )
  })

  it('begins every search with what all have in common', () => {
    const set = new BoundarySet()
    expect(set.isEmpty).toBe(true)
    set.add(bytes('=_a1'), 0)
    expect(text(set.needle)).toBe('\n--=_a1')
    set.add(bytes('=_a2'), 1)
    expect(text(set.needle)).toBe('\n--=_a')
    set.add(bytes('b'), 2)
    expect(text(set.needle)).toBe('\n--')
    set.delete(bytes('b'))
    set.delete(bytes('=_a2'))
    expect(text(set.needle)).toBe('\n--=_a1')
    set.delete(bytes('=_a1'))
    expect(set.isEmpty).toBe(true)
  })

  it('knows the innermost of those that have the same boundary', () => {
    const set = setOf('b', 'b')
    expect(set.match(bytes('--b'), 0, true)).toMatchObject({ level: 1 })
    set.delete(bytes('b'))
    expect(set.match(bytes('--b'), 0, true)).toMatchObject({ level: 0 })
    set.clear()
    expect(set.isEmpty).toBe(true)
    set.delete(bytes('b'))
    expect(set.isEmpty).toBe(true)
  })

  it('finds what a search through all of them finds', () => {
    const word = fc.array(fc.constantFrom('a', 'b', '-', ' '), { minLength: 1, maxLength: 5 }).map((w) => w.join(''))
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), word, fc.nat(8), (boundaries, rest, gone) => {
        const set = setOf(...boundaries)
        const left = boundaries.slice(0, Math.max(0, boundaries.length - gone))
        for (const boundary of boundaries.slice(left.length).toReversed()) set.delete(bytes(boundary))
        const best = Math.max(...left.filter((boundary) => rest.startsWith(boundary)).map(({ length }) => length))
        const level = left.findLastIndex((boundary) => boundary.length === best && rest.startsWith(boundary))
        const match = set.match(bytes(`--${rest}`), 0, true)
        expect(match.kind === 'delimiter' ? match.level : -1).toBe(level)
        expect(set.isEmpty).toBe(left.length === 0)
      }),
    )
  })
})

describe('isBoundary', () => {
  it.each([
    { what: 'a character', value: 'b', ok: true },
    { what: 'a blank', value: 'a b', ok: true },
    { what: 'a byte above 127', value: '\u00e9', ok: true },
    { what: '8,192 bytes', value: 'b'.repeat(8_192), ok: true },
    { what: '8,193 bytes', value: 'b'.repeat(8_193), ok: false },
    { what: 'nothing', value: '', ok: false },
    { what: 'a line end', value: 'a\r\nb', ok: false },
    { what: 'DEL', value: 'a\x7f', ok: false },
  ])('says $ok of $what', ({ value, ok }) => {
    expect(isBoundary(bytes(value))).toBe(ok)
  })
})
