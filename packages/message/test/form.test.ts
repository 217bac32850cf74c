import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkForm, type FormFault, type FormOptions, parseHeader } from '../src/index.ts'
import { bytes, mailBytes, text, utf8 } from './texts.ts'

const DATE = 'Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n'
const FROM = 'From: ada@example.org\r\n'
const faultsOf = (fields: string, options?: FormOptions): readonly FormFault[] =>
  checkForm(parseHeader(bytes(fields)), options)
const check = (fields: string): string[] =>
  faultsOf(fields)
    .filter(({ severity }) => severity === 'fatal')
    .map(({ kind, name }) => `${kind} ${name}`)
/** The faults of fields in a section that is in form otherwise. */
const others = (fields: string, options?: FormOptions): string[] =>
  faultsOf(fields + DATE + FROM, options).map(({ kind, severity, name }) => `${severity}: ${kind} ${name}`)

describe('checkForm', () => {
  it.each([
    { fields: DATE + FROM, faults: [] },
    { fields: `${DATE}From: A: ada@example.org;\r\n`, faults: [] },
    { fields: `${DATE}From: ada@example.org, eve@example.org\r\nSender: ada@example.org\r\n`, faults: [] },
    { fields: `${DATE + FROM}Sender: nobody:;\r\n`, faults: [] },
    { fields: '', faults: ['missing Date', 'missing From'] },
    { fields: DATE + DATE + FROM + FROM, faults: ['doubled Date', 'doubled From'] },
    { fields: `${DATE + FROM}Subject: x\r\nSUBJECT: y\r\n`, faults: ['doubled Subject'] },
    { fields: `Date: now\r\n${FROM}`, faults: ['malformed Date'] },
    { fields: `${DATE}From: Ada\r\n`, faults: ['malformed From'] },
    { fields: `${DATE}From:\r\n`, faults: ['malformed From'] },
    { fields: `${DATE + FROM}Sender: a@example.org, b@example.org\r\n`, faults: ['malformed Sender'] },
    { fields: `${DATE + FROM}Sender: x y\r\n`, faults: ['malformed Sender'] },
    { fields: `${DATE}From: ada@example.org, eve@example.org\r\n`, faults: ['missing Sender'] },
    { fields: `${DATE + FROM}no field\r\n`, faults: ['unreadable '] },
  ])('finds $faults (RFC 5322 §3.6)', ({ fields, faults }) => {
    expect(check(fields)).toEqual(faults)
  })

  it('says what is wrong in a sentence without the message', () => {
    const broken = 'From: <script>\r\nTo: (<\r\nX-<: \u00e9\0\r\rReceived: <\n<\r\nReferences: <>\r\n'
    expect(faultsOf(broken).length).toBeGreaterThan(5)
    for (const { explain } of faultsOf(broken)) expect(explain).toMatch(/^[^<]*\.$/)
  })

  it.each([
    { once: 'Content-Type: text/plain\r\n', fault: 'error: doubled Content-Type' },
    { once: 'MIME-Version: 1.0\r\n', fault: 'error: doubled MIME-Version' },
    { once: 'List-Id: <a.b>\r\n', fault: 'error: doubled List-Id' },
    { once: 'List-Post: NO\r\n', fault: 'error: doubled List-Post' },
    { once: 'Return-Path: <>\r\n', fault: 'warning: doubled Return-Path' },
  ])('finds $fault', ({ once, fault }) => {
    expect(others(once)).toEqual([])
    expect(others(once + once)).toEqual([fault])
  })

  const RESENT = 'Resent-Date: Fri, 21 Nov 1997 09:55:06 -0600\r\nResent-From: ada@example.org\r\n'

  it.each([
    { fields: RESENT, faults: [] },
    { fields: RESENT + RESENT, faults: [] },
    { fields: 'Resent-To: a@example.org\r\n', faults: ['error: missing Resent-Date', 'error: missing Resent-From'] },
    {
      fields: `${RESENT}Received: x\r\nResent-To: a@b.c\r\n`,
      faults: ['warning: malformed Received', 'error: missing Resent-Date', 'error: missing Resent-From'],
    },
    {
      fields: RESENT.replace('ada@example.org', 'a@example.org, b@example.org'),
      faults: ['error: missing Resent-Sender'],
    },
  ])('finds $faults in blocks of Resent fields (RFC 5322 §3.6.6)', ({ fields, faults }) => {
    expect(others(fields)).toEqual(faults)
  })

  it('says where: the field, its line, and the byte', () => {
    const fields = `${DATE}X: a\r\n b\r\n${FROM}To: "\u00e9" <a@b.c>,\r\n\tx@\r\n`
    expect(faultsOf(fields).map(({ kind, place, expected }) => ({ kind, place, expected }))).toEqual([
      { kind: 'malformed', place: { field: 3, line: 6, offset: 21 }, expected: expect.any(String) as string },
      { kind: 'eight-bit', place: { field: 3, line: 5, offset: 5 }, expected: undefined },
    ])
  })

  it('gives no place for what is missing', () => {
    expect(faultsOf(DATE)).toEqual([
      {
        kind: 'missing',
        severity: 'fatal',
        name: 'From',
        explain: 'The From field is missing (RFC 5322 §3.6).',
      },
    ])
  })

  it('gives a hundred faults, and those that are fatal', () => {
    const faults = faultsOf(`${'To: (\r\n'.repeat(300)}no field\r\nnor this\r\n${DATE}`)
    expect(faults.filter(({ severity }) => severity !== 'fatal')).toHaveLength(100)
    expect(faults.filter(({ severity }) => severity === 'fatal').map(({ kind }) => kind)).toEqual([
      'missing',
      'doubled',
      'unreadable',
    ])
  })

  it('gives what is fatal alone where no other fault is asked for', () => {
    const fields = 'Date: now\r\nTo: (\r\nX: \0\r\nFrom: x\r\n'
    expect(faultsOf(fields, { maxFaults: 0 }).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'malformed Date',
      'malformed From',
    ])
  })

  it('has its places within the section, whatever the bytes', () => {
    const names = fc.constantFrom('Date: ', 'To: ', 'From: ', 'Received: ', 'Content-Type: ', 'References: ', 'Bcc:')
    fc.assert(
      fc.property(fc.array(fc.tuple(names, mailBytes), { maxLength: 5 }), fc.boolean(), (fields, allowed) => {
        const header = parseHeader(bytes(fields.map(([name, value]) => `${name}${text(value)}\r\n`).join('')))
        const lines = text(header.toBytes()).split('\n').length
        for (const { place } of checkForm(header, { utf8: allowed })) {
          if (place === undefined) continue
          expect(place.offset).toBeLessThanOrEqual(header.fields[place.field]?.raw.length ?? -1)
          expect(place.line).toBeLessThanOrEqual(lines)
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each(['Date: (\r\n', 'To: a@b,\r\n', 'Resent-To: x\r\n', 'x\r\n', 'To: \u00e9\r\n \r\n', 'X: y\n'])(
    'takes three hundred kilobytes of %j',
    (line) => {
      expect(faultsOf(line.repeat(300_000 / line.length)).length).toBeLessThan(120)
    },
  )
})

describe('the syntax of structured fields', () => {
  it.each([
    { field: 'Date: 21 Nov 97 09:55:06 GMT', fault: 'warning: obsolete Date' },
    { field: 'From: ada . b@example.org', fault: 'warning: obsolete From' },
    { field: 'Sender: We: a@example.org, b@example.org;', fault: 'fatal: malformed Sender' },
    { field: 'Sender: a . b@example.org, c@example.org', fault: 'fatal: malformed Sender' },
    { field: 'Reply-To: <', fault: 'error: malformed Reply-To' },
    { field: 'To: ada@example.org,,eve@example.org', fault: 'warning: obsolete To' },
    { field: 'Cc:', fault: 'error: malformed Cc' },
    { field: 'Bcc: x y', fault: 'error: malformed Bcc' },
    { field: 'Message-ID: <a>', fault: 'error: malformed Message-ID' },
    { field: 'Message-ID: <a @ b>', fault: 'warning: obsolete Message-ID' },
    { field: 'Message-ID: a@b', fault: 'error: malformed Message-ID' },
    { field: 'In-Reply-To: Your message of Friday', fault: 'warning: obsolete In-Reply-To' },
    { field: 'In-Reply-To: a@b', fault: 'error: malformed In-Reply-To' },
    { field: 'In-Reply-To:', fault: 'error: malformed In-Reply-To' },
    { field: 'References: message <a@b>', fault: 'warning: obsolete References' },
    { field: 'References: <a@b> <c>', fault: 'error: malformed References' },
    { field: 'References: <>', fault: 'error: malformed References' },
    { field: 'Return-Path: a@b.c', fault: 'warning: obsolete Return-Path' },
    { field: 'Return-Path: a', fault: 'warning: malformed Return-Path' },
    { field: 'Received: x', fault: 'warning: malformed Received' },
    { field: 'Authentication-Results: ;', fault: 'warning: malformed Authentication-Results' },
    { field: 'MIME-Version: x', fault: 'error: malformed MIME-Version' },
    { field: 'Content-Type: text', fault: 'error: malformed Content-Type' },
    { field: 'Content-Transfer-Encoding: 7 bit', fault: 'error: malformed Content-Transfer-Encoding' },
    { field: 'Content-Transfer-Encoding:', fault: 'error: malformed Content-Transfer-Encoding' },
    { field: 'Content-ID: x', fault: 'error: malformed Content-ID' },
    { field: 'Content-Disposition: =', fault: 'error: malformed Content-Disposition' },
    { field: 'Auto-Submitted:', fault: 'error: malformed Auto-Submitted' },
    { field: 'List-Id: x', fault: 'error: malformed List-Id' },
    { field: 'List-Unsubscribe: x', fault: 'error: malformed List-Unsubscribe' },
    { field: 'To: ada@sales', fault: 'warning: unqualified To' },
  ])('finds in "$field": $fault', ({ field, fault }) => {
    const rest = field.startsWith('Date:') ? FROM : field.startsWith('From:') ? DATE : DATE + FROM
    const faults = faultsOf(`${field}\r\n${rest}`)
    expect(faults.map(({ kind, severity, name }) => `${severity}: ${kind} ${name}`)).toEqual([fault])
  })

  it('has no groups in Resent-From (RFC 5322 §3.6.6)', () => {
    const fields = 'Resent-Date: Fri, 21 Nov 1997 09:55:06 -0600\r\nResent-From: We: a@example.org;\r\n'
    expect(others(fields)).toEqual(['error: malformed Resent-From'])
  })

  it.each([
    'Bcc: (nobody)',
    'To: undisclosed-recipients:;',
    'Message-ID: <a@b> (x)',
    'References: <a@b> <c@d>',
    'Return-Path: <>',
    `Received: from a.example by b.example; ${DATE.slice(6, -2)}`,
    'Content-Transfer-Encoding: x-mine (x)',
    'List-Unsubscribe: <mailto:a@b.c>',
    'Auto-Submitted: auto-replied',
    'Subject: (',
    'X-Any: "',
  ])('finds nothing in "%s"', (field) => {
    expect(others(`${field}\r\n`)).toEqual([])
  })

  it.each([
    { what: 'a character behind one of two bytes', field: 'To: \u00e9 x', offset: 7 },
    { what: 'one behind one of four bytes', field: 'To: \u{1f600} x', offset: 9 },
    { what: 'one behind a fold', field: 'To:\r\n a@b.c,\r\n x y', offset: 17 },
    { what: 'the end', field: 'To: a@  ', offset: 6 },
  ])('counts bytes to $what', ({ field, offset }) => {
    const [fault] = checkForm(parseHeader(utf8(`${field}\r\n${DATE}${FROM}`)), { utf8: true })
    expect(fault).toMatchObject({ kind: 'malformed', place: { offset } })
  })
})

describe('bytes and lines of fields', () => {
  it.each([
    {
      what: 'over 998 octets (RFC 5322 §2.1.1)',
      field: `X: ${'y'.repeat(996)}\r\n`,
      kinds: ['line-over-78', 'line-over-998'],
      offsets: [78, 998],
    },
    { what: 'of 998 octets', field: `X: ${'y'.repeat(995)}\r\n`, kinds: ['line-over-78'], offsets: [78] },
    { what: 'of 79 characters', field: `X:\r\n ${'y'.repeat(78)}\r\n`, kinds: ['line-over-78'], offsets: [82] },
    { what: 'of 78 characters', field: `X: ${'y'.repeat(75)}\r\n`, kinds: [], offsets: [] },
    { what: 'with a bare CR (RFC 5322 §2.2)', field: 'X: \ry\r\n', kinds: ['bare-cr'], offsets: [3] },
    { what: 'with two CR', field: 'X: y\r\r\n', kinds: ['bare-cr'], offsets: [4] },
    { what: 'with bare LF, twice', field: 'X: y\n z\n', kinds: ['bare-lf'], offsets: [4] },
    { what: 'with a NUL', field: 'X: \0\r\n', kinds: ['nul'], offsets: [3] },
    { what: 'with 8-bit bytes', field: 'X: y\u00e9\u00e9\r\n', kinds: ['eight-bit'], offsets: [4] },
    { what: 'with blanks before the colon (RFC 5322 §4.5)', field: 'X \t: y\r\n', kinds: ['obsolete'], offsets: [1] },
    { what: 'of blanks alone (RFC 5322 §4.2)', field: 'X: y\r\n \r\n\t\r\n z\r\n', kinds: ['obsolete'], offsets: [6] },
    { what: 'of blanks at the end of the section', field: 'X: y\r\n ', kinds: ['obsolete'], offsets: [6] },
    { what: 'without an end', field: 'X: y', kinds: [], offsets: [] },
    { what: 'of a name alone', field: 'X:\r\n', kinds: [], offsets: [] },
  ])('finds a line $what', ({ field, kinds, offsets }) => {
    const faults = faultsOf(DATE + FROM + field)
    expect(faults.map(({ kind }) => kind)).toEqual(kinds)
    expect(faults.map(({ place }) => place?.offset)).toEqual(offsets)
    expect(faults.every(({ name, place }) => name === 'X' && place?.field === 2)).toBe(true)
  })

  it('allows UTF-8 where the message may have it, and nothing else (RFC 6532 §3.1)', () => {
    const kinds = (field: Uint8Array, allowed: boolean): string[] =>
      checkForm(parseHeader(Buffer.concat([bytes(DATE + FROM), field])), { utf8: allowed }).map(
        ({ explain }) => explain,
      )
    expect(kinds(utf8('X: é\r\n'), true)).toEqual([])
    expect(kinds(utf8('X: y\r\n'), true)).toEqual([])
    expect(kinds(utf8('X: é\r\n'), false)).toEqual(['The header section has bytes that are not ASCII (RFC 5322 §2.2).'])
    expect(kinds(bytes('X: \u00e9\r\n'), true)).toEqual([
      'The header section has bytes that are not UTF-8 (RFC 6532 §3.1).',
    ])
  })

  it('counts characters of UTF-8, not octets, to 78 (RFC 6532 §3.4)', () => {
    const kinds = (count: number): string[] =>
      checkForm(parseHeader(utf8(`${DATE}${FROM}X: ${'é'.repeat(count)}\r\n`)), { utf8: true }).map(({ kind }) => kind)
    expect(kinds(75)).toEqual([])
    expect(kinds(76)).toEqual(['line-over-78'])
    expect(kinds(498)).toEqual(['line-over-78', 'line-over-998'])
  })
})
