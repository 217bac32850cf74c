import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createField, Header, parseHeader } from '../src/index.ts'
import { bytes, mailBytes, text, utf8 } from './texts.ts'

const names = (header: Header): string[] => header.fields.map(({ name }) => name)

describe('parseHeader', () => {
  it('keeps each field with its line ends (RFC 5322 §2.2)', () => {
    const header = parseHeader(bytes('From: ada@example.org\r\nSubject: a\r\n b\r\nX-Empty:\r\n'))
    expect(header.fields.map(({ name, value, raw }) => [name, value, text(raw)])).toEqual([
      ['From', 'ada@example.org', 'From: ada@example.org\r\n'],
      ['Subject', 'a b', 'Subject: a\r\n b\r\n'],
      ['X-Empty', '', 'X-Empty:\r\n'],
    ])
  })

  it.each([
    { what: 'folds are taken out, their blanks stay (RFC 5322 §2.2.3)', raw: 'A: x\r\n\ty\r\n', value: 'x\ty' },
    { what: 'a bare LF ends a line too', raw: 'A: x\n y\n', value: 'x y' },
    { what: 'blanks around the value are taken off', raw: 'A: \t x y \t \r\n', value: 'x y' },
    { what: 'a bare CR stays', raw: 'A: x\ry\r\n', value: 'x\ry' },
    { what: 'the content may end in a field', raw: 'A: x', value: 'x' },
    { what: 'a line of blanks continues the field (RFC 5322 §4.2)', raw: 'A: x\r\n  \r\n', value: 'x' },
    { what: 'bytes that are not UTF-8 are Latin-1', raw: 'A: \u00e9\r\n', value: '\u00e9' },
    { what: 'a lone LF after the colon is no value', raw: 'A:\n', value: '' },
  ])('$what', ({ raw, value }) => {
    const header = parseHeader(bytes(raw))
    expect(header.fields).toHaveLength(1)
    expect(header.first('a')?.value).toBe(value)
  })

  it.each([
    { what: 'an overlong character', raw: '\u00e0\u0080\u0080' },
    { what: 'a byte that no UTF-8 has', raw: 'x\u00ff' },
    { what: 'a byte that continues nothing', raw: 'x\u00a9' },
    { what: 'a character that is cut', raw: '\u00c3x' },
  ])('reads a value with $what as Latin-1', ({ raw }) => {
    const header = parseHeader(bytes(`A: b\r\nC: ${raw}\r\n`))
    expect(header.fields.map(({ value }) => value)).toEqual(['b', raw])
  })

  it('reads UTF-8 values (RFC 6532 §3.1)', () => {
    expect(parseHeader(utf8('Subject: Grüße\r\n')).first('subject')?.value).toBe('Grüße')
  })

  it('takes blanks before the colon (RFC 5322 §4.5)', () => {
    expect(names(parseHeader(bytes('Subject \t: x\r\n')))).toEqual(['Subject'])
  })

  it.each([
    { line: ': no name\r\n' },
    { line: 'no colon\r\n' },
    { line: 'From me: x\r\n' },
    { line: 'Na\u00efve: x\r\n' },
    { line: ' begins with a blank\r\n' },
    { line: '\r\n' },
    { line: 'A' },
    { line: 'A ' },
  ])('keeps $line as a field without a name', ({ line }) => {
    const header = parseHeader(bytes(line))
    expect(names(header)).toEqual([''])
    expect(header.all('').map(({ value }) => value)).toEqual([line.trim()])
    expect(text(header.toBytes())).toBe(line)
  })

  it('gives any bytes back', () => {
    fc.assert(
      fc.property(mailBytes, (value) => {
        expect(text(parseHeader(value).toBytes())).toBe(text(value))
      }),
      { numRuns: 1_000 },
    )
  })

  it('reads names and values as a simple reader does, of any bytes', () => {
    fc.assert(
      fc.property(mailBytes, (value) => {
        for (const field of parseHeader(value).fields) {
          const raw = text(field.raw)
          const [, name = '', body = raw] = /^([!-9;-~]+)[ \t]*:([^]*)$/.exec(raw) ?? []
          const unfolded = body.replaceAll(/\r?\n/g, '').replaceAll(/^[ \t]+|[ \t]+$/g, '')
          const isUtf8 = !Buffer.from(unfolded, 'latin1').toString('utf8').includes('\ufffd')
          expect(field.name).toBe(name)
          expect(field.value).toBe(isUtf8 ? Buffer.from(unfolded, 'latin1').toString('utf8') : unfolded)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('decodes any bytes without throwing', () => {
    fc.assert(
      fc.property(mailBytes, (value) => {
        for (const field of parseHeader(value).fields) expect(field.name + field.value).not.toContain('\n')
      }),
    )
  })

  it('takes ten megabytes of folds in one go', () => {
    const folded = bytes(`A: x\r\n${' y\r\n'.repeat(2_500_000)}`)
    expect(parseHeader(folded).fields).toHaveLength(1)
  })
})

describe('Header', () => {
  const header = parseHeader(bytes('Received: 2\r\nReceived: 1\r\nTo: x\r\nBcc: y\r\nBCC: z\r\n'))

  it('finds fields without case, from the top', () => {
    expect(header.first('RECEIVED')?.value).toBe('2')
    expect(header.all('bcc').map(({ value }) => value)).toEqual(['y', 'z'])
    expect(header.has('to')).toBe(true)
    expect(header.has('Cc')).toBe(false)
    expect(header.first('Cc')).toBeUndefined()
  })

  it('adds at the top in the order given (RFC 5321 §4.4)', () => {
    const added = header.prepend(createField('Return-Path', '<>'), createField('Received', '3'))
    expect(names(added).slice(0, 3)).toEqual(['Return-Path', 'Received', 'Received'])
    expect(header.fields).toHaveLength(5)
  })

  it.each([
    { name: 'A[B', other: 'A{B' },
    { name: 'A', other: 'B' },
    { name: 'Ab', other: 'Ac' },
    { name: 'A-', other: 'A\r' },
  ])('takes $name for another name than $other', ({ name, other }) => {
    expect(Header.of([createField(name, '')]).has(other)).toBe(false)
  })

  it('adds at the end', () => {
    expect(names(header.append(createField('Date', 'x'), createField('X', 'y'))).slice(-2)).toEqual(['Date', 'X'])
  })

  it.each([
    { name: 'received', before: ['New', 'Received', 'Received', 'To', 'Bcc', 'BCC'] },
    { name: 'bcc', before: ['Received', 'Received', 'To', 'New', 'Bcc', 'BCC'] },
    { name: 'Date', before: ['New', 'Received', 'Received', 'To', 'Bcc', 'BCC'] },
  ])('inserts above the first field named $name, above all where there is none', ({ name, before }) => {
    expect(names(header.insertBefore(name, createField('New', 'x')))).toEqual(before)
  })

  it.each([
    { name: 'received', after: ['Received', 'Received', 'New', 'To', 'Bcc', 'BCC'] },
    { name: 'bcc', after: ['Received', 'Received', 'To', 'Bcc', 'BCC', 'New'] },
    { name: 'Date', after: ['Received', 'Received', 'To', 'Bcc', 'BCC', 'New'] },
  ])('inserts below the last field named $name, below all where there is none', ({ name, after }) => {
    expect(names(header.insertAfter(name, createField('New', 'x')))).toEqual(after)
  })

  it('keeps every byte of the fields that are not changed', () => {
    fc.assert(
      fc.property(mailBytes, (value) => {
        const added = createField('X-New', 'x')
        const raw = text(added.raw)
        const read = parseHeader(value)
        expect(text(read.prepend(added).toBytes())).toBe(raw + text(value))
        expect(text(read.insertBefore('subject', added).toBytes()).replace(raw, '').replace(/\r\n$/, '')).toBe(
          text(value).replace(/\r\n$/, ''),
        )
        expect(read.append(added).without('x-new').toBytes()).toEqual(value)
      }),
    )
  })

  it('removes every field of a name', () => {
    expect(names(header.without('Bcc'))).toEqual(['Received', 'Received', 'To'])
  })

  it('replaces the first of a name and removes the others', () => {
    expect(text(header.replace('bcc', createField('Cc', 'w')).toBytes())).toBe(
      'Received: 2\r\nReceived: 1\r\nTo: x\r\nCc: w\r\n',
    )
  })

  it('puts at the end what replaces nothing', () => {
    expect(names(header.replace('Date', createField('Date', 'x'))).at(-1)).toBe('Date')
  })

  it('parts fields by a line end where one came without', () => {
    const cut = parseHeader(bytes('A: x'))
    expect(text(Header.of([...cut.fields, createField('B', 'y')]).toBytes())).toBe('A: x\r\nB: y\r\n')
  })

  it('is empty for nothing', () => {
    expect(parseHeader(bytes('')).fields).toEqual([])
    expect(Header.of([]).toBytes()).toHaveLength(0)
  })
})
