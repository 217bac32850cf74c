/** Phrases, written (RFC 5322 §3.2.5, RFC 2047 §5). */

import { describe, expect, it } from 'vitest'

import { formatPhrase } from '../src/index.ts'

describe('formatPhrase', () => {
  it.each([
    { text: 'Ada Lovelace', phrase: 'Ada Lovelace' },
    { text: 'Ada  Lovelace', phrase: '"Ada  Lovelace"' },
    { text: ' Ada', phrase: '" Ada"' },
    { text: '', phrase: '""' },
    { text: 'a, "b" \\', phrase: '"a, \\"b\\" \\\\"' },
    { text: 'a\r\nBcc: b', phrase: '"a  Bcc: b"' },
    { text: 'é', phrase: '=?utf-8?b?w6k=?=' },
    { text: 'is it 2=?', phrase: '=?utf-8?b?aXMgaXQgMj0/?=' },
  ])('writes $phrase', ({ text, phrase }) => {
    expect(formatPhrase(text)).toBe(phrase)
  })

  it('takes encoding and language', () => {
    expect(formatPhrase('é', { encoding: 'q', language: 'fr' })).toBe('=?utf-8*fr?q?=C3=A9?=')
  })
})
