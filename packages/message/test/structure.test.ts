import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatParameter, parseContentType } from '../src/index.ts'

const read = (value: string): [string, Record<string, string>] => {
  const { type, subtype, parameters } = parseContentType(value)
  return [`${type}/${subtype}`, Object.fromEntries(parameters)]
}

describe('parseContentType', () => {
  it.each([
    { value: 'text/plain; charset=us-ascii (Plain text)', type: 'text/plain', parameters: { charset: 'us-ascii' } },
    { value: 'Text / HTML ;Charset="UTF-8"; x=1', type: 'text/html', parameters: { charset: 'UTF-8', x: '1' } },
    {
      value: 'multipart/report; report-type=delivery-status;\r\n boundary="a \\"b\\""',
      type: 'multipart/report',
      parameters: { 'report-type': 'delivery-status', boundary: 'a "b"' },
    },
    { value: 'a/b; x=1; X=2', type: 'a/b', parameters: { x: '1' } },
    { value: 'a/b; x; =y; z=', type: 'a/b', parameters: { z: '' } },
    { value: 'a/b; x="open', type: 'a/b', parameters: { x: 'open' } },
    { value: 'a/b; x=a=b/c; "q;r"; y=1', type: 'a/b', parameters: { x: 'a=b/c', y: '1' } },
    { value: 'a/b;;', type: 'a/b', parameters: {} },
  ])('reads $value (RFC 2045 §5.1)', ({ value, type, parameters }) => {
    expect(read(value)).toEqual([type, parameters])
  })

  it.each([
    { value: 'message/external-body; URL*0="ftp://"; URL*1="cs.utk.edu"', name: 'url', text: 'ftp://cs.utk.edu' },
    {
      value: "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
      name: 'title',
      text: 'This is ***fun***',
    },
    {
      value:
        "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
      name: 'title',
      text: "This is even more ***fun*** isn't it!",
    },
    { value: 'a/b; x*1=b; x*0=a; x*3=d', name: 'x', text: 'ab' },
    { value: 'a/b; x*0=a; x*0=z; x*01=b; x*y=c', name: 'x', text: 'a' },
    { value: "a/b; x=old; x*=utf-8''n%C3%A9w", name: 'x', text: 'néw' },
    { value: "a/b; x*=utf-8''100%", name: 'x', text: '100%' },
    { value: 'a/b; x*=plain%20text', name: 'x', text: 'plain text' },
    { value: "a/b; x*=''text", name: 'x', text: 'text' },
    { value: "a/b; x*=x-unknown''%E9", name: 'x', text: 'é' },
    { value: 'a/b; x*1=b', name: 'x', text: undefined },
  ])('reads $value (RFC 2231 §3, §4)', ({ value, name, text }) => {
    expect(parseContentType(value).parameters.get(name)).toBe(text)
  })

  it.each([
    { value: undefined },
    { value: '' },
    { value: 'text' },
    { value: 'text/' },
    { value: '/plain' },
    { value: '(open' },
  ])('takes "$value" for text/plain (RFC 2045 §5.2)', ({ value }) => {
    expect(parseContentType(value)).toEqual({
      type: 'text',
      subtype: 'plain',
      parameters: new Map([['charset', 'us-ascii']]),
    })
  })

  it('takes anything', () => {
    const pieces = fc.array(fc.constantFrom('a', '/', ';', '=', '"', '\\', '*', '0', "'", '%', ' ', '(', ')', 'é'), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(pieces, (words) => {
        expect(parseContentType(`a/b;${words.join('')}`)).toBeDefined()
      }),
    )
  })

  it('takes a megabyte of parameters', () => {
    expect(parseContentType(`a/b${';x*0=y'.repeat(200_000)}`).parameters.get('x')).toBe('y')
  })
})

describe('formatParameter', () => {
  it.each([
    { name: 'charset', value: 'utf-8', text: 'charset=utf-8' },
    { name: 'boundary', value: 'a "b\\"', text: 'boundary="a \\"b\\\\\\""' },
    { name: 'x', value: '', text: 'x=""' },
    { name: 'filename', value: 'Grüße.txt', text: "filename*=utf-8''Gr%C3%BC%C3%9Fe.txt" },
    { name: 'x', value: 'a\r\nb', text: 'x=ab' },
  ])('writes $text', ({ name, value, text }) => {
    expect(formatParameter(name, value)).toBe(text)
  })

  it('writes long values in pieces (RFC 2231 §3)', () => {
    const text = formatParameter('filename', 'é'.repeat(40))
    expect(text).toMatch(/^filename\*0\*=utf-8''[^;]+; filename\*1\*=/)
    expect(Math.max(...text.split('; ').map((piece) => piece.length))).toBeLessThanOrEqual(76)
  })

  it('writes what parseContentType reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const value = text.replaceAll(/[\r\n\0]/g, '')
        expect(parseContentType(`a/b; ${formatParameter('x', value)}`).parameters.get('x')).toBe(value)
      }),
    )
  })
})
