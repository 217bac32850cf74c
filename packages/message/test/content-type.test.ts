import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatContentType, formatParameter, parseContentType, parseContentTypeStrict } from '../src/index.ts'

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
    { name: 'x', value: 'a', language: 'en', text: "x*=utf-8'en'a" },
    { name: 'x', value: 'a', language: "'\r\n", text: 'x=a' },
  ])('writes $text', ({ name, value, language, text }) => {
    expect(formatParameter(name, value, language)).toBe(text)
  })

  it('writes long values in pieces (RFC 2231 §3)', () => {
    const text = formatParameter('filename', 'é'.repeat(40))
    expect(text).toMatch(/^filename\*0\*=utf-8''[^;]+; filename\*1\*=/)
    expect(Math.max(...text.split('; ').map((piece) => piece.length))).toBeLessThanOrEqual(76)
  })

  it('parts no character between two pieces, as some decode each alone', () => {
    const text = formatParameter('filename', 'a😀é'.repeat(20))
    for (const piece of text.split('; ')) {
      const [, escaped = ''] = piece.split(/\*=(?:utf-8'')?/)
      expect(decodeURIComponent(escaped)).toMatch(/^[a😀é]+$/u)
    }
  })

  it('stays within a line, whatever the language', () => {
    expect(formatParameter('x', 'a', 'x'.repeat(2_000))).toBe(`x*=utf-8'${'x'.repeat(40)}'a`)
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

describe('parseContentType, of what is out of the grammar', () => {
  it.each([
    { what: 'a semicolon that is forgotten', value: 'a/b; x=1 y=2', parameters: { x: '1', y: '2' } },
    { what: 'the first semicolon forgotten', value: 'a/b x=1', parameters: { x: '1' } },
    { what: 'a word without a value before one', value: 'a/b; w x=1', parameters: { x: '1' } },
    {
      what: 'blanks and no quotes',
      value: 'a/b; name=my  file.txt ; x=1',
      parameters: { name: 'my  file.txt', x: '1' },
    },
    { what: 'blanks, then an attribute', value: 'a/b; name=my file x=1', parameters: { name: 'my file', x: '1' } },
    { what: 'a comment', value: 'a/b; x=1(a) (b); y=2', parameters: { x: '1', y: '2' } },
    { what: 'parentheses that are no comment', value: 'a/b; name=file(1).txt', parameters: { name: 'file(1).txt' } },
    {
      what: 'a comment that never ends',
      value: 'a/b; name=file (1.txt; x=1',
      parameters: { name: 'file (1.txt', x: '1' },
    },
    { what: 'text behind a quoted string', value: 'a/b; x="1" y; z=2', parameters: { x: '1', z: '2' } },
    { what: 'line ends in quotes', value: 'a/b; x="a\r\n b\nc"', parameters: { x: 'a bc' } },
    { what: 'a backslash at the end', value: 'a/b; x="a\\', parameters: { x: 'a' } },
    { what: 'what forges no line', value: 'a/b; x*=\'\'a%0D%0Ab%00; y="\\\n"', parameters: { x: 'a  b ', y: ' ' } },
  ])('reads $what', ({ value, parameters }) => {
    expect(read(value)[1]).toEqual(parameters)
  })

  it.each([
    { value: 'a/b; x*0=a; x*2=c; x*3*=%20', parameters: { x: 'a', 'x*2': 'c', 'x*3': ' ' } },
    {
      value: "a/b; x*3*=us-ascii'en'd; x*3=e; x*y=f; *0=g",
      parameters: { 'x*3': "us-ascii'en'd", 'x*y': 'f', '*0': 'g' },
    },
    { value: 'a/b; x*1=b; x*1=c; x*1*=d', parameters: { 'x*1': 'b' } },
    { value: 'a/b; x*2=b; x*2=c', parameters: { 'x*2': 'b' } },
  ])('keeps the pieces behind a gap: $value (RFC 2231 §3)', ({ value, parameters }) => {
    expect(read(value)[1]).toEqual(parameters)
  })

  it('does not take a piece for a parameter that stands', () => {
    expect(read('a/b; x*01=a; x*1=b')[1]).toEqual({ 'x*01': 'a', 'x*1': 'b' })
  })

  it('reads a character that is parted between two pieces, and text beside it', () => {
    expect(read("a/b; x*0*=utf-8''%C3; x*1*=%A9; x*2=é%41; x*3*=%41")[1]).toEqual({ x: 'éé%41A' })
  })

  it('gives the language of those parameters that name one (RFC 2231 §4)', () => {
    const { languages } = parseContentType("a/b; x*0*=utf-8'en-us'a; x*1=b; y*=utf-8''c; z=d")
    expect(languages).toEqual(new Map([['x', 'en-us']]))
  })

  it.each(['(', ';', '"', "*0*='", ';x="', ' x=(', ';x=(a)b ', '*0*=', ';x*0*=', 'a ', ';*', '=', 'x=y '])(
    'takes a megabyte of %s',
    (piece) => {
      expect(parseContentType(`a/b;${piece.repeat(1_000_000 / piece.length)}`).type).toBe('a')
    },
  )
})

describe('parseContentTypeStrict', () => {
  it.each([
    { value: 'text/plain' },
    { value: ' (a) Text (b)/(c) Plain (d); (e) charset (f) = (g) us-ascii (h)' },
    { value: 'a/b; x="a b\\"\t\r\n c"; y=z' },
    { value: 'a/b; x*0*=utf-8\'en\'a%20; x*1="b c"; x*2*=d; y*0=a; y*1=b' },
    { value: "a/b; x*=''" },
    { value: 'a/b; x="é" (é)' },
  ])('reads $value as parseContentType does', ({ value }) => {
    expect(parseContentTypeStrict(value)).toEqual({ ok: true, value: parseContentType(value) })
  })

  it.each([
    { value: '', rule: 'type', offset: 0 },
    { value: 'text', rule: 'content', offset: 4 },
    { value: 'text/', rule: 'subtype', offset: 5 },
    { value: 'text/plain/x', rule: 'parameters', offset: 10 },
    { value: 'a/b;', rule: 'attribute', offset: 4 },
    { value: 'a/b; ;x=1', rule: 'attribute', offset: 5 },
    { value: 'a/b x=1', rule: 'parameters', offset: 4 },
    { value: 'a/b; x', rule: 'parameter', offset: 6 },
    { value: 'a/b; x=', rule: 'value', offset: 7 },
    { value: 'a/b; x=a=b', rule: 'value', offset: 7 },
    { value: 'a/b; x=a b', rule: 'value', offset: 8 },
    { value: 'a/b; x="a', rule: 'quoted-string', offset: 7 },
    { value: 'a/b; x="a\u0001"', rule: 'quoted-string', offset: 9 },
    { value: 'a/b; x="a\\\u0001"', rule: 'quoted-pair', offset: 10 },
    { value: 'a/b (open', rule: 'comment', offset: 4 },
    { value: 'a/b (c\u0001)', rule: 'comment', offset: 6 },
    { value: 'a/b (c\r\nd)', rule: 'comment', offset: 6 },
    { value: 'a/é', rule: 'token', offset: 2 },
    { value: 'a/b; xé=y', rule: 'token', offset: 6 },
    { value: 'a/b; x=yé', rule: 'token', offset: 8 },
    { value: 'a/b\r; x=1', rule: 'FWS', offset: 3 },
    { value: 'a/b\n ; x=1', rule: 'FWS', offset: 3 },
    { value: 'a/b\r\n; x=1', rule: 'FWS', offset: 4 },
    { value: 'a/b; x="a\r\n"', rule: 'FWS', offset: 10 },
    { value: 'a/b\r\n\t; x=1; x=2', rule: 'parameter', offset: 13 },
    { value: 'a/b; x*0=1; x*0=2', rule: 'section', offset: 16 },
    { value: 'a/b; x*1=1', rule: 'section', offset: 9 },
    { value: 'a/b; x*01=1', rule: 'section', offset: 5 },
    { value: "a/b; x=1; x*=''2", rule: 'parameter', offset: 13 },
    { value: 'a/b; x*="\'\'a"', rule: 'extended-parameter', offset: 8 },
    { value: 'a/b; x*=a', rule: 'extended-initial-value', offset: 8 },
    { value: "a/b; x*=''a%2", rule: 'extended-other-values', offset: 10 },
    { value: "a/b; x*=''a'b", rule: 'extended-other-values', offset: 10 },
  ])('says where "$value" is out of form (RFC 2045 §5.1, RFC 2231 §7)', ({ value, rule, offset }) => {
    expect(parseContentTypeStrict(value)).toEqual({
      ok: false,
      error: { rule, offset, expected: expect.any(String) },
    })
  })

  it('reads what formatContentType writes', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9.+-]{0,20}$/)
    const parameter = fc.tuple(token, fc.string({ unit: 'binary', maxLength: 90 }), fc.constantFrom('', 'de', 'en-us'))
    fc.assert(
      fc.property(token, token, fc.array(parameter, { maxLength: 4 }), (type, subtype, list) => {
        const parameters = new Map(list.map(([name, value]) => [name, value.replaceAll(/[\r\n\0]/g, '')]))
        const languages = new Map(list.flatMap(([name, , language]) => (language === '' ? [] : [[name, language]])))
        const contentType = { type, subtype, parameters, ...(languages.size > 0 && { languages }) }
        const written = formatContentType(contentType)
        const result = parseContentTypeStrict(written)
        expect(result.ok && { ...result.value, parameters: Object.fromEntries(result.value.parameters) }).toEqual({
          ...contentType,
          parameters: Object.fromEntries(parameters),
        })
        expect(parseContentType(written)).toEqual(result.ok && result.value)
      }),
      { numRuns: 500 },
    )
  })
})

describe('formatContentType', () => {
  it.each([
    { type: 'text', subtype: 'plain', parameters: { charset: 'utf-8' }, value: 'text/plain; charset=utf-8' },
    { type: 'a b', subtype: 'c', parameters: {}, value: 'application/octet-stream' },
    { type: 'a', subtype: 'b;c', parameters: {}, value: 'application/octet-stream' },
    { type: 'a', subtype: 'é', parameters: {}, value: 'application/octet-stream' },
    { type: 'a', subtype: 'b', parameters: { 'x y': '1', z: '2' }, value: 'a/b; z=2' },
  ])('writes $value', ({ type, subtype, parameters, value }) => {
    expect(formatContentType({ type, subtype, parameters: new Map(Object.entries(parameters)) })).toBe(value)
  })
})
