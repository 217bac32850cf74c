import type { ContentFacts } from '@postroad/envelope'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContentScanner, HeaderReader } from '../src/index.ts'
import { bytes, cuts, mailBytes, text } from './texts.ts'

function scan(chunks: readonly Uint8Array[]): ContentFacts {
  const scanner = new ContentScanner()
  for (const chunk of chunks) {
    const lent = chunk.slice()
    scanner.push(lent)
    lent.fill(46)
  }
  return scanner.finish()
}

/** The same facts, the slow way. */
function naive(value: Uint8Array): ContentFacts {
  const content = text(value)
  const lines = content.split('\r\n')
  const empty = /(?:^|\n)(\r?\n)/.exec(content)
  const headerBytes = empty === null ? content.length : empty.index + empty[0].length
  const longestLineBytes = Math.max(...lines.map((line) => line.length))
  return {
    sizeBytes: content.length,
    headerBytes,
    eightBit: /[\u0080-\u00ff]/.test(content),
    binary: /\0|\r(?!\n)|(?<!\r)\n/.test(content) || longestLineBytes > 998,
    utf8Header: /[\u0080-\u00ff]/.test(content.slice(0, headerBytes)),
    longestLineBytes,
    dotLines: lines.filter((line) => line.startsWith('.')).length,
    endsWithCrlf: content === '' || content.endsWith('\r\n'),
  }
}

describe('ContentScanner', () => {
  it('learns the facts of a plain message', () => {
    expect(scan([bytes('Subject: x\r\n\r\nhello\r\n.dot\r\n')])).toEqual({
      sizeBytes: 27,
      headerBytes: 14,
      eightBit: false,
      binary: false,
      utf8Header: false,
      longestLineBytes: 10,
      dotLines: 1,
      endsWithCrlf: true,
    })
  })

  it.each([
    {
      what: 'empty content ends with CRLF',
      content: '',
      facts: { endsWithCrlf: true, headerBytes: 0, longestLineBytes: 0 },
    },
    { what: 'a section without an empty line is all header', content: 'A: x\r\n', facts: { headerBytes: 6 } },
    { what: 'a body from the first line on', content: '\r\nx', facts: { headerBytes: 2, endsWithCrlf: false } },
    {
      what: 'the empty line of a bare LF ends the header',
      content: 'A: x\n\nb\u00e9',
      facts: { headerBytes: 6, binary: true, utf8Header: false },
    },
    { what: '8-bit in the body', content: 'A: x\r\n\r\n\u00e9', facts: { eightBit: true, utf8Header: false } },
    {
      what: '8-bit in the header (RFC 6532)',
      content: 'A: \u00e9\r\n\r\nx',
      facts: { eightBit: true, utf8Header: true },
    },
    { what: '8-bit in a header without end', content: 'A: \u00e9', facts: { utf8Header: true } },
    { what: 'NUL is binary', content: 'a\0\r\n', facts: { binary: true } },
    { what: 'a bare CR is binary', content: 'a\rb\r\n', facts: { binary: true } },
    { what: 'a CR at the end is binary', content: 'a\r\n\r', facts: { binary: true, endsWithCrlf: false } },
    { what: 'a CR before CRLF is binary', content: 'a\r\r\n', facts: { binary: true, endsWithCrlf: true } },
    { what: 'a bare LF is binary', content: 'a\nb\r\n', facts: { binary: true, longestLineBytes: 3 } },
    {
      what: 'a line of 998 is none (RFC 5322 §2.1.1)',
      content: `${'x'.repeat(998)}\r\n`,
      facts: { binary: false, longestLineBytes: 998 },
    },
    {
      what: 'a line of 999 is binary',
      content: `${'x'.repeat(999)}\r\n`,
      facts: { binary: true, longestLineBytes: 999 },
    },
    {
      what: 'a last line of 999 is binary',
      content: `\r\n${'x'.repeat(999)}`,
      facts: { binary: true, longestLineBytes: 999 },
    },
    { what: 'dots (RFC 5321 §4.5.2)', content: '.\r\n..\r\n a.\r\n\n.\r\n', facts: { dotLines: 2 } },
  ])('$what', ({ content, facts }) => {
    expect(scan([bytes(content)])).toMatchObject(facts)
    expect(scan(Array.from(bytes(content), (byte) => Uint8Array.of(byte)))).toMatchObject(facts)
  })

  it.each([
    { content: 'a\0\r\n', bare: false },
    { content: `${'x'.repeat(999)}\r\n`, bare: false },
    { content: 'a\n', bare: true },
    { content: 'a\rb', bare: true },
    { content: 'a\r\r\n', bare: true },
    { content: 'a\r\n\r', bare: true },
  ])('tells bare newlines from what else is binary: $content.length octets, $bare', ({ content, bare }) => {
    const scanner = new ContentScanner()
    scanner.push(bytes(content))
    expect([scanner.finish().binary, scanner.bareNewlines]).toEqual([true, bare])
  })

  it('agrees with the slow way on any bytes, however they are cut', () => {
    fc.assert(
      fc.property(mailBytes, fc.array(fc.nat()), (value, places) => {
        expect(scan(cuts(value, places))).toEqual(naive(value))
      }),
      { numRuns: 5_000 },
    )
  })

  it('agrees with the slow way on long bytes at any alignment', () => {
    const piece = fc.oneof(
      fc.constant('\r\n'),
      fc.constant('x'.repeat(70)),
      fc.constant('\t'),
      fc.constant('\u00e9\u00e8\u00ea'),
      fc.constant('.'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), fc.nat({ max: 7 }), (pieces, shift) => {
        const value = bytes('x'.repeat(shift) + pieces.join('')).subarray(shift)
        const scanner = new ContentScanner()
        scanner.push(value)
        expect(scanner.finish()).toEqual(naive(value))
      }),
    )
  })

  it('ends the header section where HeaderReader does', () => {
    fc.assert(
      fc.property(mailBytes, (value) => {
        const progress = new HeaderReader().push(value)
        if (progress.kind !== 'header' || progress.separator.length === 0) return
        expect(scan([value]).headerBytes).toBe(value.length - progress.rest.length)
      }),
    )
  })
})
