/** Encoded-words, read leniently (RFC 2047). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeWords, encodeWords } from '../src/index.ts'

describe('decodeWords', () => {
  it.each([
    { text: 'plain', value: 'plain' },
    { text: '=?ISO-8859-1?Q?a?=', value: 'a' },
    { text: '=?ISO-8859-1?Q?a?= b', value: 'a b' },
    { text: '=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', value: 'ab' },
    { text: '=?ISO-8859-1?Q?a?=  \r\n =?ISO-8859-1?Q?b?=', value: 'ab' },
    { text: '=?ISO-8859-1?Q?a_b?=', value: 'a b' },
    { text: '=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=', value: 'a b' },
    { text: '=?US-ASCII?Q?Keith_Moore?=', value: 'Keith Moore' },
    { text: '=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=', value: 'Keld Jørn Simonsen' },
    { text: '=?ISO-8859-1?Q?Andr=E9?= Pirard', value: 'André Pirard' },
    { text: '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=', value: 'If you can read this yo' },
    { text: '=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=', value: 'םולש ןב ילטפנ' },
  ])('reads the example $text (RFC 2047 §8)', ({ text, value }) => {
    expect(decodeWords(text)).toBe(value)
  })

  it.each([
    { what: 'Latin-1 is not windows-1252', text: '=?iso-8859-1?q?=80=E9?=', value: '\u0080é' },
    { what: 'windows-1252 is itself', text: '=?windows-1252?q?=80?=', value: '€' },
    { what: 'base64', text: '=?utf-8?B?R3LDvMOfZQ==?=', value: 'Grüße' },
    { what: 'base64 without padding', text: '=?utf-8?B?R3LDvMOfZQ?=', value: 'Grüße' },
    { what: 'a character cut in two', text: '=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=', value: 'é' },
    { what: 'a language (RFC 2231 §5)', text: '=?US-ASCII*EN?Q?Keith_Moore?=', value: 'Keith Moore' },
    { what: 'words without blanks around', text: 'a=?utf-8?q?b?=c', value: 'abc' },
    { what: 'blanks inside', text: '=?utf-8?q?a b?=', value: 'a b' },
    { what: 'blanks of folding', text: '=?utf-8?q?a_b =C3\r\n =A9?= =?utf-8?q?a=20 b?=', value: 'a béa b' },
    { what: 'a question mark', text: '=?utf-8?q?a?b=3F?=', value: 'a?b?' },
    {
      what: 'words of UTF-7, each begun anew',
      text: '=?utf-7?q?+AOk?= =?utf-7?q?x?= =?utf7?q?+AOk?= =?utf7?q?x?=',
      value: 'éxéx',
    },
    { what: 'small hexadecimal digits', text: '=?utf-8?q?=c3=a9?=', value: 'é' },
    { what: 'an equals sign alone', text: '=?utf-8?q?a=b=C?=', value: 'a=b=C' },
    { what: 'ISO-2022-JP', text: '=?iso-2022-jp?B?GyRCJCIbKEI=?=', value: 'あ' },
    { what: 'what forges no line', text: '=?utf-8?q?a=0D=0ABcc:_x=00?=', value: 'a  Bcc: x ' },
    { what: 'ASCII that is UTF-8', text: '=?us-ascii?q?=C3=A9?=', value: 'é' },
    { what: 'a character cut in two, in two encodings', text: '=?utf-8?q?=C3?= =?utf-8?b?qQ==?=', value: 'é' },
    { what: 'a byte order mark', text: '=?utf-8?q?=EF=BB=BFa?=', value: '\ufeffa' },
    { what: 'windows-1251', text: '=?windows-1251?q?=C0=E4=E0?=', value: 'Ада' },
    { what: 'an empty word', text: '=?utf-8?q??=', value: '' },
    { what: 'what is not ASCII', text: '=?utf-8?q?=C3=A9é?=', value: 'éé' },
    { what: 'padding within', text: '=?utf-8?b?YQ==Yg==?=', value: 'ab' },
    { what: 'what is not base64', text: '=?utf-8?b?Y-W_I é=?=', value: 'ab' },
    { what: 'bytes that are no text', text: '=?utf-8?q?=FF?=', value: '\ufffd' },
    { what: 'ASCII that is nothing', text: '=?us-ascii?q?=E9?=', value: 'é' },
  ])('reads $what', ({ text, value }) => {
    expect(decodeWords(text)).toBe(value)
  })

  it.each([
    { text: '=?x-unknown?q?a?=' },
    { text: '=?utf-8?x?a?=' },
    { text: '=?utf-8?q?a' },
    { text: '=?utf-8?q?a? =' },
    { text: '=?utf-8?qq?a?=' },
    { text: '=??q?a?=' },
    { text: '=?' },
    { text: `=?${'x'.repeat(100)}?q?a?=` },
    { text: '=?*en?q?a?=' },
    { text: '=?utf-8?q?a=?b' },
    { text: '=?utf-8?q?a b =?q' },
    { text: '=?x-unknown?q?a?= =?x-unknown?q?a?=' },
    { text: '?==?=?' },
  ])('leaves $text as it is', ({ text }) => {
    expect(decodeWords(text)).toBe(text)
  })

  it('finds a word behind one that is none', () => {
    expect(decodeWords('=?=?utf-8?q?a?=')).toBe('=?a')
  })

  it('knows at most fifty charsets in one text', () => {
    const many = Array.from({ length: 60 }, (_, index) => `=?x-${index}?q?a?=`).join(' ')
    expect(decodeWords(`${many} =?utf-8?q?b?=`)).toBe(`${many} =?utf-8?q?b?=`)
    expect(decodeWords(`=?utf-8?q?b?= ${many} =?utf-8?q?b?=`)).toBe(`b ${many} b`)
  })

  it('takes megabytes of beginnings', () => {
    expect(decodeWords('=?x?q?'.repeat(320_000))).toHaveLength(1_920_000)
    expect(decodeWords('=?'.repeat(5_000_000))).toHaveLength(10_000_000)
    expect(decodeWords('=?utf-8?q?a? '.repeat(160_000))).toHaveLength(2_080_000)
    expect(decodeWords('=?x?b?=?='.repeat(200_000))).toHaveLength(1_800_000)
    expect(decodeWords('=?utf-8?q??= '.repeat(160_000))).toBe(' ')
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
      const name = decodeWords(text)
      if (!/[\ud800-\udfff]/u.test(name)) expect(decodeWords(encodeWords(name))).toBe(name)
    }),
    { numRuns: 1_000 },
  )
})
