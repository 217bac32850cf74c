import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatKeywords, formatPhrase, parseKeywords } from '../src/index.ts'

describe('parseKeywords', () => {
  it.each([
    { value: 'one, two words,three', keywords: ['one', 'two words', 'three'] },
    { value: '"a, b" c, (not this) d  (nor)  e', keywords: ['a, b c', 'd e'] },
    { value: ' , ,x,', keywords: ['x'] },
    { value: '=?utf-8?q??=, "a\\\r\nb"', keywords: ['a b'] },
    { value: '=?utf-8?q?Gr=C3=BC=C3=9Fe?=, =?utf-8?q?a,_b?=', keywords: ['Grüße', '=?utf-8?q?a', '_b?='] },
    { value: '', keywords: [] },
    { value: '"open, a', keywords: ['open, a'] },
  ])('reads $value (RFC 5322 §3.6.5)', ({ value, keywords }) => {
    expect(parseKeywords(value)).toEqual(keywords)
  })

  it('reads what formatKeywords writes', () => {
    const keyword = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .map((text) => text.replaceAll(/[\0-\u001f\u007f]/g, ''))
    fc.assert(
      fc.property(fc.array(keyword), (keywords) => {
        expect(parseKeywords(formatKeywords(keywords))).toEqual(keywords.filter((text) => text !== ''))
      }),
    )
  })
})

describe('formatPhrase', () => {
  it.each([
    { text: 'Ada Lovelace', phrase: 'Ada Lovelace' },
    { text: 'Lovelace, Ada', phrase: '"Lovelace, Ada"' },
    { text: 'a  "b" \\', phrase: '"a  \\"b\\" \\\\"' },
    { text: ' a', phrase: '" a"' },
    { text: '', phrase: '""' },
    { text: 'a\r\nb\0', phrase: '"a  b "' },
    { text: 'Löwe, "Ada"', phrase: '=?utf-8?b?TMO2d2UsICJBZGEi?=' },
    { text: 'a =?utf-8?q?b?=', phrase: '=?utf-8?b?YSA9P3V0Zi04P3E/Yj89?=' },
  ])('writes $phrase (RFC 5322 §3.2.5, RFC 2047 §5)', ({ text, phrase }) => {
    expect(formatPhrase(text)).toBe(phrase)
  })

  it('takes the encoding and language that are asked for', () => {
    expect(formatPhrase('é', { encoding: 'b', language: 'fr' })).toBe('=?utf-8*fr?b?w6k=?=')
  })
})
