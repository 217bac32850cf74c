import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64, decodeWords, encodeWords } from '../src/index.ts'

describe('decodeWords', () => {
  it.each([
    { text: 'plain', value: 'plain' },
    { text: '=?ISO-8859-1?Q?a?=', value: 'a' },
    { text: '=?ISO-8859-1?Q?a?= b', value: 'a b' },
    { text: '=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', value: 'ab' },
    { text: '=?ISO-8859-1?Q?a?=  \r\n =?ISO-8859-1?Q?b?=', value: 'ab' },
    { text: '=?ISO-8859-1?Q?a_b?=', value: 'a b' },
    { text: '=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=', value: 'a b' },
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

  it('takes ten megabytes of beginnings', () => {
    expect(decodeWords('=?x?q?'.repeat(1_600_000))).toHaveLength(9_600_000)
    expect(decodeWords('=?'.repeat(5_000_000))).toHaveLength(10_000_000)
    expect(decodeWords('=?utf-8?q?a? '.repeat(800_000))).toHaveLength(10_400_000)
    expect(decodeWords('=?x?b?=?='.repeat(1_000_000))).toHaveLength(9_000_000)
    expect(decodeWords('=?utf-8?q??= '.repeat(800_000))).toBe(' ')
  })
})

describe('encodeWords', () => {
  it.each([
    { text: 'plain text', value: 'plain text' },
    { text: 'Re: Grüße an alle', value: 'Re: =?utf-8?b?R3LDvMOfZQ==?= an alle' },
    { text: 'naïve question about naïve', value: '=?utf-8?q?na=C3=AFve_question_about_na=C3=AFve?=' },
    { text: 'こんにちは', value: '=?utf-8?b?44GT44KT44Gr44Gh44Gv?=' },
    { text: 'a =?b?= c', value: 'a =?utf-8?b?PT9iPz0=?= c' },
    { text: 'a\r\nb\0', value: 'ab' },
  ])('writes $value', ({ text, value }) => {
    expect(encodeWords(text)).toBe(value)
  })

  it('takes the encoding that is asked for', () => {
    expect(encodeWords('é', { encoding: 'b' })).toBe('=?utf-8?b?w6k=?=')
    expect(encodeWords('こ', { encoding: 'q' })).toBe('=?utf-8?q?=E3=81=93?=')
  })

  it('writes the language, shortened (RFC 2231 §5)', () => {
    expect(encodeWords('é', { language: "en'us?" })).toBe('=?utf-8*enus?b?w6k=?=')
    expect(encodeWords('é', { language: 'a'.repeat(30) })).toBe(`=?utf-8*${'a'.repeat(20)}?b?w6k=?=`)
  })

  it('writes ASCII words of 75 characters at most, and decodeWords reads them (RFC 2047 §2)', () => {
    const texts = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(' ', '  ', 'é', '=?utf-8?q?x?=', '\ufeff')),
    )
    const encoding = fc.constantFrom<'b' | 'q' | undefined>('b', 'q', undefined)
    fc.assert(
      fc.property(texts, encoding, (pieces, kind) => {
        const given = pieces.join('').replaceAll(/[\r\n\0]/g, '')

        const encoded = encodeWords(given, kind === undefined ? {} : { encoding: kind })
        expect(decodeWords(encoded)).toBe(given)
        expect(encoded).toMatch(/^[ -~]*$/)
        for (const word of encoded.split(' '))
          if (word.startsWith('=?utf-8?')) expect(word.length).toBeLessThanOrEqual(75)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('decodeBase64', () => {
  it('passes over all that is not of the alphabet (RFC 2045 §6.8)', () => {
    expect(Buffer.from(decodeBase64('R3 LD\r\nvM*Of\r\nZQ==')).toString()).toBe('Grüße')
    expect(decodeBase64('')).toHaveLength(0)
    expect(decodeBase64('A')).toHaveLength(0)
  })
})
