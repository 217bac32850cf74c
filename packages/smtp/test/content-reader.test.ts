import { assert, array, constantFrom, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContentReader } from '../src/content-reader.ts'
import { InputBuffer } from '../src/input-buffer.ts'
import { latin1, text } from './server-helper.ts'

interface Read {
  content: string
  fault: string | undefined
  /** What was not read; `undefined` where the end did not come. */
  rest: string | undefined
}

function read(
  input: string,
  options: { size?: number; bareNewlines?: 'refuse' | 'repair'; maxBytes?: number; maxLineBytes?: number } = {},
): Read {
  const { size = Infinity, bareNewlines = 'refuse', maxBytes = Infinity, maxLineBytes = Infinity } = options
  const reader = new ContentReader({ bareNewlines, maxBytes, maxLineBytes })
  const buffer = new InputBuffer()
  const found: Read = { content: '', fault: undefined, rest: undefined }
  const bytes = latin1(input)
  for (let at = 0; at < bytes.length; at += size) {
    // Unaligned on purpose.
    const chunk = new Uint8Array(bytes.length + 1).subarray(at % 4)
    const piece = bytes.subarray(at, Math.min(bytes.length, at + size))
    chunk.set(piece.subarray(0, chunk.length))
    buffer.push(chunk.length >= piece.length ? chunk.subarray(0, piece.length) : piece.slice())
    for (let part = reader.read(buffer); part !== undefined; part = reader.read(buffer)) {
      if (part.kind === 'bytes') {
        expect(part.bytes.length).toBeGreaterThan(0)
        found.content += text(part.bytes)
      } else if (part.kind === 'fault') {
        expect(found.fault).toBeUndefined()
        found.fault = part.fault
      } else {
        found.rest = text(buffer.bytes.subarray(buffer.at)) + text(bytes.subarray(at + size))
        expect(found.fault === undefined ? found.content.length : 0).toBe(
          found.fault === undefined ? reader.sizeBytes : 0,
        )
        return found
      }
    }
  }
  return found
}

/** The same by the letter of the RFC, on the whole text. */
function readSlowly(input: string): Read {
  const whole = `\r\n${input}`
  const end = whole.indexOf('\r\n.\r\n')
  const raw = end === -1 ? whole : whole.slice(0, end + 2)
  const bad = /\0|\r(?!\n)|(?<!\r)\n/.exec(raw)
  const content = raw.replaceAll('\r\n.', '\r\n').slice(2)
  const fault = bad === null ? undefined : bad[0] === '\0' ? 'nul' : 'bare-newline'
  return { content: bad === null ? content : '', fault, rest: end === -1 ? undefined : whole.slice(end + 5) }
}

