/** Encoded-words, read strictly (RFC 2047). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeWordsStrict, encodeWords, formatPhrase } from '../src/index.ts'

describe('decodeWordsStrict', () => {
  it.each([
    { text: 'plain  text ', value: 'plain  text ' },
    { text: '=?ISO-8859-1?Q?a?=', value: 'a' },
    { text: '=?ISO-8859-1?Q?a?= b', value: 'a b' },
    { text: '=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', value: 'ab' },
    { text: '=?ISO-8859-1?Q?a?=  \r\n =?ISO-8859-1?B?Yg==?= ', value: 'ab ' },
    { text: '=?ISO-8859-1?Q?a_b?=', value: 'a b' },
    { text: 'x \u00a0 =?US-ASCII*EN?Q?Keith_Moore?=', value: 'x \u00a0 Keith Moore' },
    { text: '=?utf-8?q?a=0D=0Ab?=', value: 'a  b' },
  ])('reads $text (RFC 2047 §8)', ({ text, value }) => {
    expect(decodeWordsStrict(text)).toBe(value)
  })

  it.each([
    { what: 'no blanks around', text: 'a=?utf-8?q?b?=' },
    { what: 'no blank between two', text: '=?utf-8?q?a?==?utf-8?q?b?=' },
    { what: 'blanks inside', text: '=?utf-8?q?a b?=' },
    { what: 'more than 75 characters', text: `=?utf-8?q?${'a'.repeat(64)}?=` },
    { what: 'no text', text: '=?utf-8?q??=' },
    { what: 'half an escape', text: '=?utf-8?q?a=4?=' },
    { what: 'base64 without padding', text: '=?utf-8?b?w6k?=' },
    { what: 'an unknown encoding', text: '=?utf-8?x?a?=' },
    { what: 'an unknown charset', text: '=?x-unknown?q?a?= =?x-unknown?q?b?=' },
  ])('leaves what has $what as it is', ({ text }) => {
    expect(decodeWordsStrict(text)).toBe(text)
  })

  it.each([
    { text: '=?utf-8?q?a?= "=?utf-8?q?b?=" =?utf-8?q?c?=', value: 'a "=?utf-8?q?b?=" c' },
    { text: '"a \\" =?utf-8?q?b?= " =?utf-8?q?c?=', value: '"a \\" =?utf-8?q?b?= " c' },
    { text: '"open =?utf-8?q?b?= "', value: '"open =?utf-8?q?b?= "' },
    { text: 'x" =?utf-8?q?b?=', value: 'x" b' },
    { text: '=?utf-8?q?a,b?=', value: '=?utf-8?q?a,b?=' },
    { text: '=?utf-8?q?a=2Cb?=', value: 'a,b' },
  ])('reads $text in a phrase (RFC 2047 §5)', ({ text, value }) => {
    expect(decodeWordsStrict(text, { context: 'phrase' })).toBe(value)
  })

  it.each([
    { text: '(=?ISO-8859-1?Q?a?=)', value: '(a)' },
    { text: '(=?ISO-8859-1?Q?a?= b)', value: '(a b)' },
    { text: '(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)', value: '(ab)' },
    { text: '(=?ISO-8859-1?Q?a"?=)', value: '(=?ISO-8859-1?Q?a"?=)' },
  ])('reads $text in a comment (RFC 2047 §5, §8)', ({ text, value }) => {
    expect(decodeWordsStrict(text, { context: 'comment' })).toBe(value)
  })

  it('knows at most fifty charsets in one text', () => {
    const many = Array.from({ length: 60 }, (_, index) => `=?x-${index}?q?a?=`).join(' ')
    expect(decodeWordsStrict(`${many} =?utf-8?q?b?=`)).toBe(`${many} =?utf-8?q?b?=`)
    expect(decodeWordsStrict(`=?utf-8?q?b?= ${many} =?utf-8?q?b?=`)).toBe(`b ${many} b`)
  })

  it('reads what encodeWords and formatPhrase write', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        const clean = given.replaceAll(/[\0-\u001f\u007f]/g, '')
        expect(decodeWordsStrict(encodeWords(clean))).toBe(clean)
        if (/[^ -~]/.test(clean)) expect(decodeWordsStrict(formatPhrase(clean), { context: 'phrase' })).toBe(clean)
      }),
    )
  })

  it.each(['=?', '"', '(', ' "', '=?x?q?', '=?utf-8?q?a?= ', ' =?', ')', '\\"'])('takes a megabyte of %s', (piece) => {
    const given = piece.repeat(1_000_000 / piece.length)
    for (const context of ['text', 'phrase', 'comment'] as const)
      expect(decodeWordsStrict(given, { context }).length).toBeLessThanOrEqual(given.length)
  })
})
