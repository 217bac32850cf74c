import { describe, expect, it } from 'vitest'
import {
  formatContentDisposition,
  parseContentDisposition,
  parseContentDispositionStrict,
  parseHeader,
  readFileName,
} from '../src/index.ts'
import { utf8 } from './texts.ts'

describe('parseContentDisposition', () => {
  it.each([
    { value: 'inline', type: 'inline', parameters: {} },
    {
      value: 'attachment; filename=genome.jpeg;\r\n modification-date="Wed, 12 Feb 1997 16:29:51 -0500"',
      type: 'attachment',
      parameters: { filename: 'genome.jpeg', 'modification-date': 'Wed, 12 Feb 1997 16:29:51 -0500' },
    },
    { value: '(c) X-Other ; size=12', type: 'x-other', parameters: { size: '12' } },
  ])('reads $value (RFC 2183 §2)', ({ value, type, parameters }) => {
    const disposition = { type, parameters: new Map(Object.entries(parameters)) }
    expect(parseContentDisposition(value)).toEqual(disposition)
    expect(parseContentDispositionStrict(value)).toEqual({ ok: true, value: disposition })
  })

  it.each([{ value: undefined }, { value: '' }, { value: '; filename=x' }])('finds none in $value', ({ value }) => {
    expect(parseContentDisposition(value)).toBeUndefined()
  })

  it.each([
    { value: '', rule: 'disposition-type', offset: 0 },
    { value: 'inline filename=x', rule: 'parameters', offset: 7 },
    { value: 'attachment; filename=a b', rule: 'value', offset: 22 },
  ])('says where "$value" is out of form', ({ value, rule, offset }) => {
    expect(parseContentDispositionStrict(value)).toEqual({
      ok: false,
      error: { rule, offset, expected: expect.any(String) },
    })
  })
})

describe('formatContentDisposition', () => {
  it.each([
    { type: 'inline', parameters: {}, value: 'inline' },
    {
      type: 'attachment',
      parameters: { filename: 'Grüße.txt' },
      value: "attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt",
    },
    { type: 'a b', parameters: { filename: 'a b' }, value: 'attachment; filename="a b"' },
  ])('writes $value', ({ type, parameters, value }) => {
    expect(formatContentDisposition({ type, parameters: new Map(Object.entries(parameters)) })).toBe(value)
  })
})

describe('readFileName', () => {
  it.each([
    { fields: 'Content-Disposition: attachment; filename=a.txt\r\nContent-Type: a/b; name=b.txt', name: 'a.txt' },
    { fields: 'Content-Disposition: attachment\r\nContent-Type: a/b; name=b.txt', name: 'b.txt' },
    { fields: 'Content-Type: a/b; name="=?utf-8?q?Gr=C3=BC=C3=9Fe.txt?="', name: 'Grüße.txt' },
    { fields: 'Content-Type: a/b; name="/etc/pass\twd"', name: 'pass_wd' },
    { fields: 'Content-Disposition: a; filename="C:\\\\dir\\\\file.txt"', name: 'file.txt' },
    { fields: 'Content-Disposition: a; filename="a\u202egpj.exe"', name: 'a_gpj.exe' },
    { fields: 'Content-Disposition: a; filename="\u200fa\u200e\u061c.exe"', name: '_a__.exe' },
    { fields: 'Content-Disposition: a; filename="dir/"', name: undefined },
    { fields: 'Content-Disposition: a; filename="../.."', name: undefined },
    { fields: 'Content-Disposition: a; filename="a/."', name: undefined },
    { fields: 'Subject: x', name: undefined },
  ])('reads $name (RFC 2183 §2.3)', ({ fields, name }) => {
    expect(readFileName(parseHeader(utf8(fields)))).toBe(name)
  })
})
