/** One suite, run by the portable functions and by those on Node's native code. */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import * as portable from '../src/index.ts'
import * as native from '../src/node.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

it('has the same names in both', () => {
  expect(Object.keys(native).toSorted()).toEqual(Object.keys(portable).toSorted())
})

describe.each([
  { name: 'portable', it_: portable },
  { name: 'native', it_: native },
])('$name', ({ it_: implementation }) => {
  const { byteAt, concat, equals, fromBase64, fromLatin1, fromUtf8, indexOf, indexOfByte, isAscii } = implementation
  const { toBase64, toLatin1, toUtf8, toUtf8Strict, writeBase64 } = implementation

  it('joins chunks into bytes of their own', () => {
    const chunk = bytes(1, 2)
    const joined = concat([chunk, bytes(), bytes(3)])
    chunk[0] = 9
    expect(joined).toEqual(bytes(1, 2, 3))
    expect(concat([])).toEqual(bytes())
    expect(joined.buffer.byteLength).toBe(3)
  })

  it('gives the byte at an index, and -1 outside', () => {
    expect([-1, 0, 1, 2, 0.5, Number.NaN].map((index) => byteAt(bytes(0, 255), index))).toEqual([
      -1, 0, 255, -1, -1, -1,
    ])
    expect(byteAt(bytes(), 0)).toBe(-1)
  })

  it('compares bytes', () => {
    expect(equals(bytes(1, 2), bytes(1, 2))).toBe(true)
    expect(equals(bytes(), bytes())).toBe(true)
    expect(equals(bytes(1, 2), bytes(1, 3))).toBe(false)
    expect(equals(bytes(1, 2), bytes(1, 2, 3))).toBe(false)
  })

  it.each([0, 100])('finds a byte, %i bytes in', (before) => {
    const text = concat([new Uint8Array(before), bytes(1, 2, 1)])
    expect(indexOfByte(text, 1)).toBe(before)
    expect(indexOfByte(text, 1, before + 1)).toBe(before + 2)
    expect(indexOfByte(text, 1, before + 3)).toBe(-1)
    expect(indexOfByte(text, 7)).toBe(-1)
    expect(indexOfByte(text.subarray(before + 1), 1)).toBe(1)
  })

  it.each([0, 100])('finds a needle, %i bytes in', (before) => {
    const text = concat([new Uint8Array(before), fromLatin1('ababac')])
    expect(indexOf(text, fromLatin1('abac'))).toBe(before + 2)
    expect(indexOf(text, fromLatin1('ab'), before + 1)).toBe(before + 2)
    expect(indexOf(text, fromLatin1('aca'))).toBe(-1)
    expect(indexOf(text, fromLatin1('c'), before + 6)).toBe(-1)
    expect(indexOf(text, fromLatin1('ababac-'.repeat(30)))).toBe(-1)
    expect(indexOf(text, fromLatin1('zz'))).toBe(-1)
  })

  it('finds an empty needle where the search begins', () => {
    expect(indexOf(bytes(1, 2), bytes(), 1)).toBe(1)
    expect(indexOf(bytes(1, 2), bytes(), 9)).toBe(2)
    expect(indexOf(bytes(), bytes())).toBe(0)
  })

  it.each([3, 100])('knows ASCII, %i bytes long', (length) => {
    const text = new Uint8Array(length).fill(127)
    expect(isAscii(text)).toBe(true)
    text[1] = 128
    expect(isAscii(text)).toBe(false)
    expect(isAscii(text, 2)).toBe(true)
    expect(isAscii(text, 0, 1)).toBe(true)
    expect(isAscii(text, 2, length + 9)).toBe(true)
    expect(isAscii(bytes())).toBe(true)
  })

  it('turns all 256 bytes into Latin-1 and back, not windows-1252', () => {
    const all = Uint8Array.from({ length: 1_024 }, (_, index) => index & 255)
    const text = toLatin1(all)
    expect(text.charCodeAt(0x80)).toBe(0x80)
    expect(text.charCodeAt(0x9f)).toBe(0x9f)
    expect(fromLatin1(text)).toEqual(all)
    expect(toLatin1(all, 65, 68)).toBe('ABC')
    expect(toLatin1(all, 1_023)).toBe('\u00ff')
    expect(toLatin1(all, 5, 5)).toBe('')
  })

  it.each([1, 300])('takes the low 8 bits of what is not Latin-1, %i characters long', (length) => {
    expect(fromLatin1('\u0141'.repeat(length))).toEqual(new Uint8Array(length).fill(0x41))
  })

  it('turns 1 MiB into text', () => {
    const text = toLatin1(new Uint8Array(1_048_576).fill(0xe9))
    expect(text.length).toBe(1_048_576)
    expect(text === '\u00e9'.repeat(1_048_576)).toBe(true)
  })

  it('writes UTF-8 and reads it', () => {
    expect(fromUtf8('é')).toEqual(bytes(0xc3, 0xa9))
    expect(fromUtf8('\ud800')).toEqual(bytes(0xef, 0xbf, 0xbd))
    expect(toUtf8(bytes(0x61, 0xc3, 0xa9, 0x62))).toBe('aéb')
    expect(toUtf8(bytes(0x61, 0xc3, 0xa9, 0x62), 1, 3)).toBe('é')
    expect(toUtf8(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
    expect(toUtf8Strict(bytes(0xef, 0xbb, 0xbf, 0x61), 3)).toBe('a')
    expect(toUtf8Strict(bytes(0xef, 0xbb, 0xbf))).toBe('\ufeff')
  })

  it.each([
    { what: 'a lone continuation', text: bytes(0x80), lenient: '\ufffd' },
    { what: 'an overlong form', text: bytes(0xc0, 0xaf), lenient: '\ufffd\ufffd' },
    { what: 'a surrogate', text: bytes(0xed, 0xa0, 0x80), lenient: '\ufffd\ufffd\ufffd' },
    { what: 'a character cut short', text: bytes(0x61, 0xe2, 0x82), lenient: 'a\ufffd' },
    { what: 'above U+10FFFF', text: bytes(0xf4, 0x90, 0x80, 0x80), lenient: '\ufffd\ufffd\ufffd\ufffd' },
  ])('refuses $what strictly, and marks it else', ({ text, lenient }) => {
    expect(toUtf8Strict(text)).toBeUndefined()
    expect(toUtf8(text)).toBe(lenient)
  })

  it.each([
    { text: '', value: '' },
    { text: 'Zg==', value: 'f' },
    { text: 'Zm8=', value: 'fo' },
    { text: 'Zm9v', value: 'foo' },
    { text: 'Zm9vYg==', value: 'foob' },
    { text: 'Zm9vYmE=', value: 'fooba' },
    { text: 'Zm9vYmFy', value: 'foobar' },
  ])('writes and reads $text (RFC 4648 §10)', ({ text, value }) => {
    expect(toBase64(fromLatin1(value))).toBe(text)
    expect(fromBase64(text)).toEqual(fromLatin1(value))
  })

  it.each([
    'Z',
    'Zg',
    'Zg=',
    'Zg===',
    'Zh==',
    'Zm9=',
    'Zm9v\r\nYmFy',
    'Zm9v\n',
    ' Zm9',
    'Zm-_',
    'Zm9vé',
    '====',
    '=m9v',
    'Zg==Zg==',
    'Zm=v',
    '\u0141m9v',
  ])('refuses %j as base64', (text) => {
    expect(fromBase64(text)).toBeUndefined()
  })

  it.each([
    { source: bytes(), written: '' },
    { source: bytes(102), written: 'Zg==' },
    { source: bytes(102, 111), written: 'Zm8=' },
    { source: bytes(102, 111, 111), written: 'Zm9v' },
    { source: bytes(102, 111, 111, 251, 255, 191), written: 'Zm9v+/+/' },
  ])('writes $written into bytes (RFC 4648 §10)', ({ source, written }) => {
    const target = new Uint8Array(16).fill(46)
    expect(writeBase64(source, target.subarray(2), 3)).toBe(written.length)
    expect(toLatin1(target)).toBe(`.....${written}`.padEnd(16, '.'))
    const narrow = new Uint8Array(written.length)
    expect(writeBase64(source, narrow)).toBe(written.length)
    expect(toLatin1(narrow)).toBe(written)
    expect(() => writeBase64(source, narrow, 1)).toThrow(RangeError)
    expect(() => writeBase64(source, new Uint8Array(16), -1)).toThrow(RangeError)
  })

  it('gives plain bytes, never a Buffer', () => {
    const given = [concat([bytes(1)]), fromLatin1('a'.repeat(300)), fromUtf8('a'), fromBase64('Zm9v')]
    for (const value of given) expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype)
  })

  it('reads back the base64 of any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (value) => equals(fromBase64(toBase64(value)) ?? bytes(9), value)))
  })
})

