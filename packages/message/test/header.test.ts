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
