import { assert, array, boolean, constantFrom, integer, nat, property, record, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkReader } from '../src/chunk-reader.ts'
import type { Chunk } from '../src/chunk-reader.ts'
import { InputBuffer } from '../src/input-buffer.ts'
import { latin1, text } from './server-helper.ts'

interface Settings {
  readonly binary?: boolean
  readonly bareNewlines?: 'refuse' | 'repair'
  readonly maxBytes?: number
  readonly maxLineBytes?: number
  /** Bytes that come at once. */
  readonly size?: number
}

/** Reads chunks of a message, then `rest`, which must be left alone. */
function read(chunks: readonly string[], settings: Settings = {}): { content: string; fault: string | undefined } {
  const { binary = false, bareNewlines = 'refuse', maxBytes = Infinity, maxLineBytes = Infinity, size = 1e9 } = settings
  const reader = new ChunkReader({ bareNewlines, maxBytes, maxLineBytes }, binary)
  const found: { content: string; fault: string | undefined } = { content: '', fault: undefined }
  for (const [index, chunk] of chunks.entries()) {
    reader.begin({ octets: chunk.length, last: index === chunks.length - 1 })
    const bytes = latin1(`${chunk}REST`)
    const buffer = new InputBuffer()
    let at = 0
    for (;;) {
      const part = reader.read(buffer)
      if (part === undefined) {
        expect(buffer.length).toBe(0)
        expect(at).toBeLessThan(chunk.length)
        buffer.push(bytes.slice(at, at + size))
        at += size
      } else if (part.kind === 'bytes') {
        expect(part.bytes.length).toBeGreaterThan(0)
        found.content += text(part.bytes)
      } else if (part.kind === 'fault') {
        expect(found.fault).toBeUndefined()
        found.fault = part.fault
      } else {
        expect(text(buffer.bytes.subarray(buffer.at)) + text(bytes.subarray(at))).toBe('REST')
        break
      }
    }
  }
  return found
}

const SIZES = [1, 2, 3, 5, 7, 1e9]