describe('both give the same', () => {
  const chunk = fc.uint8Array({ maxLength: 300 })
  const narrow = fc.array(fc.constantFrom(1, 2, 200), { maxLength: 300 }).map((values) => Uint8Array.from(values))
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string({ minLength: 256 }))
  const almostBase64 = fc.array(fc.constantFrom('A', 'Q', 'g', 'w', '+', '/', '-', '_', '=', '\n', 'é'), {
    maxLength: 12,
  })

  it('for searches', () => {
    fc.assert(
      fc.property(narrow, narrow, fc.nat(300), (hay, long, from) => {
        const needle = long.subarray(0, 3)
        expect(native.indexOf(hay, needle, from)).toBe(portable.indexOf(hay, needle, from))
        expect(native.indexOfByte(hay, 200, from)).toBe(portable.indexOfByte(hay, 200, from))
        expect(native.isAscii(hay, from)).toBe(portable.isAscii(hay, from))
        expect(native.equals(hay, long)).toBe(portable.equals(hay, long))
      }),
    )
  })

  it('for text', () => {
    fc.assert(
      fc.property(chunk, text, fc.nat(20), (value, words, start) => {
        expect(native.toLatin1(value, start)).toBe(portable.toLatin1(value, start))
        expect(native.toUtf8(value, start)).toBe(portable.toUtf8(value, start))
        expect(native.toUtf8Strict(value)).toBe(portable.toUtf8Strict(value))
        expect(native.fromLatin1(words)).toEqual(portable.fromLatin1(words))
        expect(native.fromUtf8(words)).toEqual(portable.fromUtf8(words))
      }),
    )
  })

  it('for base64', () => {
    fc.assert(
      fc.property(chunk, almostBase64, (value, characters) => {
        expect(native.toBase64(value)).toBe(portable.toBase64(value))
        const written = [native, portable].map(({ writeBase64 }) => {
          const target = new Uint8Array(410)
          return [writeBase64(value, target, 3), target]
        })
        expect(written[0]).toEqual(written[1])
        const words = characters.join('')
        expect(native.fromBase64(words)).toEqual(portable.fromBase64(words))
      }),
      { numRuns: 1_000 },
    )
  })
})
