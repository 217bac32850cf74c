import { mailboxOf } from '@postroad/address'
import * as fc from 'fast-check'
import { decodeBody, readPart, readParts } from '../src/multipart.ts'
import type { Part } from '../src/multipart.ts'
import { describe, expect, it } from 'vitest'
import { englishTemplate, germanTemplate, writeReport } from '../src/index.ts'
import type { Report, ReportRecipient } from '../src/index.ts'
import { assemble, AT, bytes, CONTENT, factsOf, failed, HEADER, reportOf, text } from './report-of.ts'

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
  it('writes a header section that nothing answers (RFC 3464 §2, RFC 3834 §3.1)', () => {
    expect(write(reportOf()).header).toEqual({
      From: 'Mail Delivery System <MAILER-DAEMON@mta.example.org>',
      To: '<ada@example.org>',
      Subject: 'Your message was not delivered to: bob@example.net',
      Date: 'Fri, 21 Nov 2025 09:55:06 +0000',
      'Message-ID': '<01REPORT@mta.example.org>',
      'In-Reply-To': '<lunch.1@example.org>',
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
        'Your message could not be delivered to the address below, and it will',
        'not be tried again.',
        '',
        '<bob@example.net>',
        '    What happened: There is no such mailbox.',
        '    What you can do: Check the address for mistakes, or ask the',
        '    recipient for the right one.',
        '    mx.example.net (192.0.2.7) said:',
        '      550 5.1.1 No such user here',
        '',
        'Your message:',
        '    Subject: Lunch',
        '    Message-ID: <lunch.1@example.org>',
        '    Taken here: Fri, 21 Nov 2025 09:54:06 +0000',
        '',
        'If you need help, send this whole report to',
        '<postmaster@mta.example.org>. What is attached to it is for mail',
        'programs and postmasters: the same in technical form, and your message',
        'or its header.',
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

  it.each<{ what: string; changes: Partial<Report>; content?: string }>([
    { what: 'it is larger than is returned (RFC 3461 §6.2)', changes: { maxReturnedBytes: CONTENT.length - 1 } },
    {
      what: 'it is 8-bit and the way back is not (RFC 6522 §3)',
      changes: { transport: '7bit' },
      content: `${HEADER}\r\nGrüße\r\n`,
    },
    {
      what: 'it is a report itself',
      changes: {},
      content: `Content-Type: Multipart/Report; boundary=b\r\n${HEADER}\r\nx\r\n`,
    },
  ])('returns the header section alone where $what', ({ changes, content = CONTENT }) => {
    expect(writeReport(reportOf({ ret: 'full', ...changes }, content))).toMatchObject({
      original: 'headers',
      encoding: 'identity',
      range: { start: 0, end: 0 },
    })
  })

  it.each([
    { transport: 'smtputf8', encoding: 'identity', header: '8bit' },
    { transport: '8bitmime', encoding: 'base64', header: 'base64' },
    { transport: '7bit', encoding: 'base64', header: 'base64' },
  ] as const)(
    'returns a UTF-8 message over $transport as $encoding (RFC 6533 §4.5)',
    ({ transport, encoding, header }) => {
      const content = 'Subject: Grüße\r\n\r\nx\r\n'
      const report = reportOf({ ret: 'full', transport }, content)
      expect(writeReport(report)).toMatchObject({
        original: 'full',
        encoding,
        range: { start: 0, end: Buffer.byteLength(content) },
      })
      const { types, parts, bodies } = write(report, content)
      expect(types[2]).toBe('message/global')
      expect(parts[2]?.header.first('Content-Transfer-Encoding')?.value).toBe(header)
      expect(parts[2] && text(decodeBody(parts[2]))).toBe(content)
      expect(bodies[2] === content).toBe(encoding === 'identity')
    },
  )

  it('returns a message of multipart/mixed, and content at the limit', () => {
    const content = `Content-Type: multipart/mixed; boundary=b\r\n${HEADER}\r\nx\r\n`
    expect(writeReport(reportOf({ ret: 'full', maxReturnedBytes: content.length }, content)).original).toBe('full')
  })

  it('refers to the thread of the message (RFC 3834 §3.1.6)', () => {
    const references = Array.from({ length: 30 }, (_, index) => `<${index}@a>`).join(' ')
    const { header } = write(reportOf({ originalHeader: bytes(`References: ${references}\r\n${HEADER}`) }))
    expect(header['References']).toMatch(/^<10@a> .* <29@a> <lunch\.1@example\.org>$/)
    expect(header['In-Reply-To']).toBe('<lunch.1@example.org>')
  })

  it.each([
    { reportingMta: 'mta.example.org', field: 'dns; mta.example.org' },
    { reportingMta: '[192.0.2.1]', field: 'dns; [192.0.2.1]' },
    { reportingMta: 'localhost', field: 'x-local-hostname; localhost' },
  ])('calls $reportingMta what it is (RFC 3461 §6.3)', ({ reportingMta, field }) => {
    expect(write(reportOf({ reportingMta })).bodies[1]).toContain(`Reporting-MTA: ${field}\r\n`)
  })

  it('transcribes a reply of many lines (RFC 3461 §9.2)', () => {
    const lines = ['mailbox unavailable', '', `${'long '.repeat(20)}end`, 'user has moved']
    const { bodies } = write(reportOf({ recipients: [{ ...failed, reply: { code: 550, status: undefined, lines } }] }))
    expect(bodies[1]).toContain('Diagnostic-Code: smtp; 550-mailbox unavailable\r\n 550-\r\n 550-long long')
    expect(bodies[1]).toContain(' long end\r\n 550 user has moved\r\n')
    expect(bodies[0]).toContain(
      '    mx.example.net (192.0.2.7) said:\r\n      550 mailbox unavailable\r\n\r\n      long long',
    )
    expect(bodies[0]).toContain('\r\n      user has moved\r\n')
  })

  it.each([
    { lines: ['€'.repeat(1_000), 'b'], what: 'the first line fills it' },
    { lines: ['a', '€'.repeat(2_000)], what: 'a later one does' },
  ])('keeps the group of a recipient whole where $what', ({ lines }) => {
    const { bodies } = write(
      reportOf({
        transport: 'smtputf8',
        recipients: [{ ...failed, reply: { code: 550, status: undefined, lines } }, failed],
      }),
    )
    expect(bodies[1]?.split('\r\n\r\n')).toHaveLength(3)
    expect(Math.max(...(bodies[1] ?? '').split('\r\n').map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(998)
  })

  it('gives ENVID and ORCPT back as they were (RFC 3461 §6.3)', () => {
    const orcpt = { type: 'rfc822', address: 'Bob+Lunch@Example.NET' }
    const { bodies } = write(reportOf({ envid: 'QQ314159', recipients: [{ ...failed, orcpt }] }))
    expect(bodies[1]).toContain('Original-Envelope-Id: QQ314159\r\nReporting-MTA')
    expect(bodies[1]).toContain(
      'Original-Recipient: rfc822;Bob+Lunch@Example.NET\r\nFinal-Recipient: rfc822;bob@example.net',
    )
    expect(bodies[0]).toContain('<Bob+Lunch@Example.NET>\r\n    Sent on to: <bob@example.net>\r\n')
  })

  it('does not say twice what ORCPT and the recipient have in common', () => {
    const { bodies } = write(
      reportOf({ recipients: [{ ...failed, orcpt: { type: 'rfc822', address: 'bob@example.net' } }] }),
    )
    expect(bodies[0]).not.toContain('Sent on')
  })

  it('says until when it tries, in a report of delay only (RFC 3464 §2.3.9)', () => {
    const willRetryUntil = AT + 86_400_000
    const delayed = write(reportOf({ recipients: [{ ...failed, action: 'delayed', status: '4.4.1', willRetryUntil }] }))
    expect(delayed.header['Subject']).toBe('Your message is delayed for: bob@example.net')
    expect(delayed.bodies[0]).toContain('    Will be tried until: Sat, 22 Nov 2025 09:55:06 +0000\r\n')
    expect(delayed.bodies[1]).toContain('Will-Retry-Until: Sat, 22 Nov 2025 09:55:06 +0000')
    expect(write(reportOf({ recipients: [{ ...failed, willRetryUntil }] })).whole).not.toContain('Will-Retry-Until')
  })

  it('shows our own reason where nobody said anything', () => {
    const { mailbox, action, status } = failed
    const { bodies } = write(reportOf({ recipients: [{ mailbox, action, status, reason: 'No host took it.' }] }))
    expect(bodies[0]).toContain('    Details: No host took it.\r\n')
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
    expect(bodies[0]).toContain('    The mail system there said:\r\n      550')
    expect(bodies[0]).toMatch(/\r\nYour message:\r\n\r\nIf/)
    expect(bodies[1]).not.toMatch(/Arrival-Date|Last-Attempt-Date/)
    expect(header['References']).toBeUndefined()
  })

  it('leaves out the address of a remote host that is not known', () => {
    const { bodies } = write(reportOf({ recipients: [{ ...failed, remote: { host: 'mx.example.net' } }] }))
    expect(bodies[0]).toContain('    mx.example.net said:\r\n      550')
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
      { mailbox: mailboxOf('a@example.net'), action: 'delivered', status: '2.1.5' },
      failed,
      { ...failed, mailbox: mailboxOf('c@example.net') },
    ]
    const { header, bodies } = write(reportOf({ recipients }))
    expect(header['Subject']).toBe('Your message was not delivered to: bob@example.net and 1 more')
    expect(bodies[0]?.indexOf('could not be delivered')).toBeLessThan(bodies[0]?.indexOf('was delivered') ?? 0)
  })

  it('uses the UTF-8 forms where an address is not ASCII and the way back takes them (RFC 6533 §4)', () => {
    const { types, bodies, header, parts } = write(
      reportOf({ transport: 'smtputf8', recipients: [{ ...failed, mailbox: mailboxOf('jürgen@example.net') }] }),
    )
    expect(types).toEqual(['text/plain', 'message/global-delivery-status', 'text/rfc822-headers'])
    expect(bodies[1]).toContain('Final-Recipient: utf-8;jürgen@example.net')
    expect(parts[1]?.header.first('Content-Transfer-Encoding')?.value).toBe('8bit')
    expect(parts[0]?.contentType.parameters.get('charset')).toBe('utf-8')
    expect(header['Content-Transfer-Encoding']).toBe('8bit')
    expect(header['Content-Type']).toContain('report-type=global-delivery-status')
    expect(header['Subject']).toMatch(/^Your message was not delivered to: =\?utf-8\?/)
  })

  it('uses them for an original recipient too, and for what was said (RFC 6533 §3, §4.1)', () => {
    const orcpt = { type: 'utf-8', address: 'jürgen@example.net' }
    const byAddress = write(reportOf({ transport: 'smtputf8', recipients: [{ ...failed, orcpt }] }))
    expect(byAddress.types[1]).toBe('message/global-delivery-status')
    expect(byAddress.bodies[1]).toContain('Original-Recipient: utf-8;jürgen@example.net')
    const reply = { code: 550, status: undefined, lines: ['unzulässig'] }
    const byReply = write(reportOf({ transport: 'smtputf8', recipients: [{ ...failed, reply }] }))
    expect(byReply.types[1]).toBe('message/global-delivery-status')
    expect(byReply.bodies[1]).toContain('Diagnostic-Code: smtp; 550 unzulässig')
  })

  it.each(['7bit', '8bitmime'] as const)(
    'writes UTF-8 addresses in ASCII where %s is all there is (RFC 6533 §3)',
    (transport) => {
      const orcpt = { type: 'utf-8', address: 'jürgen+x@example.net' }
      const recipients = [{ ...failed, orcpt, mailbox: mailboxOf('jürgen@bücher.example') }]
      const { types, bodies, parts } = write(reportOf({ transport, recipients }))
      expect(types).toEqual(['text/plain', 'message/delivery-status', 'text/rfc822-headers'])
      expect(bodies[1]).toContain('Original-Recipient: utf-8;j\\x{FC}rgen\\x{2B}x@example.net\r\n')
      expect(bodies[1]).toContain('Final-Recipient: utf-8;j\\x{FC}rgen@b\\x{FC}cher.example\r\n')
      expect(parts[0]?.header.first('Content-Transfer-Encoding')?.value).toBe(
        transport === '7bit' ? 'quoted-printable' : '8bit',
      )
    },
  )

  it('knows by the reverse-path that the way back takes UTF-8 (RFC 6531 §3.4)', () => {
    const recipients = [{ ...failed, mailbox: mailboxOf('jürgen@example.net') }]
    expect(write(reportOf({ recipients, to: mailboxOf('björn@example.org') })).types[1]).toBe(
      'message/global-delivery-status',
    )
    expect(write(reportOf({ recipients })).types[1]).toBe('message/delivery-status')
  })

  it('chooses base64 for text that is little ASCII', () => {
    const template = { ...englishTemplate, language: 'ja', text: () => '配送できませんでした。'.repeat(20) }
    const { parts } = write(reportOf({ transport: '7bit', template }))
    const [part] = parts
    expect(part?.header.first('Content-Transfer-Encoding')?.value).toBe('base64')
    expect(part && text(decodeBody(part)).replaceAll(/\s/g, '')).toBe('配送できませんでした。'.repeat(20))
  })

  it('encodes a returned UTF-8 header section (RFC 6533 §4.5), and one that is not UTF-8 (RFC 6522 §4)', () => {
    const utf8 = write(
      reportOf({ transport: '7bit' }, 'Subject: Grüße an alle\r\n\r\nx\r\n'),
      'Subject: Grüße an alle\r\n\r\nx\r\n',
    )
    expect(utf8.types[2]).toBe('message/global-headers')
    expect(utf8.parts[2]?.header.first('Content-Transfer-Encoding')?.value).toBe('quoted-printable')
    expect(utf8.parts[2] && text(decodeBody(utf8.parts[2]))).toBe('Subject: Grüße an alle\r\n')
    const latin1 = Uint8Array.of(65, 58, 32, 0xfc, 13, 10)
    for (const transport of ['7bit', '8bitmime', 'smtputf8'] as const) {
      const other = write(reportOf({ transport, originalHeader: latin1 }))
      expect(other.types[2]).toBe('text/rfc822-headers')
      expect(other.bodies[2]).toBe('A: =FC\r\n')
    }
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

  it('names author and reader by A-labels, for which nobody needs SMTPUTF8 (RFC 6531 §3.2)', () => {
    const [from, to] = [mailboxOf('MAILER-DAEMON@bücher.example'), mailboxOf('ada@bücher.example')]
    const { header } = write(reportOf({ from, to }))
    expect(header).toMatchObject({
      From: 'Mail Delivery System <MAILER-DAEMON@xn--bcher-kva.example>',
      To: '<ada@xn--bcher-kva.example>',
    })
    const björn = write(reportOf({ to: mailboxOf('björn@bücher.example') }))
    expect(björn.header['To']).toBe('<björn@bücher.example>')
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

  it('can travel by the way that it is written for, whatever it says', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 200 })
    const recipient = fc.record({
      mailbox: fc.constantFrom(failed.mailbox, mailboxOf('jürgen@bücher.example')),
      action: fc.constantFrom('failed', 'delayed', 'delivered', 'relayed', 'expanded'),
      status: fc.constantFrom('5.1.1', '4.2.2', '2.1.5'),
      reply: fc.record({ code: fc.constant(550), status: fc.constant(undefined), lines: fc.array(anything) }),
      reason: anything,
      remote: fc.record({ host: anything, address: anything }),
      orcpt: fc.record({ type: anything, address: anything }),
      finalLogId: anything,
    })
    const changes = fc.record({
      recipients: fc.array(recipient, { minLength: 1, maxLength: 3 }),
      transport: fc.constantFrom('7bit', '8bitmime', 'smtputf8'),
      template: fc.constantFrom(englishTemplate, germanTemplate),
      envid: anything,
      originalHeader: fc.uint8Array({ maxLength: 300 }),
      from: fc.constantFrom(failed.mailbox, mailboxOf('postmaster@bücher.example')),
    })
    fc.assert(
      fc.property(changes, (changes) => {
        const { head } = writeReport(reportOf(changes))
        const whole = Buffer.from(head).toString('latin1')
        expect(whole).not.toMatch(/\0|[^\r]\n|\r[^\n]|[^\r\n]{999}/)
        expect(whole.split('\r\n--=_abcdefghijklmnop\r\n')).toHaveLength(4)
        expect(/[^\0-\u007f]/.test(whole) && changes.transport === '7bit').toBe(false)
        expect(whole.slice(0, whole.indexOf('\r\n\r\n'))).not.toMatch(/[^\0-\u007f]/)
      }),
    )
  })
})
