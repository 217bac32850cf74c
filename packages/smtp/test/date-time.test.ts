import { assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDateTime } from '../src/date-time.ts'

describe('parseDateTime (RFC 3339)', () => {
  it.each([
    { text: '1970-01-01T00:00:00Z', at: 0 },
    { text: '1985-04-12T23:20:50z', at: Date.UTC(1985, 3, 12, 23, 20, 50) },
    { text: '1996-12-19t16:39:57-08:00', at: Date.UTC(1996, 11, 20, 0, 39, 57) },
    { text: '1990-12-31T23:59:60Z', at: Date.UTC(1991, 0, 1) },
    { text: '1937-01-01T12:00:27+00:20', at: Date.UTC(1937, 0, 1, 11, 40, 27) },
    { text: '2000-02-29T00:00:00Z', at: Date.UTC(2000, 1, 29) },
    { text: '0001-01-01T00:00:00Z', at: -62_135_596_800_000 },
    { text: '9999-12-31T23:59:59+23:59', at: Date.UTC(9999, 11, 31, 23, 59, 59) - (23 * 60 + 59) * 60_000 },
  ])('reads $text', ({ text, at }) => {
    expect(parseDateTime(text, { utc: false })).toBe(at)
  })

  it.each([
    '',
    '2026',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00:00.5Z',
    '2026-1-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:61Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+00:60',
    '2026-01-01T00:00:00+0000',
    '2026-01-01T00:00:00Zz',
    '+2026-01-01T00:00:00Z',
  ])('refuses %j', (text) => {
    expect(parseDateTime(text, { utc: false })).toBeUndefined()
  })

  it('refuses an offset where UTC is asked for (RFC 4865 §3)', () => {
    expect(parseDateTime('2026-01-01T00:00:00+00:00', { utc: true })).toBeUndefined()
    expect(parseDateTime('2026-01-01T00:00:00Z', { utc: true })).toBe(Date.UTC(2026, 0, 1))
  })

  it('reads what is written', () => {
    assert(
      property(integer({ min: -62_167_219_200, max: 253_402_300_799 }), (seconds) => {
        const text = `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`
        expect(parseDateTime(text, { utc: true })).toBe(seconds * 1_000)
      }),
    )
  })
})
