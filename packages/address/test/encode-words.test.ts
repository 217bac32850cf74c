/** Encoded-words, written (RFC 2047). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeWords, encodeWords } from '../src/index.ts'

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
