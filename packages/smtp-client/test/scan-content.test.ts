import { describe, expect, it } from 'vitest'
import { ContentScan } from '../src/scan-content.ts'
import { factsOf } from './fixtures.ts'

const bare = (text: string) => {
  const scan = new ContentScan()
  scan.push(Buffer.from(text, 'latin1'))
  scan.end()
  return scan.bareNewlines
}

describe('ContentScan', () => {
  it.each([
    {
      text: '',
      facts: { sizeBytes: 0, headerBytes: 0, endsWithCrlf: true, binary: false, dotLines: 0, longestLineBytes: 0 },
    },
    { text: 'a: b\r\n\r\nbody\r\n', facts: { sizeBytes: 14, headerBytes: 8, endsWithCrlf: true, longestLineBytes: 4 } },
    { text: 'a: b\r\nno body', facts: { sizeBytes: 13, headerBytes: 13, endsWithCrlf: false, longestLineBytes: 7 } },
    { text: '\r\nbody', facts: { headerBytes: 2 } },
    { text: '.a\r\n..\r\nb.\r\n.', facts: { dotLines: 3, endsWithCrlf: false } },
    { text: 'a\u00fc: b\r\n\r\n', facts: { eightBit: true, utf8Header: true, binary: false } },
    { text: 'a: b\r\n\r\n\u00fc', facts: { eightBit: true, utf8Header: false } },
    { text: 'a\nb\r\n', facts: { binary: true } },
    { text: 'a\rb\r\n', facts: { binary: true } },
    { text: 'a\r', facts: { binary: true, endsWithCrlf: false } },
    { text: 'a\u0000\r\n', facts: { binary: true } },
    { text: `${'x'.repeat(998)}\r\n`, facts: { binary: false, longestLineBytes: 998 } },
    { text: `${'x'.repeat(999)}\r\n`, facts: { binary: true, longestLineBytes: 999 } },
  ])('learns the facts of $text.length bytes, $facts', ({ text, facts }) => {
    const bytes = Buffer.from(text, 'latin1')
    expect(factsOf(bytes)).toMatchObject(facts)
    expect(factsOf(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(factsOf(bytes))
  })

  it('tells a bare newline from other binary content', () => {
    expect([bare('a\u0000\r\n'), bare('a\r\n'), bare('a\n'), bare('a\r')]).toEqual([false, false, true, true])
  })
})
