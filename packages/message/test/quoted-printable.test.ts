import { equals } from '@postroad/bytes'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode, faultOf, single } from './coders.ts'
import { bytes, cuts, mailBytes, text } from './texts.ts'

/** Bytes in which what quoted-printable treats apart is common. */
const printable: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.constantFrom(' ', '\t', '=', '\r\n', '\n', '\r', '.', '-', '--', 'From ', '=3', '=3d', '=3D', '=\r\n', '= \n'),
      fc.constantFrom('x'.repeat(70), 'x'.repeat(74), ' '.repeat(80), '\u00e9', '\0', 'a', 'F', '\u007f'),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => bytes(pieces.join('')))

const BINARY = { content: 'binary' } as const

describe('the quoted-printable encoder', () => {
  it.each([
    { what: 'nothing', given: '', encoded: '' },
    { what: 'printable characters as they are', given: '!<>~ azAZ09\t.-x', encoded: '!<>~ azAZ09\t.-x' },
    { what: 'all else in upper-case digits', given: '=\u00e9\0\u007f', encoded: '=3D=E9=00=7F' },
    { what: 'CRLF as a line break', given: 'a\r\nb\r\n', encoded: 'a\r\nb\r\n' },
    { what: 'a bare CR and a bare LF as bytes', given: 'a\rb\nc\r\r\n', encoded: 'a=0Db=0Ac=0D\r\n' },
    { what: 'blanks that end a line', given: 'a \r\n \t\r\n', encoded: 'a=20\r\n =09\r\n' },
    { what: 'a blank at the end', given: 'a  ', encoded: 'a =20' },
    { what: 'a blank before a bare CR as it is', given: 'a \rb', encoded: 'a =0Db' },
    { what: 'a blank and a CR at the end', given: 'a \r', encoded: 'a =0D' },
    { what: 'a dot at the start of a line (RFC 2049 §3)', given: '.\r\n..a.\r\n', encoded: '=2E\r\n=2E.a.\r\n' },
    { what: 'From at the start of a line (RFC 2049 §3)', given: 'From a\r\nFrom\r\n', encoded: 'From=20a\r\nFrom\r\n' },
    { what: 'no From elsewhere', given: 'from a\r\n From a\r\nFroma b', encoded: 'from a\r\n From a\r\nFroma b' },
    {
      what: 'no words like From',
      given: 'Fram a\r\nFrim a\r\nFron a\r\nXrom a',
      encoded: 'Fram a\r\nFrim a\r\nFron a\r\nXrom a',
    },
    { what: 'what could be a boundary', given: '--b\r\n-- \r\n-a--', encoded: '-=2Db\r\n-=2D=20\r\n-a--' },
    { what: 'a line of 75', given: 'x'.repeat(75), encoded: 'x'.repeat(75) },
    { what: 'a line of 76', given: 'x'.repeat(76), encoded: `${'x'.repeat(75)}=\r\nx` },
    { what: 'an escape that has no room', given: `${'x'.repeat(73)}\u00e9`, encoded: `${'x'.repeat(73)}=\r\n=E9` },
    { what: 'an escape that just has', given: `${'x'.repeat(72)}\u00e9`, encoded: `${'x'.repeat(72)}=E9` },
    { what: 'a dot behind a soft line break', given: `${'x'.repeat(75)}.`, encoded: `${'x'.repeat(75)}=\r\n=2E` },
    { what: 'hyphens behind one', given: `${'x'.repeat(75)}--`, encoded: `${'x'.repeat(75)}=\r\n-=2D` },
    { what: 'From behind one', given: `${'x'.repeat(75)}From a`, encoded: `${'x'.repeat(75)}=\r\nFrom=20a` },
    {
      what: 'a blank that ends a line of 75',
      given: `${'x'.repeat(74)} \r\n`,
      encoded: `${'x'.repeat(74)}=\r\n=20\r\n`,
    },
  ])('writes text: $what (RFC 2045 §6.7)', ({ given, encoded }) => {
    expect(text(encode('quoted-printable', [bytes(given)]))).toBe(encoded)
    expect(text(encode('quoted-printable', single(bytes(given))))).toBe(encoded)
  })

  it.each([
    { what: 'CR and LF as bytes', given: 'a\r\nb\n\r', encoded: 'a=0D=0Ab=0A=0D' },
    { what: 'a blank at the end', given: 'a \r\n ', encoded: 'a =0D=0A=20' },
  ])('writes binary: $what (RFC 2045 §6.7, rule 4)', ({ given, encoded }) => {
    expect(text(encode('quoted-printable', [bytes(given)], BINARY))).toBe(encoded)
    expect(text(encode('quoted-printable', single(bytes(given)), BINARY))).toBe(encoded)
  })

  it.each([undefined, BINARY])('writes what is decoded without a fault, however it is cut (%j)', (options) => {
    fc.assert(
      fc.property(fc.oneof(printable, mailBytes), fc.array(fc.nat()), (value, places) => {
        const encoded = encode('quoted-printable', cuts(value, places), options)
        expect(text(encoded)).toBe(text(encode('quoted-printable', [value], options)))
        expect(text(decode('quoted-printable', [encoded]))).toBe(text(value))
        expect(faultOf('quoted-printable', [encoded])).toBeUndefined()
        const lines = text(encoded).split('\r\n')
        expect(lines.filter((line) => line.length > 76 || /^(?:\.|--|From )|[ \t]$/.test(line))).toEqual([])
        expect(text(encoded)).toMatch(/^[\r\n\t -~]*$/)
      }),
      { numRuns: 1_000 },
    )
  })

  it('writes what is longer than its memory for a piece', () => {
    const value = bytes('\u00e9\r\nabc =\r\n. '.repeat(20_000))
    const encoded = encode('quoted-printable', [value])
    // Compared outside `expect`, which would take minutes to show how so much differs.
    expect(equals(encoded, encode('quoted-printable', cuts(value, [1, 16_383, 16_384, 100_001])))).toBe(true)
    expect(equals(decode('quoted-printable', [encoded]), value)).toBe(true)
  })
})

