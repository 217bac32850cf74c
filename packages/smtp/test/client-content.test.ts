import { concat, fromLatin1, toLatin1 } from '@postroad/bytes'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BareNewlineScan, DotStuffer } from '../src/client-content.ts'

function pieces(text: string, cut: number): Uint8Array[] {
  const bytes = fromLatin1(text)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += cut) parts.push(bytes.slice(at, at + cut))
  return parts
}

function stuff(text: string, cut = 1_000): string {
  const stuffer = new DotStuffer()
  const slices: Uint8Array[] = []
  for (const part of pieces(text, cut)) stuffer.push(part, (slice) => slices.push(slice))
  stuffer.push(new Uint8Array(0), (slice) => slices.push(slice))
  return toLatin1(concat(slices))
}

function hasBareNewline(text: string, cut = 1_000): boolean {
  const scan = new BareNewlineScan()
  for (const part of pieces(text, cut)) scan.push(part)
  return scan.end()
}

const content = fc.array(fc.constantFrom('.', '..', '\r\n', '\r', '\n', 'a', 'a.b')).map((parts) => parts.join(''))

describe('DotStuffer', () => {
  it.each([
    { text: '', stuffed: '' },
    { text: 'a.b\r\n', stuffed: 'a.b\r\n' },
    { text: '.\r\n', stuffed: '..\r\n' },
    { text: '..a\r\n.b\r\nc.\r\n', stuffed: '...a\r\n..b\r\nc.\r\n' },
    { text: '\r\n.\r\n.\r\n', stuffed: '\r\n..\r\n..\r\n' },
  ])('doubles a leading dot of $text (RFC 5321 §4.5.2)', ({ text, stuffed }) => {
    expect(stuff(text)).toBe(stuffed)
    expect(stuff(text, 1)).toBe(stuffed)
  })

  it('is undone by removing one leading dot, in any cut', () => {
    fc.assert(
      fc.property(content, fc.integer({ min: 1, max: 5 }), (text, cut) => {
        const stuffed = stuff(text, cut)
        expect(stuffed.replace(/(^|\n)\./g, '$1')).toBe(text)
        expect(stuffed.split('\n')).not.toContain('.\r')
      }),
    )
  })
})

describe('BareNewlineScan', () => {
  it.each([
    { text: '', found: false },
    { text: 'a\r\nb\r\n', found: false },
    { text: 'a\nb', found: true },
    { text: 'a\rb', found: true },
    { text: '\n', found: true },
    { text: 'a\r', found: true },
    { text: '\r\r\n', found: true },
    { text: '\r\n\n', found: true },
  ])('says $found for $text (RFC 5321 §2.3.8)', ({ text, found }) => {
    expect(hasBareNewline(text)).toBe(found)
    expect(hasBareNewline(text, 1)).toBe(found)
  })

  it('finds the same in any cut', () => {
    fc.assert(
      fc.property(content, fc.integer({ min: 1, max: 5 }), (text, cut) => {
        expect(hasBareNewline(text, cut)).toBe(/\r(?!\n)|(?<!\r)\n/.test(text))
      }),
    )
  })

  it('stops looking once it has found one', () => {
    const scan = new BareNewlineScan()
    expect(scan.push(fromLatin1('a\nb'))).toBe(true)
    expect(scan.push(fromLatin1('c'))).toBe(true)
    expect(scan.end()).toBe(true)
  })
})
