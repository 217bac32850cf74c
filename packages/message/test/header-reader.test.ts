import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeaderReader } from '../src/index.ts'
import type { HeaderProgress, HeaderReaderOptions } from '../src/index.ts'
import { bytes, cuts, mailBytes, text } from './texts.ts'

/** What the reader says of chunks, and the body they leave. */
function read(chunks: readonly Uint8Array[], options?: HeaderReaderOptions): Record<string, unknown> {
  const reader = new HeaderReader(options)
  let last: HeaderProgress = { kind: 'more' }
  let body = ''
  for (const chunk of chunks) {
    // The reader may keep nothing of a chunk: what it was given is gone when it returns.
    const lent = chunk.slice()
    last = reader.push(lent)
    if (last.kind === 'header') body += text(last.rest)
    lent.fill(63)
  }
  const end = reader.end()
  if (last.kind === 'more') {
    last = end
    if (last.kind === 'header') body += text(last.rest)
  } else expect(end).toEqual(last.kind === 'header' ? { ...last, rest: new Uint8Array() } : last)
  if (last.kind !== 'header') return last
  return { fields: last.header.fields.map(({ raw }) => text(raw)), separator: text(last.separator), body }
}

describe('HeaderReader', () => {
  it.each([
    {
      what: 'a section and a body',
      content: 'A: x\r\nB: y\r\n z\r\n\r\nbody',
      fields: ['A: x\r\n', 'B: y\r\n z\r\n'],
      separator: '\r\n',
      body: 'body',
    },
    { what: 'bare LF', content: 'A: x\n\nbody\n', fields: ['A: x\n'], separator: '\n', body: 'body\n' },
    { what: 'no fields', content: '\r\nbody', fields: [], separator: '\r\n', body: 'body' },
    { what: 'no body', content: 'A: x\r\n\r\n', fields: ['A: x\r\n'], separator: '\r\n', body: '' },
    {
      what: 'the content ends in a field',
      content: 'A: x\r\nB: y',
      fields: ['A: x\r\n', 'B: y'],
      separator: '',
      body: '',
    },
    { what: 'the content ends in a name', content: 'A: x\r\nB', fields: ['A: x\r\n'], separator: '', body: 'B' },
    {
      what: 'a body line without an empty line before',
      content: 'A: x\r\nhello you\r\nB: y\r\n\r\n',
      fields: ['A: x\r\n'],
      separator: '',
      body: 'hello you\r\nB: y\r\n\r\n',
    },
    { what: 'a continuation of nothing', content: ' x\r\nA: y\r\n', fields: [], separator: '', body: ' x\r\nA: y\r\n' },
    { what: 'nothing', content: '', fields: [], separator: '', body: '' },
    { what: 'a lone CR', content: 'A: x\r\n\r', fields: ['A: x\r\n'], separator: '', body: '\r' },
  ])('reads $what', ({ content, fields, separator, body }) => {
    expect(read([bytes(content)])).toEqual({ fields, separator, body })
    expect(read(Array.from(bytes(content), (byte) => Uint8Array.of(byte)))).toEqual({ fields, separator, body })
  })

  it('gives the rest as a slice of the chunk', () => {
    const chunk = bytes('A: x\r\n\r\nbody')
    const progress = new HeaderReader().push(chunk)
    expect(progress.kind === 'header' && progress.rest.buffer).toBe(chunk.buffer)
  })

  it('gives all that comes later as the rest', () => {
    const reader = new HeaderReader()
    reader.push(bytes('A: x\r\n\r\nbo'))
    expect(reader.push(bytes('dy'))).toMatchObject({ kind: 'header', rest: bytes('dy') })
    expect(reader.end()).toMatchObject({ kind: 'header', rest: new Uint8Array() })
  })

  it.each([
    { what: 'a long line', content: `A: ${'x'.repeat(100)}`, options: { maxBytes: 50 }, limit: 'bytes' },
    { what: 'many lines', content: 'A: x\r\n'.repeat(20), options: { maxBytes: 50 }, limit: 'bytes' },
    { what: 'an empty line that is one too many', content: 'A: xy\r\n\r\n', options: { maxBytes: 8 }, limit: 'bytes' },
    {
      what: 'a long field',
      content: `A: ${'x'.repeat(50)}\r\n\r\n`,
      options: { maxFieldBytes: 50 },
      limit: 'field-bytes',
    },
    {
      what: 'a long folded field',
      content: `A:\r\n${' x\r\n'.repeat(20)}`,
      options: { maxFieldBytes: 50 },
      limit: 'field-bytes',
    },
    { what: 'a line without an end', content: 'x'.repeat(51), options: { maxFieldBytes: 50 }, limit: 'field-bytes' },
    {
      what: 'what goes over both',
      content: 'x'.repeat(90),
      options: { maxBytes: 50, maxFieldBytes: 50 },
      limit: 'bytes',
    },
    { what: 'many fields', content: `${'A: x\r\n'.repeat(6)}\r\n`, options: { maxFields: 5 }, limit: 'fields' },
  ])('refuses $what, and stays so', ({ content, options, limit }) => {
    expect(read([bytes(content)], options)).toEqual({ kind: 'too-large', limit })
    const reader = new HeaderReader(options)
    reader.push(bytes(content))
    expect(reader.push(bytes('\r\n\r\n'))).toEqual({ kind: 'too-large', limit })
    expect(reader.end()).toEqual({ kind: 'too-large', limit })
  })

  it('takes as many bytes and fields as the bounds say', () => {
    expect(read([bytes('A: x\r\n\r\nbody')], { maxBytes: 8, maxFields: 1 })).toMatchObject({ body: 'body' })
  })

  it('takes fields of as many bytes as the bound says, each on its own', () => {
    const content = `${'A:\r\n x\r\n'.repeat(20)}\r\nbody`
    expect(read([bytes(content)], { maxFieldBytes: 8 })).toMatchObject({ body: 'body' })
    expect(read([bytes(content)], { maxFieldBytes: 7 })).toEqual({ kind: 'too-large', limit: 'field-bytes' })
  })

  it('keeps its own copy of a Buffer too', () => {
    const chunk = Buffer.from('A: x\r\n\r\nbody')
    const progress = new HeaderReader().push(chunk)
    chunk.fill(63)
    expect(progress.kind === 'header' && text(progress.header.toBytes())).toBe('A: x\r\n')
  })

  it('has a bound of 256 KiB and 1,000 fields by default', () => {
    expect(read([bytes(`A: ${'x'.repeat(262_144 - 7)}\r\n\r\n`)])).toMatchObject({ separator: '\r\n' })
    expect(read([bytes(`A: ${'x'.repeat(262_144 - 6)}\r\n\r\n`)])).toEqual({ kind: 'too-large', limit: 'bytes' })
    expect(read([bytes(`${'A:\r\n'.repeat(1_000)}\r\n`)])).toMatchObject({ separator: '\r\n' })
    expect(read([bytes(`${'A:\r\n'.repeat(1_001)}\r\n`)])).toEqual({ kind: 'too-large', limit: 'fields' })
  })

  it('says the same of any bytes, however they are cut', () => {
    const options = fc.record({
      maxBytes: fc.integer({ min: 0, max: 80 }),
      maxFields: fc.integer({ min: 0, max: 6 }),
      maxFieldBytes: fc.integer({ min: 0, max: 40 }),
    })
    fc.assert(
      fc.property(mailBytes, fc.array(fc.nat()), options, (value, places, bounds) => {
        expect(read(cuts(value, places), bounds)).toEqual(read([value], bounds))
      }),
      { numRuns: 2_000 },
    )
  })

  it('loses no byte', () => {
    fc.assert(
      fc.property(mailBytes, fc.array(fc.nat()), (value, places) => {
        const { fields, separator, body } = read(cuts(value, places)) as {
          fields: string[]
          separator: string
          body: string
        }
        expect(fields.join('') + separator + body).toBe(text(value))
      }),
      { numRuns: 1_000 },
    )
  })
})
