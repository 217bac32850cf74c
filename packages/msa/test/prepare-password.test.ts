import { describe, expect, it } from 'vitest'
import { preparePassword } from '../src/index.ts'

describe('a password of which a verifier is made (RFC 4616 §2, RFC 4013 §3)', () => {
  it.each([
    ['plain ASCII', 'correct horse', 'correct horse'],
    ['a decomposed letter', 'cafe\u0301', 'caf\u00e9'],
    ['a letter that stands for another', '\u00aab', 'ab'],
    ['a space that is none of ASCII', 'a\u00a0b', 'a b'],
    ['what is mapped to nothing', 'a\u00adb', 'ab'],
    ['a control character', 'a\u0007', undefined],
    ['a character that was not assigned', 'a\u{1f600}', undefined],
    ['letters of both directions', '\u0627a', undefined],
    ['nothing that is left', '\u00ad', undefined],
    ['nothing', '', undefined],
  ])('has %s', (_, password, prepared) => {
    expect(preparePassword(password)).toBe(prepared)
  })
})
