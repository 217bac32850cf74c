import { describe, expect, it } from 'vitest'
import { parseUtf8AddrXtext, parseXtext, parseXtextUtf8 } from '../src/xtext.ts'

describe('parseXtext (RFC 3461 §4)', () => {
  it.each([
    { text: '', value: '' },
    { text: 'abc', value: 'abc' },
    { text: 'a+2Bb+3Dc+20d', value: 'a+b=c d' },
    { text: 'a+2bb', value: 'a+b' },
    { text: '<>', value: '<>' },
    { text: '+', value: undefined },
    { text: '+2', value: undefined },
    { text: 'a+2', value: undefined },
    { text: '+GG', value: undefined },
    { text: 'a=b', value: undefined },
    { text: 'a b', value: undefined },
    { text: 'å', value: undefined },
    { text: 'a+0A', value: undefined },
    { text: 'a+7F', value: undefined },
    { text: 'a+E5', value: undefined },
  ])('$text', ({ text, value }) => {
    expect(parseXtext(text)).toBe(value)
  })
})

describe('parseUtf8AddrXtext (RFC 6533 §3)', () => {
  it.each([
    { text: 'ada@example.net', value: 'ada@example.net' },
    { text: 'åda@example.net', value: 'åda@example.net' },
    { text: '\\x{E5}da', value: 'åda' },
    { text: '\\x{e5}da', value: 'åda' },
    { text: '\\x{1F4EF}', value: '\u{1f4ef}' },
    { text: '\\x{10FFFF}', value: '\u{10ffff}' },
    { text: '\\x{20}\\x{5C}\\x{2B}\\x{3D}', value: ' \\+=' },
    { text: '', value: undefined },
    { text: 'a+b', value: undefined },
    { text: 'a=b', value: undefined },
    { text: 'a b', value: undefined },
    { text: 'a\x7fb', value: undefined },
    { text: '\\', value: undefined },
    { text: '\\y{E5}', value: undefined },
    { text: '\\xE5', value: undefined },
    { text: '\\x{E5', value: undefined },
    { text: '\\x{E}', value: undefined },
    { text: '\\x{}', value: undefined },
    { text: '\\x{41}', value: undefined },
    { text: '\\x{0A}', value: undefined },
    { text: '\\x{D800}', value: undefined },
    { text: '\\x{110000}', value: undefined },
    { text: '\\x{0000041}', value: undefined },
    { text: '\\x{GG}', value: undefined },
  ])('$text', ({ text, value }) => {
    expect(parseUtf8AddrXtext(text)).toBe(value)
  })
})

describe('parseXtextUtf8', () => {
  it.each([
    { text: '+C3+A5da@example.net', value: 'åda@example.net' },
    { text: 'Ada+2BBob', value: 'Ada+Bob' },
    { text: '+F0+9F+98+80', value: '😀' },
    { text: '', value: '' },
  ])('reads $text', ({ text, value }) => {
    expect(parseXtextUtf8(text)).toBe(value)
  })

  it.each(['+C3', '+C3a', '+0A', '+7F', '+C2+85', '+zz', '+A', 'a b', 'a=b', 'å', '+ED+A0+80'])(
    'refuses %j',
    (text) => {
      expect(parseXtextUtf8(text)).toBeUndefined()
    },
  )
})
