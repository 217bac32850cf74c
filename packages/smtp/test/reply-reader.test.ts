import { readFileSync } from 'node:fs'
import { fromUtf8 } from '@postroad/bytes'
import type { Reply } from '@postroad/envelope'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REPLY_DEFAULTS, ReplyReader, type ReplyReaderOptions } from '../src/reply-reader.ts'

interface ReadOptions extends ReplyReaderOptions {
  readonly status?: boolean
  readonly cut?: number
}

function read(text: string | Uint8Array, { status = false, cut = 0, ...options }: ReadOptions = {}) {
  const bytes = typeof text === 'string' ? fromUtf8(text) : text
  const reader = new ReplyReader(options)
  reader.enhancedStatusCodes = status
  const replies: Reply[] = []
  const step = cut === 0 ? Math.max(1, bytes.length) : cut
  for (let at = 0; at < bytes.length; at += step) {
    reader.receive(bytes.slice(at, at + step))
    for (let reply = reader.next(); reply !== undefined; reply = reader.next()) replies.push(reply)
  }
  return { replies, fault: reader.fault, pending: reader.pending }
}

describe('docs/limits.md, A client', () => {
  const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')

  it.each(Object.entries(REPLY_DEFAULTS))('says the default of %s', (name, value) => {
    const [, , stated = ''] =
      page
        .split('\n')
        .find((line) => line.startsWith(`| \`${name}\` |`))
        ?.split('|') ?? []
    expect(Number(stated.replaceAll(',', ''))).toBe(value)
  })
})

describe('ReplyReader', () => {
  it.each([
    { text: '250 OK\r\n', code: 250, lines: ['OK'] },
    { text: '250\r\n', code: 250, lines: [''] },
    { text: '250 \r\n', code: 250, lines: [''] },
    { text: '250-\r\n250\r\n', code: 250, lines: ['', ''] },
    {
      text: '250-mx.example.net\r\n250-SIZE 10\r\n250 DSN\r\n',
      code: 250,
      lines: ['mx.example.net', 'SIZE 10', 'DSN'],
    },
    { text: '354 go\n', code: 354, lines: ['go'] },
    { text: '599 ümlaut\r\n', code: 599, lines: ['ümlaut'] },
    { text: '250 a\tb\u0007\u007f\r\n', code: 250, lines: ['a\tb??'] },
  ])('reads $text (RFC 5321 §4.2)', ({ text, code, lines }) => {
    const whole = read(text)
    expect(whole).toEqual({ replies: [{ code, status: undefined, lines }], fault: undefined, pending: false })
    expect(read(text, { cut: 1 })).toEqual(whole)
    expect(read(text, { cut: 3 })).toEqual(whole)
  })

  it.each([
    { text: 'hello\r\n' },
    { text: '25\r\n' },
    { text: '\r\n' },
    { text: '150 wait\r\n' },
    { text: '650 what\r\n' },
    { text: '2x0 what\r\n' },
    { text: '25x what\r\n' },
    { text: '250_what\r\n' },
    { text: '250-a\r\n251 b\r\n' },
  ])('stops at $text', ({ text }) => {
    expect(read(text)).toEqual({ replies: [], fault: 'malformed', pending: false })
  })

  it('gives what came before the fault and nothing after it', () => {
    const { replies, fault } = read('250 a\r\nbad\r\n250 b\r\n')
    expect(replies).toHaveLength(1)
    expect(fault).toBe('malformed')
    const reader = new ReplyReader()
    reader.receive(fromUtf8('bad\r\n'))
    expect(reader.next()).toBeUndefined()
    reader.receive(fromUtf8('250 b\r\n'))
    expect(reader.next()).toBeUndefined()
  })

  it('takes bytes that come before it was drained', () => {
    const reader = new ReplyReader()
    reader.receive(fromUtf8('250 a\r\n25'))
    reader.receive(fromUtf8('1 b\r\n'))
    expect(reader.next()?.code).toBe(250)
    expect(reader.pending).toBe(true)
    expect(reader.next()?.code).toBe(251)
    expect(reader.pending).toBe(false)
  })

  it('bounds lines and replies', () => {
    expect(read(`250 ${'x'.repeat(20)}\r\n`, { maxLineBytes: 26 }).replies).toHaveLength(1)
    for (const cut of [0, 1]) {
      expect(read(`250 ${'x'.repeat(21)}\r\n`, { maxLineBytes: 26, cut }).fault).toBe('line-too-long')
      expect(read('x'.repeat(1_000), { maxLineBytes: 26, cut }).fault).toBe('line-too-long')
      expect(read('250-a\r\n'.repeat(10), { maxLines: 4, cut }).fault).toBe('reply-too-long')
      expect(read('250-aaaa\r\n'.repeat(10), { maxReplyBytes: 30, cut }).fault).toBe('reply-too-long')
    }
    expect(read('250-a\r\n250-a\r\n250-a\r\n250 a\r\n', { maxLines: 4 }).replies).toHaveLength(1)
  })

  it.each([
    { text: '550 5.1.1 no\r\n', expected: { code: 550, status: '5.1.1', lines: ['no'] } },
    { text: '250 2.1.5\r\n', expected: { code: 250, status: '2.1.5', lines: [''] } },
    {
      text: '550-5.1.1 a\r\n550-b\r\n550 5.1.1 c\r\n',
      expected: { code: 550, status: '5.1.1', lines: ['a', 'b', 'c'] },
    },
    { text: '550 4.7.1 odd\r\n', expected: { code: 550, status: undefined, lines: ['4.7.1 odd'] } },
    { text: '354 3.0.0 go\r\n', expected: { code: 354, status: undefined, lines: ['3.0.0 go'] } },
    { text: '550 no\r\n', expected: { code: 550, status: undefined, lines: ['no'] } },
  ])('takes the status of $text (RFC 2034 §4)', ({ text, expected }) => {
    expect(read(text, { status: true }).replies).toEqual([expected])
  })

  it('leaves a status in the text where it was not offered (RFC 2034 §4)', () => {
    expect(read('550 5.1.1 no\r\n').replies).toEqual([{ code: 550, status: undefined, lines: ['5.1.1 no'] }])
  })

  it('reads the same however the bytes are cut, and never throws', () => {
    const line = fc.oneof(
      fc.constantFrom('250 ok\r\n', '250-more\r\n', '550 5.1.1 no\r\n', '\r\n', '250', '\n', '-'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 7 }), (lines, cut) => {
        const text = lines.join('')
        expect(read(text, { cut, status: true })).toEqual(read(text, { status: true }))
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 7 }), (bytes, cut) => {
        expect(read(bytes, { cut })).toEqual(read(bytes))
      }),
    )
  })
})
