/** Encoded-words in names (RFC 2047). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeEncodedWords, encodeEncodedWords } from '../src/encoded-words.ts'

describe('decodeEncodedWords', () => {
  it.each([
    // RFC 2047 §8
    { text: '=?US-ASCII?Q?Keith_Moore?=', name: 'Keith Moore' },
    { text: '=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=', name: 'Keld Jørn Simonsen' },
    { text: '=?ISO-8859-1?Q?Andr=E9?= Pirard', name: 'André Pirard' },
    { text: '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=', name: 'If you can read this yo' },
    { text: '=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=', name: 'םולש ןב ילטפנ' },
    { text: '=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', name: 'ab' },
    { text: '=?ISO-8859-1?Q?a?=  \r\n\t =?ISO-8859-1?Q?b?=', name: 'ab' },
    { text: '=?ISO-8859-1?Q?a_b?=', name: 'a b' },
    { text: '=?ISO-8859-1?Q?a?= b', name: 'a b' },
    { text: '=?ISO-8859-1?Q?a?= =?utf-8?Q?_b?=', name: 'a b' },
    // RFC 2231 §5
    { text: '=?US-ASCII*EN?Q?Keith_Moore?=', name: 'Keith Moore' },
    { text: '=?utf-8?b?w6k=?=', name: 'é' },
    { text: '=?UTF-8?q?=c3=A9?=', name: 'é' },
    { text: '=?utf-8?q?=EF=BB=BFa?=', name: '\ufeffa' },
    { text: '=?windows-1251?q?=C0=E4=E0?=', name: 'Ада' },
    { text: '=?iso-2022-jp?b?GyRCOzNFRBsoQg==?=', name: '山田' },
    { text: '=?utf-8?q??=', name: '' },
  ])('reads $text', ({ text, name }) => {
    expect(decodeEncodedWords(text)).toBe(name)
  })

  it.each([
    { what: 'a character cut in two', text: '=?utf-8?q?=C3?= =?utf-8?b?qQ==?=', name: 'é' },
    { what: 'spaces within', text: '=?utf-8?q?a b?=', name: 'a b' },
    { what: 'no space around', text: 'a=?utf-8?q?b?=c', name: 'abc' },
    { what: 'an "=" without digits', text: '=?utf-8?q?a=_=4_=G4=4G_=?=', name: 'a= =4 =G4=4G =' },
    { what: 'what is not ASCII', text: '=?utf-8?q?=C3=A9é?=', name: 'éé' },
    { what: 'no padding', text: '=?utf-8?b?w6k?=', name: 'é' },
    { what: 'padding within', text: '=?utf-8?b?YQ==Yg==?=', name: 'ab' },
    { what: 'what is not base64', text: '=?utf-8?b?Y-W_I é=?=', name: 'ab' },
    { what: 'bytes that are no text', text: '=?utf-8?q?=FF?=', name: '\ufffd' },
    { what: 'the part of windows-1252 that ISO 8859-1 lacks', text: '=?iso-8859-1?q?=80?=', name: '€' },
  ])('takes $what', ({ text, name }) => {
    expect(decodeEncodedWords(text)).toBe(name)
  })

  it.each([
    'a',
    '=?',
    '=?utf-8',
    '=?utf-8?',
    '=?utf-8?q',
    '=?utf-8?q?',
    '=?utf-8?q?a',
    '=?utf-8?q?a?',
    '=?utf-8?q?a?b',
    '=?utf-8?qq?a?=',
    '=?utf-8?x?a?=',
    '=?x-unknown?q?a?= =?x-unknown?q?a?=',
    '=??q?a?=',
    '?==?=?',
  ])('leaves %s as it is (RFC 2047 §6.2)', (text) => {
    expect(decodeEncodedWords(text)).toBe(text)
  })

  it('goes on behind what is none', () => {
    expect(decodeEncodedWords('=? =?x?q?=?utf-8?q?a?= b')).toBe('=? =?x?q?a b')
  })
})

describe('encodeEncodedWords', () => {
  it.each([
    { name: 'é', text: '=?utf-8?b?w6k=?=' },
    { name: 'Ada Lovelacé', text: '=?utf-8?q?Ada_Lovelac=C3=A9?=' },
    { name: 'Ada Lovelace Byron, é', text: '=?utf-8?q?Ada_Lovelace_Byron=2C_=C3=A9?=' },
    { name: '山田', text: '=?utf-8?b?5bGx55Sw?=' },
    { name: 'a', text: '=?utf-8?q?a?=' },
  ])('writes $name in the shorter encoding', ({ name, text }) => {
    expect(encodeEncodedWords(name)).toBe(text)
  })

  it('writes words of 75 characters at most, no character cut in two, and reads them back (RFC 2047 §2, §5)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), fc.nat(80), (text, spaces) => {
        const name = text + ' '.repeat(spaces) + text
        const encoded = encodeEncodedWords(name)
        for (const word of encoded.split(' ')) {
          expect(word.length).toBeLessThanOrEqual(75)
          expect(word).toMatch(/^=\?utf-8\?([bq])\?[A-Za-z0-9!*+\-/=_]+\?=$/)
          expect(decodeEncodedWords(word)).not.toContain('\ufffd')
        }
        expect(decodeEncodedWords(encoded)).toBe(name)
      }),
    )
  })
})

it('never throws, and writes back what it read', () => {
  const piece = fc.constantFrom(
    '=?',
    '?=',
    'utf-8',
    'iso-2022-jp',
    '?q?',
    '?b?',
    '=',
    'C3',
    'a',
    ' ',
    'é',
    '\ud83d',
    '*',
  )
  fc.assert(
    fc.property(fc.string({ unit: piece }), (text) => {
      const name = decodeEncodedWords(text)
      if (name !== '' && !/[\ud800-\udfff]/u.test(name)) expect(decodeEncodedWords(encodeEncodedWords(name))).toBe(name)
    }),
    { numRuns: 1_000 },
  )
})

it.each(['=?', '=?a', '=?a?', '=?a?q?', '=?a?q?a?= ', '=?utf-8?q?=?= ', '=?utf-8?q?a', '?', '= '])(
  'is linear: %s for ten million characters ends',
  (piece) => {
    expect(decodeEncodedWords(piece.repeat(10_000_000 / piece.length)).length).toBeGreaterThan(0)
  },
  // Milliseconds on a busy machine; were the time not linear, no machine would be done in them.
  120_000,
)
