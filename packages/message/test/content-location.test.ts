import { describe, expect, it } from 'vitest'
import { parseContentLocation } from '../src/index.ts'

describe('parseContentLocation', () => {
  it.each([
    { value: 'https://example.org/a.png', uri: 'https://example.org/a.png' },
    { value: ' https://example.org/\r\n a\tb ', uri: 'https://example.org/ab' },
    { value: '=?us-ascii?Q?https=3A//example.org/?= =?us-ascii?Q?a.png?=', uri: 'https://example.org/a.png' },
    { value: '=?us-ascii?Q?my=20file?=\r\n =?us-ascii?Q?=2Ehtml?=', uri: 'my file.html' },
    { value: ' (a) https://example.org/b(c)\r\n /d (e (f)) (g)', uri: 'https://example.org/b(c)/d' },
    { value: 'a (b) c', uri: 'a(b)c' },
    { value: 'a (b', uri: 'a(b' },
    { value: '(a)', uri: undefined },
    { value: '  ', uri: undefined },
    { value: undefined, uri: undefined },
  ])('reads $value', ({ value, uri }) => {
    expect(parseContentLocation(value)).toBe(uri)
  })

  it.each([' (', ' ((', ') '])('takes a megabyte of %s', (piece) => {
    const half = piece.repeat(500_000 / piece.length)
    expect(parseContentLocation(`a${half}${' )'.repeat(250_000)}z`)).toMatch(/z$/)
  })
})