describe('ChunkReader', () => {
  it.each([
    { chunks: ['a\r\n.\r\nb\r\n'], content: 'a\r\n.\r\nb\r\n' },
    { chunks: ['..a\r\n', '..b'], content: '..a\r\n..b' },
    { chunks: ['a\r', '\nb\r\n'], content: 'a\r\nb\r\n' },
    { chunks: ['a\r', '', '', '\n'], content: 'a\r\n' },
    { chunks: ['', ''], content: '' },
    { chunks: ['no end of line'], content: 'no end of line' },
    { chunks: ['\t\v\f\x0e\xe5\xff\r\n'], content: '\t\v\f\x0e\xe5\xff\r\n' },
  ])('gives the octets of text as they are: $chunks (RFC 3030 §2)', ({ chunks, content }) => {
    for (const size of SIZES) expect(read(chunks, { size })).toEqual({ content, fault: undefined })
  })

  it.each([
    { chunks: ['a\nb'], fault: 'bare-newline' },
    { chunks: ['\n'], fault: 'bare-newline' },
    { chunks: ['a\rb'], fault: 'bare-newline' },
    { chunks: ['a\r\r\n'], fault: 'bare-newline' },
    { chunks: ['a\r', 'b'], fault: 'bare-newline' },
    { chunks: ['a\r\n', '\n'], fault: 'bare-newline' },
    { chunks: ['a\r'], fault: 'bare-newline' },
    { chunks: ['a\r', ''], fault: 'bare-newline' },
    { chunks: ['abcd\0efgh'], fault: 'nul' },
    { chunks: ['a\n\0', '\r', '\r\n\n'], fault: 'bare-newline' },
  ])('finds the first fault of text and reads on to the end: $chunks (RFC 5321 §2.3.8)', ({ chunks, fault }) => {
    for (const size of SIZES) expect(read(chunks, { size }).fault).toBe(fault)
  })

  it.each([
    { chunks: ['a\nb'], content: 'a\r\nb' },
    { chunks: ['\n\n'], content: '\r\n\r\n' },
    { chunks: ['a\rb'], content: 'a\r\nb' },
    { chunks: ['a\r\r\n'], content: 'a\r\n\r\n' },
    { chunks: ['a\r', 'b'], content: 'a\r\nb' },
    { chunks: ['a\r', '', ''], content: 'a\r\n' },
  ])('makes CRLF of bare newlines where it repairs: $chunks', ({ chunks, content }) => {
    for (const size of SIZES) {
      expect(read(chunks, { size, bareNewlines: 'repair' })).toEqual({ content, fault: undefined })
    }
  })

  it('refuses a NUL where it repairs, too', () => {
    expect(read(['a\0'], { bareNewlines: 'repair' }).fault).toBe('nul')
  })

  it('refuses a message before the octets that make it too big are read', () => {
    const reader = new ChunkReader({ bareNewlines: 'refuse', maxBytes: 10, maxLineBytes: Infinity }, true)
    reader.begin({ octets: 11, last: true })
    expect(reader.read(new InputBuffer())).toEqual({ kind: 'fault', fault: 'too-big' })
    expect(read(['123456', '7890'], { maxBytes: 10 })).toEqual({ content: '1234567890', fault: undefined })
    expect(read(['123456', '78901', '2'], { maxBytes: 10 })).toEqual({ content: '123456', fault: 'too-big' })
  })

  it('counts what is given, repairs too', () => {
    expect(read(['a\nbcdefghi'], { maxBytes: 10, bareNewlines: 'repair' }).fault).toBe('too-big')
    expect(read(['\n'], { maxBytes: 1, bareNewlines: 'repair' }).fault).toBe('too-big')
    expect(read(['a\n\nbc\n'], { maxBytes: 6, bareNewlines: 'repair' }).fault).toBe('too-big')
    expect(read(['a\n'], { maxBytes: 2, bareNewlines: 'repair' })).toEqual({ content: 'a', fault: 'too-big' })
  })

  it('refuses a line that is too long, over any number of chunks', () => {
    expect(read(['12345\r\n', '123', '45\r', '\n'], { maxLineBytes: 5 }).fault).toBeUndefined()
    expect(read(['12345\r\n', '123', '456\r', '\n'], { maxLineBytes: 5 }).fault).toBe('line-too-long')
    expect(read(['1\t3\v5\f7'], { maxLineBytes: 5 }).fault).toBe('line-too-long')
  })

  it('gives binary content as it is, whatever the octets and the cut (RFC 3030 §3)', () => {
    assert(
      property(array(uint8Array({ maxLength: 30 }), { maxLength: 6 }), integer({ min: 1, max: 9 }), (parts, size) => {
        const chunks = parts.map(text)
        expect(read(chunks, { binary: true, size })).toEqual({ content: chunks.join(''), fault: undefined })
      }),
    )
  })

  it('judges text as the whole of it is judged, whatever the chunks and the cut', () => {
    const pieces = constantFrom('a', '\r\n', '\r', '\n', '\0', '.', 'text', '\r\n.\r\n', 'x'.repeat(20))
    const parts = array(pieces, { maxLength: 30 }).map((each) => each.join(''))
    assert(
      property(parts, nat(), nat(), integer({ min: 1, max: 9 }), boolean(), (whole, one, other, size, repairs) => {
        const first = whole.length === 0 ? 0 : one % whole.length
        const second = first + (whole.length === first ? 0 : other % (whole.length - first))
        const chunks = [whole.slice(0, first), whole.slice(first, second), whole.slice(second)]
        const bad = /\0|\r(?!\n)|(?<!\r)\n/.exec(whole)?.[0]
        const repaired = whole.replaceAll(/\r(?!\n)|(?<!\r)\n/g, '\r\n')
        const found = read(chunks, { size, bareNewlines: repairs ? 'repair' : 'refuse' })
        if (repairs) {
          expect(found.fault).toBe(whole.includes('\0') ? 'nul' : undefined)
          if (found.fault === undefined) expect(found.content).toBe(repaired)
        } else {
          expect(found.fault).toBe(bad === undefined ? undefined : bad === '\0' ? 'nul' : 'bare-newline')
          if (found.fault === undefined) expect(found.content).toBe(whole)
          expect(whole.startsWith(found.content)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('gives nothing but the ends of chunks once it refuses', () => {
    assert(
      property(array(record({ octets: integer({ min: 0, max: 9 }), last: boolean() }), { maxLength: 5 }), (chunks) => {
        const reader = new ChunkReader({ bareNewlines: 'repair', maxBytes: 5, maxLineBytes: 1 }, false)
        reader.refuse()
        for (const chunk of chunks satisfies readonly Chunk[]) {
          reader.begin(chunk)
          const buffer = new InputBuffer()
          buffer.push(new Uint8Array(10).fill(13))
          expect(reader.read(buffer)).toEqual({ kind: 'end' })
          expect(buffer.at).toBe(chunk.octets)
        }
      }),
    )
  })

  it('keeps no repair of a content that is refused meanwhile', () => {
    const reader = new ChunkReader({ bareNewlines: 'repair', maxBytes: 50, maxLineBytes: 50 }, false)
    const buffer = new InputBuffer()
    buffer.push(latin1('a\n'))
    reader.begin({ octets: 2, last: true })
    expect(reader.read(buffer)).toMatchObject({ kind: 'bytes' })
    reader.refuse()
    expect(reader.read(buffer)).toEqual({ kind: 'end' })
  })
})
