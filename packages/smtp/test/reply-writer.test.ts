import { reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { formatReplyLines, isReply } from '../src/reply-writer.ts'

const ASCII = { status: true, utf8: false }
const UTF8 = { status: true, utf8: true }

describe('formatReplyLines', () => {
  it.each([
    { given: reply(250, '2.0.0', 'OK'), written: '250 2.0.0 OK\r\n' },
    { given: reply(250, undefined, ''), written: '250 2.0.0 \r\n' },
    { given: reply(451, undefined, 'a\nb'), written: '451-4.0.0 a\r\n451 4.0.0 b\r\n' },
    { given: reply(599, undefined, 'x'), written: '599 5.0.0 x\r\n' },
    { given: reply(354, undefined, 'go'), written: '354 go\r\n' },
    { given: reply(354, '2.0.0', 'go'), written: '354 go\r\n' },
    { given: reply(250, '2.0.0', 'a\nb\nc'), written: '250-2.0.0 a\r\n250-2.0.0 b\r\n250 2.0.0 c\r\n' },
    { given: { code: 250, status: undefined, lines: ['a\r\n250 forged'] }, written: '250 2.0.0 a??250 forged\r\n' },
    {
      given: { code: 250, status: undefined, lines: ['nul\0 bell\x07 del\x7f å'] },
      written: '250 2.0.0 nul? bell? del? ?\r\n',
    },
  ])('writes $written (RFC 5321 §4.2, RFC 2034 §4)', ({ given, written }) => {
    expect(formatReplyLines(given, ASCII)).toBe(written)
  })

  it('writes UTF-8 only where it may, a pair of surrogates as one (RFC 6531 §3.7.4)', () => {
    expect(formatReplyLines(reply(250, undefined, 'å\u{1f4ef}'), UTF8)).toBe('250 2.0.0 å\u{1f4ef}\r\n')
    expect(formatReplyLines(reply(250, undefined, 'å\u{1f4ef}'), ASCII)).toBe('250 2.0.0 ??\r\n')
    expect(formatReplyLines({ code: 250, status: undefined, lines: ['å\r\n'] }, UTF8)).toBe('250 2.0.0 å??\r\n')
  })

  it('writes no enhanced status code where none is wanted (RFC 2034 §4)', () => {
    expect(formatReplyLines(reply(550, '5.1.1', 'no'), { status: false, utf8: false })).toBe('550 no\r\n')
  })

  it('continues a long line on the next (RFC 5321 §4.5.3.1.5)', () => {
    for (const [form, character] of [
      [ASCII, 'x'],
      [UTF8, '\u{1f4ef}'],
    ] as const) {
      const lines = formatReplyLines(reply(550, '5.1.1', character.repeat(1_000)), form).split('\r\n')
      expect(lines.pop()).toBe('')
      expect(lines.length).toBeGreaterThan(1)
      for (const line of lines) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(510)
      expect(lines.map((line) => line.slice(0, 10))).toEqual([...lines.slice(1).map(() => '550-5.1.1 '), '550 5.1.1 '])
      expect(lines.map((line) => line.slice(10)).join('')).toBe(character.repeat(1_000))
    }
  })
})

describe('isReply', () => {
  it.each([199, 600, 250.5, Number.NaN])('is no reply with code %d', (code) => {
    expect(isReply({ code, status: undefined, lines: ['x'] })).toBe(false)
  })
})