describe('the quoted-printable decoder', () => {
  const SOFT = "Now's the time =\r\nfor all folk to come=\r\n to the aid of their country."
  it.each([
    { what: 'nothing', given: '', decoded: '' },
    { what: 'the example', given: SOFT, decoded: "Now's the time for all folk to come to the aid of their country." },
    { what: 'escapes', given: 'a=3Db =C3=A9=0D=0A', decoded: 'a=b \u00c3\u00a9\r\n' },
    { what: 'blanks inside a line', given: 'a \t b=20\r\n', decoded: 'a \t b \r\n' },
    { what: 'blanks that end a line', given: 'a \t\r\nb \r\n \r\n', decoded: 'a\r\nb\r\n\r\n' },
    { what: 'blanks that end the data', given: 'a \t ', decoded: 'a' },
    { what: 'blanks behind a soft line break', given: 'a= \t\r\nb', decoded: 'ab' },
    {
      what: 'a line of 76 and blanks',
      given: `${'x'.repeat(76)}   \r\n${'x'.repeat(76)} `,
      decoded: `${'x'.repeat(76)}\r\n${'x'.repeat(76)}`,
    },
  ])('decodes without a fault: $what (RFC 2045 §6.7)', ({ given, decoded }) => {
    for (const chunks of [[bytes(given)], single(bytes(given))]) {
      expect(text(decode('quoted-printable', chunks))).toBe(decoded)
      expect(faultOf('quoted-printable', chunks)).toBeUndefined()
    }
  })

  const ESCAPE = 'two hexadecimal digits'
  const SAFE = 'a printable character'
  const LONG = 'at most 76'
  it.each([
    {
      what: 'lower-case digits',
      given: 'a=c3=A9',
      decoded: 'a\u00c3\u00a9',
      rule: 'hex-octet',
      offset: 1,
      expected: 'upper',
    },
    { what: 'one of them', given: '\t=3d', decoded: '\t=', rule: 'hex-octet', offset: 1, expected: 'upper' },
    { what: 'no digits', given: 'a=zz', decoded: 'a=zz', rule: 'hex-octet', offset: 1, expected: ESCAPE },
    { what: 'one digit', given: 'a=4z', decoded: 'a=4z', rule: 'hex-octet', offset: 1, expected: ESCAPE },
    {
      what: 'an escape in an escape',
      given: '==41=4=42',
      decoded: '=A=4B',
      rule: 'hex-octet',
      offset: 0,
      expected: ESCAPE,
    },
    { what: 'blanks behind "="', given: 'a= \tb', decoded: 'a= \tb', rule: 'hex-octet', offset: 1, expected: ESCAPE },
    {
      what: 'one digit and a line end',
      given: '=4\r\n',
      decoded: '=4\r\n',
      rule: 'hex-octet',
      offset: 0,
      expected: ESCAPE,
    },
    { what: 'one digit and LF', given: '=4\n', decoded: '=4\n', rule: 'hex-octet', offset: 0, expected: ESCAPE },
    { what: 'one digit and blanks', given: '=4 b', decoded: '=4 b', rule: 'hex-octet', offset: 0, expected: ESCAPE },
    {
      what: 'one digit and a byte above',
      given: '=4\u00e9',
      decoded: '=4\u00e9',
      rule: 'hex-octet',
      offset: 0,
      expected: ESCAPE,
    },
    { what: 'one digit at the end', given: 'a=4', decoded: 'a=4', rule: 'hex-octet', offset: 1, expected: ESCAPE },
    { what: '"=" and a bare CR', given: '= \rb', decoded: '= \rb', rule: 'hex-octet', offset: 0, expected: ESCAPE },
    { what: '"=" at the end', given: 'a=', decoded: 'a', rule: 'qp-segment', offset: 2, expected: 'CRLF' },
    { what: '"=" and blanks at the end', given: 'a=  ', decoded: 'a', rule: 'qp-segment', offset: 4, expected: 'CRLF' },
    { what: 'a bare LF', given: 'a \nb', decoded: 'a\nb', rule: 'qp-line', offset: 2, expected: 'CRLF' },
    { what: 'a soft line break of LF', given: 'a=\nb', decoded: 'ab', rule: 'qp-line', offset: 2, expected: 'CRLF' },
    { what: 'a bare CR', given: 'a\rb', decoded: 'a\rb', rule: 'safe-char', offset: 1, expected: SAFE },
    {
      what: 'a blank and a bare CR',
      given: 'a \r\rb',
      decoded: 'a \r\rb',
      rule: 'safe-char',
      offset: 2,
      expected: SAFE,
    },
    { what: 'a CR at the end', given: 'a \r', decoded: 'a \r', rule: 'safe-char', offset: 2, expected: SAFE },
    {
      what: 'bytes above 126',
      given: 'a \u00e9\u00e9',
      decoded: 'a \u00e9\u00e9',
      rule: 'safe-char',
      offset: 2,
      expected: SAFE,
    },
    { what: 'control characters', given: 'a\0', decoded: 'a\0', rule: 'safe-char', offset: 1, expected: SAFE },
    {
      what: 'a line of 77',
      given: `${'x'.repeat(77)}\r\n`,
      decoded: `${'x'.repeat(77)}\r\n`,
      rule: 'qp-part',
      offset: 77,
      expected: LONG,
    },
    {
      what: 'a soft one of 77',
      given: `${'x'.repeat(76)}=\r\n`,
      decoded: 'x'.repeat(76),
      rule: 'qp-part',
      offset: 77,
      expected: LONG,
    },
    {
      what: 'a last one of 77',
      given: 'x'.repeat(77),
      decoded: 'x'.repeat(77),
      rule: 'qp-part',
      offset: 77,
      expected: LONG,
    },
  ])('decodes with a fault: $what (RFC 2045 §6.7)', ({ given, decoded, rule, offset, expected }) => {
    for (const chunks of [[bytes(given)], single(bytes(given))]) {
      expect(text(decode('quoted-printable', chunks))).toBe(decoded)
      expect(faultOf('quoted-printable', chunks)).toEqual({ rule, offset, expected: expect.stringContaining(expected) })
    }
  })

  it.each([
    { what: 'falls away at 998', count: 998, kept: 0 },
    { what: 'stays from 999 on', count: 999, kept: 999 },
    { what: 'stays at any length', count: 5_000, kept: 5_000 },
  ])('keeps little of a run of blanks: it $what', ({ count, kept }) => {
    for (const end of ['\r\n', '\n', '']) {
      const value = bytes(`a${' '.repeat(count)}${end}`)
      const decoded = `a${' '.repeat(kept)}${end}`
      expect(text(decode('quoted-printable', [value]))).toBe(decoded)
      expect(text(decode('quoted-printable', single(value)))).toBe(decoded)
    }
  })

  it('goes on behind a run of blanks that stays', () => {
    const value = bytes(`=${' '.repeat(1_000)}=41 \r\n\u00e9${' '.repeat(1_000)}\rb`)
    const decoded = `=${' '.repeat(1_000)}A\r\n\u00e9${' '.repeat(1_000)}\rb`
    expect(text(decode('quoted-printable', [value]))).toBe(decoded)
    expect(text(decode('quoted-printable', single(value)))).toBe(decoded)
  })

  it('gives the same for any bytes however they are cut, and never more than came', () => {
    fc.assert(
      fc.property(fc.oneof(printable, mailBytes), fc.array(fc.nat()), (value, places) => {
        const decoded = decode('quoted-printable', [value])
        expect(text(decode('quoted-printable', cuts(value, places)))).toBe(text(decoded))
        expect(faultOf('quoted-printable', cuts(value, places))).toEqual(faultOf('quoted-printable', [value]))
        expect(decoded.length).toBeLessThanOrEqual(value.length)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each(['=', ' ', '= ', '\r', '=4', '\n', '=\r\n', '\u00e9'])('is linear in 1.2 MB of %j', (piece) => {
    const value = bytes(piece.repeat(1_200_000 / piece.length))
    const decoded = decode('quoted-printable', cuts(value, [1_000, 800_000]))
    expect(decoded.length).toBeLessThanOrEqual(1_200_000)
    expect(decode('quoted-printable', [encode('quoted-printable', [value])]).length).toBe(1_200_000)
  })
})
