import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContentScanner, Converter } from '../src/index.ts'
import { carryOut, convert, isSevenBit, messages, outline, plan } from './conversions.ts'
import { bytes, cuts, mailBytes, text } from './texts.ts'

const UTF_8 = '\u00c3\u00a9'
const LONG = 'x'.repeat(999)

describe('a conversion to 7-bit', () => {
  it('leaves content that is 7-bit, whatever its labels say (RFC 2045 §6.4)', () => {
    const content = 'Content-Transfer-Encoding: 8bit\r\n\r\nplain\r\n'
    expect(plan([bytes(content)])).toEqual({ kind: 'unneeded' })
    expect(plan([])).toEqual({ kind: 'unneeded' })
  })

  it('encodes text as quoted-printable and labels it', () => {
    expect(
      convert(
        `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nX: y\r\n\r\n` +
          `caf${UTF_8} and = 1, abcdef \r\n`,
      ),
    ).toBe(
      'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Transfer-Encoding: quoted-printable\r\nX: y\r\n\r\ncaf=C3=A9 and =3D 1, abcdef=20\r\n',
    )
  })

  it('encodes text of which more than a sixth needs escapes as base64', () => {
    const type = 'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n'
    expect(convert(`${type}\r\n${UTF_8}abcdefghij`)).toBe(
      `${type}Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A9abcdefghij=\r\n`,
    )
    expect(convert(`${type}\r\n${UTF_8}abcdefghi`)).toBe(
      `${type}Content-Transfer-Encoding: base64\r\n\r\nw6lhYmNkZWZnaGk=\r\n`,
    )
  })

  it('encodes all but text as base64, and what is outside parts stays', () => {
    expect(
      convert(
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n' +
          'preamble\r\n--b \r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\nabcdefghijkl\0\r\n' +
          '--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\nplain\r\n--b\r\n\r\nplain\r\n--b--\r\nepilogue\r\n',
      ),
    ).toBe(
      'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n' +
        'preamble\r\n--b \r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJjZGVmZ2hpamtsAA==\r\n' +
        '--b\r\nContent-Transfer-Encoding: 7bit\r\n\r\nplain\r\n--b\r\n\r\nplain\r\n--b--\r\nepilogue\r\n',
    )
  })

  it.each([
    { what: 'a NUL', body: 'a\0b-abcdefgh', encoded: 'a=00b-abcdefgh=\r\n' },
    { what: 'a bare CR', body: 'a\rb', encoded: 'a=0Db=\r\n' },
    { what: 'a bare LF', body: 'a\nb\r\n', encoded: 'a=0Ab\r\n' },
    {
      what: 'a long line',
      body: `${LONG}\r\n`,
      encoded: `${`${'x'.repeat(75)}=\r\n`.repeat(13)}${'x'.repeat(24)}\r\n`,
    },
  ])('encodes 7-bit text with $what, without naming a charset (RFC 3030 §3)', ({ body, encoded }) => {
    expect(convert(`Subject: x\r\n\r\n${body}`)).toBe(
      `Subject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${encoded}`,
    )
  })

  it('makes a message that is no MIME one (RFC 6152 §3), its charset unknown', () => {
    expect(convert(`Subject: x\r\n\r\ncaf\u00e9 abcdef\r\n`)).toBe(
      'Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n' +
        'Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 abcdef\r\n',
    )
  })

  it('says MIME-Version in the message and in the one inside it, not in their parts (RFC 2045 §4)', () => {
    const inner = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/x\r\n\r\ncaf\u00e9 abc\r\n--b--\r\n`
    expect(convert(`Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${inner}`)).toBe(
      'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\nMIME-Version: 1.0\r\n\r\n' +
        'Content-Type: multipart/mixed; boundary=b\r\nMIME-Version: 1.0\r\n\r\n--b\r\nContent-Type: text/x\r\n' +
        'Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 abc\r\n--b--\r\n',
    )
  })

  it('repairs an encoding that 8-bit bytes or long lines broke, by decoding and encoding again', () => {
    const mime = 'MIME-Version: 1.0\r\nContent-Transfer-Encoding: '
    expect(convert(`${mime}quoted-printable\r\n\r\ncaf\u00e9=3d= \r\n!\r\n`)).toBe(
      `${mime}quoted-printable\r\n\r\ncaf=E9=3D!\r\n`,
    )
    expect(convert(`${mime}base64\r\n\r\n${'YWJj'.repeat(250)}\r\n`)).toBe(
      `${mime}base64\r\n\r\n${`${'YWJj'.repeat(19)}\r\n`.repeat(13)}${'YWJj'.repeat(3)}\r\n`,
    )
    expect(convert(`${mime}base64\r\n\r\n\u00e9\r\n`)).toBe(`${mime}base64\r\n\r\n`)
  })

  it('repairs a message/rfc822 that is base64 against RFC 2046 §5.2.1', () => {
    const type = 'MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    expect(convert(`${type}YWJj\u00e9\r\n`)).toBe(`${type}YWJj\r\n`)
  })

  it('puts the encoding in place of the first field that named one, and removes the others', () => {
    expect(
      convert(
        'Content-Transfer-Encoding: 8bit\r\nMIME-Version: 1.0\r\nContent-Type: a/b\r\n' +
          'CONTENT-TRANSFER-ENCODING:\r\n binary\r\n\r\nab\0',
      ),
    ).toBe('Content-Transfer-Encoding: base64\r\nMIME-Version: 1.0\r\nContent-Type: a/b\r\n\r\nYWIA\r\n')
  })

  it('writes what surrounds parts as quoted-printable, which nobody decodes (RFC 2046 §5.1.1)', () => {
    const type = 'Content-Type: multipart/mixed; boundary=b\r\n'
    expect(convert(`${type}\r\ncaf\u00e9\r\n--b\r\n\r\nx\r\n--b--\r\n${LONG}\u00e9`)).toBe(
      `${type}\r\ncaf=E9\r\n--b\r\n\r\nx\r\n--b--\r\n${`${'x'.repeat(75)}=\r\n`.repeat(13)}${'x'.repeat(24)}=E9=\r\n`,
    )
  })

  it('ends lines of header sections and delimiters with CRLF', () => {
    expect(convert('A: b\nContent-Type: multipart/mixed; boundary=b\r\n\n\n--b\n\r\nx\n--b--\n\n')).toBe(
      'A: b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n\r\n',
    )
    expect(convert('A: b\n\nx\n')).toBe(
      'A: b\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nx=0A=\r\n',
    )
  })

  it.each([
    { type: 'message/delivery-status', what: 'is of header fields (RFC 3464 §2.1)' },
    { type: 'message/partial', what: 'may not be encoded (RFC 2046 §5.2.2)' },
    { type: 'multipart/mixed', what: 'may not be encoded (RFC 2045 §6.4)' },
  ])('ends lines of a $type with CRLF, which $what', ({ type }) => {
    const part = `Content-Type: ${type}\nContent-Transfer-Encoding: 8bit\n\nA: b\r\n\nC: d\n`
    const repaired = part.replaceAll(/\r?\n/g, '\r\n')
    expect(convert(part)).toBe(repaired.replace('8bit', '7bit'))
    const parts = `Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n${part}\r\n--b--\r\n`
    expect(convert(parts)).toBe(parts.replace(part, repaired.replace('8bit', '7bit')))
    expect(convert(part.replace('C: d', 'C: \u00e9'))).toBe('composite 1')
    expect(convert(part.replace('C: d', `C: ${LONG}`))).toBe('composite 1')
    expect(convert(part.replace('C: d', 'C: \0'))).toBe('composite 1')
  })

  it('leaves the facts of what comes out to a run into a scanner', () => {
    const content = bytes(`A: b\r\n\r\n.caf\u00e9 abcdef\r\n..\r\nend`)
    const what = plan([content])
    if (what.kind !== 'convert') throw new Error(what.kind)
    const scanner = new ContentScanner()
    const run = new Converter(what)
    for (const piece of [...run.push(content), ...run.finish()]) scanner.push(piece)
    const converted = carryOut(what, [content])
    expect(scanner.finish()).toMatchObject({ sizeBytes: converted.length, dotLines: 0, endsWithCrlf: true })
  })

  it('puts in the empty line that a header section lacks, where something follows it', () => {
    expect(convert('A: b\r\ncaf\u00e9 abcdef: x\r\n')).toBe(
      'A: b\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n' +
        'Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=E9 abcdef: x\r\n',
    )
    const type = 'Content-Type: multipart/digest; boundary=b\r\n'
    expect(convert(`${type}caf\u00e9\r\n--b\r\ncaf\u00e9 abcdef\r\n--b--`)).toBe(
      `${type}MIME-Version: 1.0\r\n\r\ncaf=E9\r\n--b\r\n\r\nMIME-Version: 1.0\r\n` +
        'Content-Type: text/plain; charset=unknown-8bit\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n' +
        'caf=E9 abcdef\r\n--b--',
    )
  })

  it('encodes a message/global with anything 8-bit inside whole (RFC 6532 §3.7)', () => {
    const type = 'MIME-Version: 1.0\r\nContent-Type: message/global\r\n'
    const inner = `Subject: caf${UTF_8}\r\n\r\n\0${UTF_8}\r\n`
    const encoded = Buffer.from(inner, 'latin1').toString('base64')
    expect(convert(`${type}Content-Transfer-Encoding: 8bit\r\n\r\n${inner}`)).toBe(
      `${type}Content-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n`,
    )
    const calm = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/global\r\n\r\nA: b\r\n\r\nx`
    expect(convert(`${calm}\r\n--b\r\n\r\nx\ncaf\r\n--b--`)).toBe(
      `${calm.replace('\r\n', '\r\nMIME-Version: 1.0\r\n')}\r\n--b\r\n` +
        'Content-Transfer-Encoding: quoted-printable\r\n\r\nx=0Acaf\r\n--b--',
    )
    expect(convert(`Content-Type: message/global-headers\r\nMIME-Version: 1.0\r\n\r\nA: ${UTF_8}`)).toBe(
      'Content-Type: message/global-headers\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nQTogw6k=\r\n',
    )
  })

  const many = 'Content-Transfer-Encoding: 8bit\r\n'.repeat(9)
  const signed = 'Content-Type: multipart/signed; boundary=b\r\n\r\n'
  it.each([
    { what: 'a part of a multipart/signed', content: `${signed}--b\r\n\r\n\u00e9\r\n--b--`, refusal: 'signed' },
    { what: 'a header section in one', content: `${signed}--b\r\nX: \u00e9\r\n\r\n--b--`, refusal: 'signed' },
    { what: 'a line end in one', content: `${signed}--b\r\nX: y\n\r\n--b--`, refusal: 'signed' },
    { what: 'what surrounds its parts', content: `${signed}\u00e9\r\n--b--`, refusal: 'signed' },
    { what: 'a delimiter of one', content: `${signed}--b\n\r\n--b--`, refusal: 'signed' },
    {
      what: 'a message in a part of a multipart/encrypted in a message',
      content: `Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n--a\r\n${signed.replace('signed', 'encrypted')}--b\r\nContent-Type: message/rfc822\r\n\r\n\r\n\u00e9`,
      refusal: 'encrypted 2',
    },
    { what: '8-bit in a header section', content: `A: caf\u00e9\r\n\r\nx`, refusal: 'utf8-header 1' },
    { what: 'a NUL in one', content: `A: \0\r\n\r\nx`, refusal: 'header 1' },
    { what: 'a bare CR in one', content: `A: a\rb\r\n\r\nx`, refusal: 'header 1' },
    { what: 'a CR before CRLF in one', content: `A: a\r\r\n\r\nx`, refusal: 'header 1' },
    { what: 'a CR at its end', content: `A: a\r`, refusal: 'header 1' },
    { what: 'a long line in one', content: `A: ${LONG}\r\n\r\nx`, refusal: 'header 1' },
    { what: 'a last long line in one', content: `A: ${LONG}`, refusal: 'header 1' },
    { what: 'nine fields that name an encoding', content: `${many}\r\n\u00e9`, refusal: 'header 1' },
    {
      what: 'nine in a message/global',
      content: `Content-Type: message/global\r\n${many}\r\nA: \u00e9`,
      refusal: 'header 1',
    },
    {
      what: 'a delimiter with a long line',
      content: `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b${' '.repeat(996)}\r\n\r\n--b--`,
      refusal: 'delimiter',
    },
    {
      what: 'an encoding that is not known',
      content: `Content-Transfer-Encoding: x-y\r\n\r\n\u00e9`,
      refusal: 'encoding 1',
    },
    {
      what: 'a message/partial (RFC 2046 §5.2.2)',
      content: `Content-Type: message/partial\r\n\r\n\u00e9`,
      refusal: 'composite 1',
    },
    {
      what: 'a multipart without boundary',
      content: `Content-Type: multipart/mixed\r\n\r\n\u00e9`,
      refusal: 'composite 1',
    },
  ])('refuses $what', ({ content, refusal }) => {
    expect(convert(content)).toBe(refusal)
  })

  it.each([
    { options: { maxDepth: 1 }, path: '1' },
    { options: { maxParts: 2 }, path: '1.1' },
    { options: { maxHeaderFields: 0 }, path: '1' },
  ])('refuses what could not be taken apart within $options', ({ options, path }) => {
    const inner = `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\u00e9\r\n--b--\r\n`
    const content = `Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n${inner}\r\n--a--\r\n`
    expect(convert(content, options)).toBe(`limit ${path}`)
  })

  it('refuses a message/global that holds one part too many', () => {
    const inner = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: \u00e9\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n'
    expect(convert(`Content-Type: message/global\r\n\r\n${inner}`, { maxParts: 4 })).not.toBe('limit')
    expect(convert(`Content-Type: message/global\r\n\r\n${inner}`, { maxParts: 3 })).toBe('limit 1')
  })

  it('leaves a multipart/signed that is 7-bit as it is, label and all', () => {
    const protectedPart = `${signed.replace('\r\n', '\r\nContent-Transfer-Encoding: 8bit\r\n')}--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\nx\r\n--b--`
    const around = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n'
    expect(convert(`${around}${protectedPart}\r\n--a\r\n\r\nabcdef\u00e9\r\n--a--`)).toBe(
      `${around}${protectedPart}\r\n--a\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nabcdef=E9\r\n--a--`,
    )
  })

  it('leaves labels alone where too many fields name one', () => {
    const around = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n'
    expect(convert(`${around}${many}\r\nx\r\n--a\r\n\r\nabcdef\u00e9\r\n--a--`)).toBe(
      `${around}${many}\r\nx\r\n--a\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nabcdef=E9\r\n--a--`,
    )
  })

  it('throws where the second pass has other content than the first', () => {
    const content = bytes('A: b\r\n\r\n\u00e9\r\n')
    const what = plan([content])
    if (what.kind !== 'convert') throw new Error(what.kind)
    for (const other of [content.subarray(1), new Uint8Array([...content, 10])]) {
      const converter = new Converter(what)
      converter.push(other)
      expect(() => converter.finish()).toThrowError(expect.objectContaining({ code: 'MESSAGE_CONTENT_CHANGED' }))
    }
  })

  const kinds = new Map<string, number>()
  it('gives 7-bit content of the same parts and bodies, however it is cut, or says why not', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: messages }, mailBytes), fc.array(fc.nat()), (content, places) => {
        const what = plan([content])
        expect(plan(cuts(content, places))).toEqual(what)
        kinds.set(what.kind, (kinds.get(what.kind) ?? 0) + 1)
        expect(what.kind === 'unneeded').toBe(isSevenBit(content))
        if (what.kind !== 'convert') return
        const converted = carryOut(what, [content])
        expect(text(carryOut(what, cuts(content, places)))).toBe(text(converted))
        expect(isSevenBit(converted)).toBe(true)
        expect(plan([converted]).kind).toBe('unneeded')
        if (!text(content).includes('message/global')) expect(outline(converted)).toEqual(outline(content))
      }),
      { numRuns: 1_000 },
    )
    for (const kind of ['unneeded', 'convert', 'refused']) expect(kinds.get(kind)).toBeGreaterThan(20)
  })

  it('is linear in parts, and bounded by their number', () => {
    const content = bytes(
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\u00e9\r\n'.repeat(30_000)}`,
    )
    const what = plan([content], { maxParts: 1_000_000 })
    if (what.kind !== 'convert') throw new Error(what.kind)
    expect(what.edits.length).toBeLessThanOrEqual(90_001)
    expect(isSevenBit(carryOut(what, cuts(content, [1, 1_000_000])))).toBe(true)
    expect(plan([content])).toMatchObject({ kind: 'refused', reason: 'limit' })
  })
})