describe('ContentReader', () => {
  it.each([
    { input: '.\r\nQUIT', content: '' },
    { input: 'a\r\n.\r\nQUIT', content: 'a\r\n' },
    { input: '\r\n.\r\nQUIT', content: '\r\n' },
    { input: '..\r\n.\r\nQUIT', content: '.\r\n' },
    { input: '...a\r\n..b\r\n.\r\nQUIT', content: '..a\r\n.b\r\n' },
    { input: '.a\r\n.\r\nQUIT', content: 'a\r\n' },
    { input: 'a.\r\n .\r\n.\r\nQUIT', content: 'a.\r\n .\r\n' },
    { input: 'a\tb\x0bc\x0c\r\n.\r\nQUIT', content: 'a\tb\x0bc\x0c\r\n' },
    { input: `${'x'.repeat(5_000)}\r\n.\r\nQUIT`, content: `${'x'.repeat(5_000)}\r\n` },
  ])('removes dot-stuffing and stops behind the end: $input (RFC 5321 §4.5.2)', ({ input, content }) => {
    for (const size of [Infinity, 1, 2, 3, 5, 7]) {
      expect(read(input, { size })).toEqual({ content, fault: undefined, rest: 'QUIT' })
    }
  })

  const FALSE_ENDS = [
    '\n.\n',
    '\n.\r',
    '\r.\n',
    '\r.\r',
    '\n.\r\n',
    '\r.\r\n',
    '\r\n.\r\r\n',
    '\r\r\n.\r\r\n',
    '\r\n\0.\r\n',
    '\r\n.\n',
    '\r\n.\r',
    '\n\n.\r\n',
    '\r\n.\0\r\n',
    '\r\n. \r\n',
    '\r\n..\r\n',
    '\n\r.\n\r',
    '\r\n.\r\0\n',
  ]
  for (const bareNewlines of ['refuse', 'repair'] as const) {
    it.each(FALSE_ENDS)(`finds no end in %j (${bareNewlines}) (RFC 5321 §4.1.1.4)`, (end) => {
      const input = `first${end}MAIL FROM:<smuggled@example.org>\r\n.\r\nQUIT`
      for (let size = 1; size <= input.length; size += 1) {
        const found = read(input, { size, bareNewlines })
        expect(found.rest).toBe('QUIT')
        if (found.fault === undefined) {
          expect(found.content).toContain('MAIL FROM')
          // What we pass on can be ended by nothing but CRLF.CRLF of our own.
          expect(found.content).not.toMatch(/\r(?!\n)|(?<!\r)\n|\0/)
        }
      }
    })
  }

  it.each([
    { input: 'a\nb\r\n.\r\n', content: 'a\r\nb\r\n' },
    { input: 'a\rb\r\n.\r\n', content: 'a\r\nb\r\n' },
    { input: '\n\r\n.\r\n', content: '\r\n\r\n' },
    { input: 'a\r\r\n.\r\n', content: 'a\r\n\r\n' },
    { input: 'a\n\r.\r\n.\r\n', content: 'a\r\n\r\n.\r\n' },
    { input: 'a\n.\r\n.\r\n', content: 'a\r\n.\r\n' },
    { input: '.\rb\r\n.\r\n', content: '\r\nb\r\n' },
    { input: '.\n.\r\n', content: undefined },
  ])('makes bare newlines CRLF where it repairs: $input', ({ input, content }) => {
    for (const size of [Infinity, 1, 2, 3]) {
      const found = read(input, { size, bareNewlines: 'repair' })
      expect(found.fault).toBeUndefined()
      if (content === undefined) expect(found.rest).toBeUndefined()
      else expect(found).toEqual({ content, fault: undefined, rest: '' })
    }
  })

  it('agrees with the letter of the RFC for any content in any cut', () => {
    const pieces = constantFrom('\r\n', '.', '\r', '\n', '\0', 'a', '\t', 'text of some length', '\r\n.\r\n', '\r\n..')
    assert(
      property(array(pieces, { maxLength: 30 }), integer({ min: 1, max: 9 }), (parts, size) => {
        const input = parts.join('')
        const expected = readSlowly(input)
        const found = read(input, { size })
        expect(found.rest).toBe(expected.rest)
        if (expected.rest === undefined) return
        expect(found.fault === undefined).toBe(expected.fault === undefined)
        if (found.fault === undefined) expect(found.content).toBe(expected.content)
      }),
      { numRuns: 2_000 },
    )
  })

  it('counts what it gives, and refuses what is more than allowed (RFC 1870 §5)', () => {
    for (const size of [Infinity, 1, 4]) {
      expect(read('..345678\r\n.\r\nQUIT', { size, maxBytes: 9 })).toMatchObject({ fault: undefined, rest: 'QUIT' })
      expect(read('..345678\r\n.\r\nQUIT', { size, maxBytes: 8 })).toMatchObject({ fault: 'too-big', rest: 'QUIT' })
      const repaired = read('1\n\n\n2\r\n.\r\nQUIT', { size, maxBytes: 6, bareNewlines: 'repair' })
      expect(repaired).toMatchObject({ fault: 'too-big', rest: 'QUIT' })
      const before = read('a\n\nbc\n\r\n.\r\nQUIT', { size, maxBytes: 6, bareNewlines: 'repair' })
      expect(before).toMatchObject({ fault: 'too-big', rest: 'QUIT' })
    }
  })

  it('measures lines without CRLF and without what was stuffed', () => {
    for (const size of [Infinity, 1, 4]) {
      expect(read('..34\r\n1234\r\n.\r\nQUIT', { size, maxLineBytes: 4 })).toMatchObject({ fault: undefined })
      expect(read('12345\r\n.\r\nQUIT', { size, maxLineBytes: 4 })).toMatchObject({
        fault: 'line-too-long',
        rest: 'QUIT',
      })
      expect(read('\t2345\r\n.\r\nQUIT', { size, maxLineBytes: 4 })).toMatchObject({ fault: 'line-too-long' })
    }
  })
})
