/** SASLprep (RFC 4013). */

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { saslprep } from '../src/index.ts'
import { hasCorpus, readCorpus } from './corpus.ts'

describe('the examples of RFC 4013 §3', () => {
  it.each([
    { text: 'I\u00adX', value: 'IX' },
    { text: 'user', value: 'user' },
    { text: 'USER', value: 'USER' },
    { text: '\u00aa', value: 'a' },
    { text: '\u2168', value: 'IX' },
    { text: '\u0007', value: undefined },
    { text: '\u0627\u0031', value: undefined },
  ])('make $value of %j', ({ text, value }) => {
    expect(saslprep(text, 'stored')).toBe(value)
    expect(saslprep(text, 'query')).toBe(value)
  })
})

describe('mapping (RFC 4013 §2.1)', () => {
  it.each(['\u00a0', '\u1680', '\u2000', '\u200a', '\u200b', '\u202f', '\u205f', '\u3000'])(
    'makes a space of %j',
    (space) => {
      expect(saslprep(`a${space}b`, 'stored')).toBe('a b')
    },
  )

  it.each([
    '\u00ad',
    '\u034f',
    '\u1806',
    '\u180b',
    '\u180d',
    '\u200c',
    '\u200d',
    '\u2060',
    '\ufe00',
    '\ufe0f',
    '\ufeff',
  ])('leaves out %j', (nothing) => {
    expect(saslprep(`a${nothing}b`, 'stored')).toBe('ab')
  })

  it('may leave nothing', () => {
    expect(saslprep('\u00ad', 'stored')).toBe('')
    expect(saslprep('', 'stored')).toBe('')
  })
})

describe('normalization (RFC 4013 §2.2)', () => {
  it.each([
    { text: '\u00bd', value: '1\u20442' },
    { text: '\u00b4', value: ' \u0301' },
    { text: 'e\u0301', value: '\u00e9' },
    { text: 'e\u00ad\u0301', value: '\u00e9' },
    { text: '\ufdfa', value: 'صلى الله عليه وسلم' },
  ])('makes $value of %j', ({ text, value }) => {
    expect(saslprep(text, 'stored')).toBe(value)
  })
})

describe('what is prohibited (RFC 4013 §2.3)', () => {
  it.each([
    { what: 'a control character', text: 'a\u0000' },
    { what: 'delete', text: '\u007f' },
    { what: 'a control character beyond ASCII', text: '\u0085' },
    { what: 'a line separator', text: '\u2028' },
    { what: 'private use', text: '\ue000' },
    { what: 'private use in a higher plane', text: '\u{10fffd}' },
    { what: 'no character', text: '\ufdd0' },
    { what: 'no character in a higher plane', text: '\u{1ffff}' },
    { what: 'a lone surrogate', text: '\ud800' },
    { what: 'the replacement character', text: '\ufffd' },
    { what: 'an ideographic description character', text: '\u2ff0' },
    { what: 'a change of direction', text: '\u202e' },
    { what: 'a mark of direction', text: '\u200e' },
    { what: 'a language tag', text: '\u{e0001}' },
    { what: 'a musical control character', text: '\u{1d173}' },
  ])('is $what', ({ text }) => {
    expect(saslprep(text, 'query')).toBeUndefined()
    expect(saslprep(`a${text}`, 'stored')).toBeUndefined()
  })
})

describe('directions (RFC 4013 §2.4)', () => {
  it.each([
    { text: 'א', value: 'א' },
    { text: 'אב', value: 'אב' },
    { text: 'א1ב', value: 'א1ב' },
    { text: 'אa', value: undefined },
    { text: 'אaב', value: undefined },
    { text: '1א', value: undefined },
    { text: 'א1', value: undefined },
  ])('make $value of $text', ({ text, value }) => {
    expect(saslprep(text, 'stored')).toBe(value)
  })
})

describe('code points that Unicode 3.2 does not assign (RFC 3454)', () => {
  it.each([
    { what: 'of a later version', text: '\u0221' },
    { what: 'an emoji', text: '\u{1f600}' },
    { what: 'that a later version normalizes', text: '\u{1f130}' },
  ])('$what are refused where the string is stored, kept where it is compared', ({ text }) => {
    expect(saslprep(`e\u0301${text}e\u0301`, 'stored')).toBeUndefined()
    expect(saslprep(`e\u0301${text}e\u0301`, 'query')).toBe(`\u00e9${text}\u00e9`)
  })
})

describe('any text', () => {
  it('comes to a form that stays', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('stored', 'query'), (text, use) => {
        const prepared = saslprep(text, use)
        if (prepared !== undefined) expect(saslprep(prepared, use)).toBe(prepared)
      }),
    )
  })

  it('that may be stored may be compared, and is the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const stored = saslprep(text, 'stored')
        if (stored !== undefined) expect(saslprep(text, 'query')).toBe(stored)
      }),
    )
  })
})

interface SaslprepCase {
  readonly input: string
  readonly output?: string
  readonly why?: string
}

const { saslprep: cases }: { readonly saslprep: readonly SaslprepCase[] } = hasCorpus
  ? JSON.parse(readCorpus('sasl/vectors.json'))
  : { saslprep: [] }

describe.skipIf(!hasCorpus)('the corpus', () => {
  it.each(cases)('prepares $input: $why', ({ input, output }) => {
    expect(saslprep(input, 'stored')).toBe(output)
  })
})
