import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64 } from '../src/index.ts'
import { decode, encode, faultOf, single } from './coders.ts'
import { bytes, cuts, text } from './texts.ts'

/** Base64 in lines, by Node. */
const inLines = (value: Uint8Array): string =>
  Buffer.from(value)
    .toString('base64')
    .replace(/(.{76})(?=.)/g, '$1\r\n')

const ALPHABET = 'the base64 alphabet'

describe('the base64 encoder', () => {
  it.each([0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 171, 1_000])('writes %i octets in lines of 76', (length) => {
    const value = Uint8Array.from({ length }, (_, index) => (index * 73) % 256)
    expect(text(encode('base64', [value]))).toBe(inLines(value))
  })

  it('agrees with Node for any bytes, however they are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat()), (value, places) => {
        expect(text(encode('base64', cuts(value, places)))).toBe(inLines(value))
      }),
    )
  })
})

describe('the base64 decoder', () => {
  it.each([
    { what: 'nothing', given: '', decoded: '' },
    { what: 'whole quanta', given: 'aGVsbG8gd29ybGQh', decoded: 'hello world!' },
    { what: 'one octet', given: 'YQ==', decoded: 'a' },
    { what: 'two octets', given: 'YWI=', decoded: 'ab' },
    { what: 'lines', given: 'YWJj\r\nZGVm\r\n', decoded: 'abcdef' },
    { what: 'lines that end with LF, and blanks', given: ' YW Jj\nZG\tVm\n', decoded: 'abcdef' },
    { what: 'blanks and an empty line behind the padding', given: 'YQ==\r\n \r\n', decoded: 'a' },
  ])('decodes $what without a fault (RFC 2045 §6.8)', ({ given, decoded }) => {
    expect(text(decode('base64', [bytes(given)]))).toBe(decoded)
    expect(faultOf('base64', [bytes(given)])).toBeUndefined()
    expect(text(decodeBase64(given))).toBe(decoded)
  })

  it.each([
    { what: 'characters outside the alphabet', given: 'Y-W!J\u00e9j', decoded: 'abc', offset: 1, expected: ALPHABET },
    { what: 'one of them in a run', given: 'YWJjZG*Vm', decoded: 'abcdef', offset: 6, expected: ALPHABET },
    { what: 'a NUL', given: 'YWJj\0', decoded: 'abc', offset: 4, expected: ALPHABET },
    { what: 'more after the padding', given: 'YQ==YmM=', decoded: 'abc', offset: 4, expected: 'nothing after' },
    { what: 'more after one of two', given: 'YQ=YmM=', decoded: 'abc', offset: 3, expected: 'nothing after' },
    { what: 'padding too much', given: 'YWJj=', decoded: 'abc', offset: 4, expected: ALPHABET },
    { what: 'a third "="', given: 'YQ===', decoded: 'a', offset: 4, expected: ALPHABET },
    { what: 'padding after one digit', given: 'YWJjZ===', decoded: 'abc', offset: 5, expected: ALPHABET },
    { what: 'padding first', given: '=YWJj', decoded: 'abc', offset: 0, expected: ALPHABET },
    { what: 'padding that is missing', given: 'YQ', decoded: 'a', offset: 2, expected: 'a whole quantum' },
    { what: 'a "=" that is missing', given: 'YWI', decoded: 'ab', offset: 3, expected: 'a whole quantum' },
    { what: 'half of the padding', given: 'YQ=', decoded: 'a', offset: 3, expected: '"="' },
    { what: 'a single digit left', given: 'YWJjZ', decoded: 'abc', offset: 5, expected: 'a whole quantum' },
    { what: 'bits left over', given: 'YR==', decoded: 'a', offset: 2, expected: 'zero bits' },
    { what: 'bits left over in the third', given: 'YWJ=', decoded: 'ab', offset: 3, expected: 'zero bits' },
    {
      what: 'a line of 77',
      given: `${'YWJj'.repeat(19)} \r\n`,
      decoded: 'abc'.repeat(19),
      offset: 77,
      expected: 'at most 76',
    },
    {
      what: 'a line of 77 that ends with LF',
      given: `YWJj\n${'YWJj'.repeat(19)}\t\n`,
      decoded: 'abc'.repeat(20),
      offset: 82,
      expected: 'at most 76',
    },
    {
      what: 'a last line of 80',
      given: `YWJj\r\n${'YWJj'.repeat(20)}`,
      decoded: 'abc'.repeat(21),
      offset: 86,
      expected: 'at most 76',
    },
  ])('decodes with a fault: $what', ({ given, decoded, offset, expected }) => {
    for (const chunks of [[bytes(given)], single(bytes(given))]) {
      expect(text(decode('base64', chunks))).toBe(decoded)
      expect(faultOf('base64', chunks)).toEqual({ rule: 'base64', offset, expected: expect.stringContaining(expected) })
    }
    expect(text(decodeBase64(given))).toBe(decoded)
  })

  it('takes no character outside ASCII for a digit', () => {
    expect(text(decodeBase64('Y\u0157W\uff21J\u{1d400}j'))).toBe('abc')
  })

  it('finds lines of 76 in order', () => {
    const lines = `${'YWJj'.repeat(19)}\r\n${'YWJj'.repeat(19)}\n${'YWJj'.repeat(19)}`
    expect(faultOf('base64', [bytes(lines)])).toBeUndefined()
  })

  it('gives back what was encoded, without a fault, however it is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat()), (value, places) => {
        const encoded = cuts(encode('base64', [value]), places)
        expect(decode('base64', encoded)).toEqual(value)
        expect(faultOf('base64', encoded)).toBeUndefined()
      }),
    )
  })

  it('gives the same for any bytes however they are cut, and never more than three octets for four', () => {
    const piece = fc.oneof(
      fc.constantFrom('=', '==', 'A', 'YWJj', 'YWJjZGVm', '\r\n', '\n', ' ', '*', '\u00e9'),
      fc.string({ maxLength: 3 }),
    )
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat()), (pieces, places) => {
        const value = bytes(pieces.join(''))
        const decoded = decode('base64', [value])
        expect(decode('base64', cuts(value, places))).toEqual(decoded)
        expect(faultOf('base64', cuts(value, places))).toEqual(faultOf('base64', [value]))
        expect(decoded.length).toBeLessThanOrEqual((value.length * 3) / 4)
      }),
      { numRuns: 2_000 },
    )
  })

  it('decodes as Node does what is of the alphabet and blanks', () => {
    const digit = fc.constantFrom('A', 'B', 'C', 'x', 'y', 'z', '0', '1', '8', '9', '+', '/', '\r\n', ' ')
    fc.assert(
      fc.property(fc.array(digit), (digits) => {
        const value = digits.join('')
        expect(text(decodeBase64(value))).toBe(Buffer.from(value, 'base64').toString('latin1'))
      }),
    )
  })

  it.each(['=', 'A=', 'A', '\u00e9', '\n'])('is linear in 3 MB of %j', (piece) => {
    const value = bytes(piece.repeat(3_000_000 / piece.length))
    expect(decode('base64', [value]).length).toBeLessThanOrEqual(2_250_000)
  })
})
