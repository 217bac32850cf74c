import { readPart, readParts } from '../src/multipart.ts'
import type { Part } from '../src/multipart.ts'
import { describe, expect, it } from 'vitest'
import { writeReport } from '../src/index.ts'
import type { Report, ReportRecipient } from '../src/index.ts'
import { assemble, AT, bytes, CONTENT, factsOf, failed, HEADER, mailbox, reportOf, text } from './report-of.ts'

interface Written {
  whole: string
  header: Record<string, string>
  parts: readonly Part[]
  types: string[]
  bodies: string[]
}

function write(report: Report, content = CONTENT): Written {
  const message = assemble(writeReport(report), content)
  const part = readPart(message)
  if (part === undefined) throw new Error('no header section')
  const parts = readParts(part)
  return {
    whole: text(message),
    header: Object.fromEntries(part.header.fields.map(({ name, value }) => [name, value])),
    parts,
    types: parts.map(({ contentType: { type, subtype } }) => `${type}/${subtype}`),
    bodies: parts.map(({ body }) => text(body)),
  }
}

describe('writeReport', () => {
  it('writes a header section that nothing answers (RFC 3464 §2, RFC 3834 §5)', () => {
    expect(write(reportOf()).header).toEqual({
      From: 'Mail Delivery System <MAILER-DAEMON@mta.example.org>',
      To: '<ada@example.org>',
      Subject: 'Your message was not delivered to: bob@example.net',
      Date: 'Fri, 21 Nov 2025 09:55:06 +0000',
      'Message-ID': '<01REPORT@mta.example.org>',
      References: '<lunch.1@example.org>',
      'Auto-Submitted': 'auto-replied',
      'MIME-Version': '1.0',
      'Content-Type': 'multipart/report; report-type=delivery-status; boundary="=_abcdefghijklmnop"',
    })
  })

  it('writes a part for people, one for programs, and the header section (RFC 6522 §3)', () => {
    const { types, bodies } = write(reportOf())
    expect(types).toEqual(['text/plain', 'message/delivery-status', 'text/rfc822-headers'])
    expect(bodies[0]).toBe(
      [
        'This is the mail system at mta.example.org.',
        '',
        'Your message could not be delivered to the addresses below. They did not get',
        'it, and it is not tried again.',
        '',
        '<bob@example.net>',
        '    mx.example.net (192.0.2.7) said: 550 5.1.1 No such user here',
        '    What you can do: check the address for mistakes, or ask the recipient',
        '    for the right one.',
        '',
        'The message:',
        '    Subject: Lunch',
        '    Message-ID: <lunch.1@example.org>',
        '    Taken here: Fri, 21 Nov 2025 09:54:06 +0000',
        '',
        '',
      ].join('\r\n'),
    )
    expect(bodies[1]).toBe(
      [
        'Reporting-MTA: dns; mta.example.org',
        'Arrival-Date: Fri, 21 Nov 2025 09:54:06 +0000',
        '',
        'Final-Recipient: rfc822;bob@example.net',
        'Action: failed',
        'Status: 5.1.1',
        'Remote-MTA: dns; mx.example.net (192.0.2.7)',
        'Diagnostic-Code: smtp; 550 5.1.1 No such user here',
        'Last-Attempt-Date: Fri, 21 Nov 2025 09:55:05 +0000',
        '',
      ].join('\r\n'),
    )
    expect(bodies[2]).toBe(HEADER)
  })

  it('returns the content where it is asked for (RFC 3461 §4.3)', () => {
    const report = reportOf({ ret: 'full' })
    expect(writeReport(report)).toMatchObject({ original: 'full' })
    const { types, bodies, whole } = write(report)
    expect(types[2]).toBe('message/rfc822')
    expect(bodies[2]).toBe(CONTENT)
    expect(whole).toMatch(/\r\n--=_abcdefghijklmnop--\r\n$/)
    expect(whole).not.toContain('8bit')
  })

  it.each<{ what: string; changes: Partial<Report> }>([
    {
      what: 'nobody failed (RFC 3461 §4.3)',
      changes: { recipients: [{ ...failed, action: 'delayed', status: '4.4.1' }] },
    },
    { what: 'the content is binary', changes: { facts: { ...factsOf(bytes(CONTENT)), binary: true } } },
  ])('returns the header section alone where $what', ({ changes }) => {
    expect(writeReport(reportOf({ ret: 'full', ...changes })).original).toBe('headers')
  })

  it('gives ENVID and ORCPT back as they were (RFC 3461 §6.3)', () => {
    const orcpt = { type: 'rfc822', address: 'Bob+Lunch@Example.NET' }
    const { bodies } = write(reportOf({ envid: 'QQ314159', recipients: [{ ...failed, orcpt }] }))
    expect(bodies[1]).toContain('Original-Envelope-Id: QQ314159\r\nReporting-MTA')
    expect(bodies[1]).toContain(
      'Original-Recipient: rfc822;Bob+Lunch@Example.NET\r\nFinal-Recipient: rfc822;bob@example.net',
    )
    expect(bodies[0]).toContain('<Bob+Lunch@Example.NET>\r\n    sent on to <bob@example.net>\r\n')
  })

  it('does not say twice what ORCPT and the recipient have in common', () => {
    const { bodies } = write(
      reportOf({ recipients: [{ ...failed, orcpt: { type: 'rfc822', address: 'bob@example.net' } }] }),
    )
    expect(bodies[0]).not.toContain('sent on')
  })

  it('says until when it tries, in a report of delay only (RFC 3464 §2.3.9)', () => {
    const willRetryUntil = AT + 86_400_000
    const delayed = write(reportOf({ recipients: [{ ...failed, action: 'delayed', status: '4.4.1', willRetryUntil }] }))
    expect(delayed.header['Subject']).toBe('Your message is delayed for: bob@example.net')
    expect(delayed.bodies[0]).toContain('It is tried until Sat, 22 Nov 2025 09:55:06 +0000.')
    expect(delayed.bodies[1]).toContain('Will-Retry-Until: Sat, 22 Nov 2025 09:55:06 +0000')
    expect(write(reportOf({ recipients: [{ ...failed, willRetryUntil }] })).whole).not.toContain('Will-Retry-Until')
  })

  it('shows our own reason where nobody said anything', () => {
    const { mailbox, action, status } = failed
    const { bodies } = write(reportOf({ recipients: [{ mailbox, action, status, reason: 'No host took it.' }] }))
    expect(bodies[0]).toContain('<bob@example.net>\r\n    No host took it.\r\n')
    expect(bodies[1]).toContain('Diagnostic-Code: x-postroad; No host took it.\r\n')
    expect(bodies[1]).not.toContain('Remote-MTA')
  })

  it('says nothing of what is not known', () => {
    const { mailbox, action, status, reply } = failed
    const report = reportOf(
      {
        recipients: [
          { mailbox, action, status },
          { mailbox, action, status, reply: reply! },
        ],
      },
      'X: y\r\n\r\n',
    )
    const { arrivalAt: _, ...bare } = report
    const { bodies, header } = write(bare, 'X: y\r\n\r\n')
    expect(bodies[0]).toContain('The mail system said: 550')
    expect(bodies[0]).toMatch(/\r\nThe message:\r\n/)
    expect(bodies[1]).not.toMatch(/Arrival-Date|Last-Attempt-Date/)
    expect(header['References']).toBeUndefined()
  })

  it('leaves out the address of a remote host that is not known', () => {
    const { bodies } = write(reportOf({ recipients: [{ ...failed, remote: { host: 'mx.example.net' } }] }))
    expect(bodies[0]).toContain('    mx.example.net said: 550')
    expect(bodies[1]).toContain('Remote-MTA: dns; mx.example.net\r\n')
  })

  it.each<{ action: ReportRecipient['action']; status: ReportRecipient['status']; subject: string }>([
    { action: 'delivered', status: '2.1.5', subject: 'Your message was delivered to: bob@example.net' },
    { action: 'relayed', status: '2.0.0', subject: 'Your message was passed on to: bob@example.net' },
    { action: 'expanded', status: '2.1.5', subject: 'Your message was delivered and sent on for: bob@example.net' },
  ])('reports that a message was $action', ({ action, status, subject }) => {
    const { header, bodies } = write(reportOf({ recipients: [{ mailbox: failed.mailbox, action, status }] }))
    expect(header['Subject']).toBe(subject)
    expect(bodies[1]).toContain(`Action: ${action}\r\nStatus: ${status}\r\n`)
  })

  it('names the gravest first, and how many more', () => {
    const recipients: ReportRecipient[] = [
      { mailbox: mailbox('a@example.net'), action: 'delivered', status: '2.1.5' },
      failed,
      { ...failed, mailbox: mailbox('c@example.net') },
    ]
    const { header, bodies } = write(reportOf({ recipients }))
    expect(header['Subject']).toBe('Your message was not delivered to: bob@example.net and 1 more')
    expect(bodies[0]?.indexOf('could not be delivered')).toBeLessThan(bodies[0]?.indexOf('was delivered') ?? 0)
  })

  it.each([
    { status: '5.1.2', advice: 'no such domain' },
    { status: '5.1.8', advice: 'your own address' },
    { status: '5.2.1', advice: 'switched off' },
    { status: '5.2.2', advice: 'is full' },
    { status: '5.3.4', advice: 'too large' },
    { status: '4.4.7', advice: 'in the time allowed' },
    { status: '5.4.6', advice: 'in a circle' },
    { status: '4.4.1', advice: 'could not be reached' },
    { status: '5.6.1', advice: 'in another form' },
    { status: '5.7.1', advice: 'refuses it' },
    { status: '5.0.0', advice: 'show this report' },
  ] as const)('advises for $status: $advice', ({ status, advice }) => {
    expect(write(reportOf({ recipients: [{ ...failed, status }] })).bodies[0]?.replaceAll(/\s+/g, ' ')).toContain(
      advice,
    )
  })

  it('uses the UTF-8 forms where an address is not ASCII (RFC 6533 §4)', () => {
    const { types, bodies, header, parts } = write(
      reportOf({ recipients: [{ ...failed, mailbox: mailbox('jürgen@example.net') }] }),
    )
    expect(types).toEqual(['text/plain', 'message/global-delivery-status', 'text/rfc822-headers'])
    expect(bodies[1]).toContain('Final-Recipient: utf-8;jürgen@example.net')
    expect(parts[1]?.header.first('Content-Transfer-Encoding')?.value).toBe('8bit')
    expect(parts[0]?.contentType.parameters.get('charset')).toBe('utf-8')
    expect(header['Content-Transfer-Encoding']).toBe('8bit')
    expect(header['Subject']).toMatch(/^Your message was not delivered to: =\?utf-8\?/)
  })

  it('uses them for an original recipient too (RFC 6533 §3)', () => {
    const { types, bodies } = write(
      reportOf({ recipients: [{ ...failed, orcpt: { type: 'utf-8', address: 'jürgen@example.net' } }] }),
    )
    expect(types[1]).toBe('message/global-delivery-status')
    expect(bodies[1]).toContain('Original-Recipient: utf-8;jürgen@example.net')
  })

  it('returns a UTF-8 header section, and such a message, by their own types (RFC 6533 §4.2, §4.3)', () => {
    const content = `Subject: Grüße\r\n\r\nx\r\n`
    expect(write(reportOf({}, content), content).types[2]).toBe('message/global-headers')
    expect(write(reportOf({ ret: 'full' }, content), content).types[2]).toBe('message/global')
  })

  it('declares 8bit where the returned content is', () => {
    const content = `${HEADER}\r\nGrüße\r\n`
    const { types, header, parts } = write(reportOf({ ret: 'full' }, content), content)
    expect(types[2]).toBe('message/rfc822')
    expect(parts[2]?.header.first('Content-Transfer-Encoding')?.value).toBe('8bit')
    expect(header['Content-Transfer-Encoding']).toBe('8bit')
  })

  it('writes ASCII alone where the addresses are, whatever the other side said', () => {
    const reply = { code: 550, status: undefined, lines: ['Benutzer unzulässig'] }
    const { bodies } = write(reportOf({ recipients: [{ ...failed, reply }] }))
    expect(bodies[1]).toContain('Diagnostic-Code: smtp; 550 Benutzer unzul?ssig')
    expect(bodies[0]).toContain('Benutzer unzulässig')
  })

  it('cannot be led astray by what others said', () => {
    const hostile = 'x\r\n\r\n--=_abcdefghijklmnop--\r\nBcc: eve@example.org\0'
    const reply = { code: 550, status: undefined, lines: [hostile] }
    const recipients: ReportRecipient[] = [
      {
        ...failed,
        reply,
        reason: hostile,
        remote: { host: hostile, address: hostile },
        orcpt: { type: hostile, address: hostile },
      },
    ]
    const { parts, whole, bodies, header } = write(reportOf({ recipients, envid: hostile }))
    expect(parts).toHaveLength(3)
    expect(header['Bcc']).toBeUndefined()
    expect(bodies[1]).toContain('Original-Recipient: unknown;x')
    expect(whole.split('\r\n').filter((line) => line.startsWith('--=_abcdefghijklmnop'))).toHaveLength(4)
  })

  it('bounds what others said', () => {
    const reply = { code: 550, status: undefined, lines: ['x'.repeat(100_000), 'y z '.repeat(50_000)] }
    const { whole } = write(reportOf({ recipients: [{ ...failed, reply, reason: 'r'.repeat(100_000) }] }))
    expect(whole.length).toBeLessThan(10_000)
    expect(Math.max(...whole.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998)
  })

  it('cleans and bounds a returned header section', () => {
    const header = `A: x\ny\r\nB: ${'z'.repeat(2_000)}\0\r\n${'C: c\r\n'.repeat(20_000)}`
    const { bodies } = write(reportOf({ originalHeader: bytes(header), facts: { ...factsOf(bytes(header)) } }))
    const lines = (bodies[2] ?? '').split('\r\n')
    expect(lines.slice(0, 3)).toEqual(['A: x', 'y', `B: ${'z'.repeat(995)}`])
    expect(Math.max(...lines.map((line) => line.length))).toBe(998)
    expect(bodies[2]?.length).toBeLessThanOrEqual(65_536)
    expect(bodies[2]).not.toMatch(/\0|[^\r]\n/)
  })

  it('refers to no Message-ID that is none of ASCII', () => {
    for (const id of ['<grüße@example.org>', `<${'x'.repeat(950)}@example.org>`]) {
      expect(write(reportOf({ originalHeader: bytes(`Message-ID: ${id}\r\n`) })).header['References']).toBeUndefined()
    }
  })

  it('takes another template', () => {
    const template = {
      language: 'de',
      fromName: 'Zustelldienst "für" alle;',
      subject: () => 'Nicht zugestellt: Größe',
      text: () => 'Leider nicht.\n\tEingerückt \u0007\n\n  ',
    }
    const { header, bodies, parts } = write(reportOf({ template }))
    expect(header['From']).toMatch(/^Zustelldienst =\?utf-8\?.* alle <MAILER-DAEMON@mta\.example\.org>$/)
    expect(header['Subject']).toMatch(/^Nicht zugestellt: =\?utf-8\?/)
    expect(parts[0]?.header.first('Content-Language')?.value).toBe('de')
    expect(bodies[0]).toBe('Leider nicht.\r\n\tEingerückt ?\r\n\r\n\r\n')
  })

  it('breaks long words of a text at characters', () => {
    const template = { language: 'en', fromName: '', subject: () => '', text: () => '😀'.repeat(1_000) }
    const [body = ''] = write(reportOf({ template })).bodies
    expect(Math.max(...body.split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(998)
    expect(body.replaceAll(/\s/g, '')).toBe('😀'.repeat(1_000))
  })
})
