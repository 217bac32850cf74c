import { assert, array, constantFrom, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputBuffer } from '../src/input-buffer.ts'
import { LineReader } from '../src/line-reader.ts'
import { latin1 } from './server-helper.ts'

function read(input: string, size = Infinity, bareNewlines: 'refuse' | 'repair' = 'refuse', maxBytes = 20): string[] {
  const reader = new LineReader(bareNewlines)
  const buffer = new InputBuffer()
  const lines: string[] = []
  const bytes = latin1(input)
  for (let at = 0; at < bytes.length; at += size) {
    buffer.push(bytes.slice(at, at + size))
    for (let line = reader.read(buffer, maxBytes); line !== undefined; line = reader.read(buffer, maxBytes)) {
      lines.push(line.kind === 'line' ? line.text : `(${line.fault})`)
    }
    expect(buffer.length).toBe(0)
  }
  return lines
}

describe('LineReader', () => {
  it.each([
    { input: 'NOOP\r\n', lines: ['NOOP'] },
    { input: '\r\n', lines: [''] },
    { input: 'a\r\nb\r\nc', lines: ['a', 'b'] },
    { input: 'bl\xc3\xa5\r\n', lines: ['blå'] },
    { input: '\xff\r\na\r\n', lines: ['(not-utf8)', 'a'] },
    { input: 'a\0b\r\na\r\n', lines: ['(nul)', 'a'] },
    { input: 'a\rb\r\na\r\n', lines: ['(bare-newline)', 'a'] },
    { input: 'a\r\r\nb\r\n', lines: ['(bare-newline)', 'b'] },
    { input: 'a\nb\r\nc\r\n', lines: ['(bare-newline)', 'c'] },
    { input: '\na\nb\n\r\nc\r\n', lines: ['(bare-newline)', 'c'] },
    { input: '\n', lines: ['(bare-newline)'] },
    { input: `${'x'.repeat(18)}\r\nb\r\n`, lines: ['x'.repeat(18), 'b'] },
    { input: `${'x'.repeat(19)}\r\nb\r\n`, lines: ['(too-long)', 'b'] },
    { input: `${'x'.repeat(500)}\r\nb\r\n`, lines: ['(too-long)', 'b'] },
    { input: `${'x'.repeat(30)}\n${'x'.repeat(30)}\r\nb\r\n`, lines: ['(too-long)', 'b'] },
  ])('reads $input in any cut (RFC 5321 §2.3.8)', ({ input, lines }) => {
    for (const size of [Infinity, 1, 2, 3, 7, 19, 20, 21]) expect(read(input, size)).toEqual(lines)
  })

  it('counts what it skips of a line that was refused before its end, in any cut', () => {
    const bytes = latin1(`${'x'.repeat(30)}\n${'x'.repeat(60)}\r\nb\r\n`)
    for (const size of [Infinity, 1, 2, 7, 40]) {
      const reader = new LineReader('refuse')
      const buffer = new InputBuffer()
      let count = 0
      for (let at = 0; at < bytes.length; at += size) {
        buffer.push(bytes.slice(at, at + size))
        for (let line = reader.read(buffer, 20); line !== undefined; line = reader.read(buffer, 20)) count += line.bytes
        count += reader.takeSkippedBytes()
      }
      expect(count).toBe(bytes.length)
    }
  })

  it('ends a line at a bare LF where it repairs', () => {
    for (const size of [Infinity, 1, 2]) expect(read('a\nb\r\n\nc\r\n', size, 'repair')).toEqual(['a', 'b', '', 'c'])
  })

  it('gives the same number of lines as there are CRLF, for any input in any cut', () => {
    const pieces = constantFrom('\r\n', '\r', '\n', '\0', 'ab', 'x'.repeat(25), '\xc3\xa5')
    assert(
      property(array(pieces, { maxLength: 20 }), integer({ min: 1, max: 30 }), (parts, size) => {
        const input = `${parts.join('')}\r\n`
        const lines = read(input, size)
        expect(lines).toEqual(read(input))
        expect(lines).toHaveLength(input.split('\r\n').length - 1)
      }),
    )
  })
})
