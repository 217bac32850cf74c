import { formatMailbox, mailboxOf } from '@postroad/address'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readReport, writeReport } from '../src/index.ts'
import type { DeliveryReportMessage, Report, ReportHost, ReportRecipient } from '../src/index.ts'
import { assemble, AT, bytes, failed, reportOf } from './report-of.ts'

function read(message: Uint8Array): DeliveryReportMessage {
  const result = readReport(message)
  if (!result.ok) throw new Error(result.error.expected)
  return result.value
}

const TYPE = 'Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n'
const status = (fields: string, rest = ''): Uint8Array =>
  bytes(
    `${TYPE}--b\n\ntext\n--b\nContent-Type: message/delivery-status\n\n${fields}\n--b${rest === '' ? '--' : `\n${rest}\n--b--`}\n`,
  )

/** A report inside so many other multiparts. */
function nest(depth: number): string {
  let message = Buffer.from(status('Action: failed')).toString()
  for (let level = 0; level < depth; level += 1) {
    message = `Content-Type: multipart/mixed; boundary=o${level}\n\n--o${level}\n${message}\n--o${level}--\n`
  }
  return message
}

describe('readReport', () => {
  it('reads what writeReport writes', () => {
    const report = reportOf({
      envid: 'QQ1',
      recipients: [{ ...failed, orcpt: { type: 'rfc822', address: 'Bob@example.net' } }],
    })
    expect(read(assemble(writeReport(report)))).toMatchObject({
      reportingMta: { type: 'dns', text: 'mta.example.org' },
      envid: 'QQ1',
      arrivalDate: { at: AT - 60_000, offsetMinutes: 0 },
      originalMessageId: 'lunch.1@example.org',
      recipients: [
        {
          finalRecipient: { type: 'rfc822', address: 'bob@example.net' },
          originalRecipient: { type: 'rfc822', address: 'Bob@example.net' },
          action: 'failed',
          status: '5.1.1',
          diagnostic: { type: 'smtp', text: '550 5.1.1 No such user here' },
          remoteMta: { type: 'dns', text: 'mx.example.net (192.0.2.7)' },
          lastAttemptDate: { at: AT - 1_000, offsetMinutes: 0 },
          willRetryUntil: undefined,
        },
      ],
    })
  })

  it('gives recipients, actions and statuses of any report back', () => {
    const local = fc.stringMatching(/^[a-zé]{1,20}$/)
    const recipient: fc.Arbitrary<ReportRecipient> = fc.record(
      {
        mailbox: local.map((text) => mailboxOf(`${text}@example.net`)),
        action: fc.constantFrom('failed', 'delayed', 'delivered', 'relayed', 'expanded'),
        status: fc
          .tuple(fc.constantFrom(2, 4, 5), fc.nat({ max: 9 }), fc.nat({ max: 99 }))
          .map((parts) => parts.join('.') as '5.1.1'),
        reply: fc.record({
          code: fc.constantFrom(450, 550),
          status: fc.constant(undefined),
          lines: fc.array(fc.string({ unit: 'binary' })),
        }),
        reason: fc.string(),
        remote: fc.record({ host: fc.string(), address: fc.string() }),
        orcpt: fc.record({ type: fc.constantFrom('rfc822', 'utf-8'), address: local }),
      },
      { requiredKeys: ['mailbox', 'action', 'status'] },
    )
    const ret = fc.constantFrom<'full' | 'hdrs'>('full', 'hdrs')
    fc.assert(
      fc.property(fc.array(recipient, { minLength: 1, maxLength: 5 }), ret, (recipients, ret) => {
        const seen = read(assemble(writeReport(reportOf({ recipients, ret }))))
        expect(seen.originalMessageId).toBe('lunch.1@example.org')
        expect(
          seen.recipients.map(({ finalRecipient, originalRecipient, action, status }) => ({
            address: finalRecipient?.address,
            original: originalRecipient?.address,
            action,
            status,
          })),
        ).toEqual(
          recipients.map(({ mailbox: { localPart, domain }, orcpt, action, status }) => ({
            address: `${localPart}@${domain}`,
            original: orcpt?.address,
            action,
            status,
          })),
        )
      }),
    )
  })

  it('gives back every fact of any report, by whatever way it goes', () => {
    const { domain } = mailboxOf('x@example.net')
    const mailboxes = fc
      .stringMatching(/^[ -~éü]{1,20}$/)
      .map((localPart) => mailboxOf(formatMailbox({ localPart, domain })))
    const words = fc.stringMatching(/^[a-z.:]{1,30}( [a-z.:]{1,30}){0,9}$/)
    const at = fc.integer({ min: 0, max: 4_000_000 }).map((minutes) => minutes * 60_000)
    const host = fc.record({ host: fc.domain(), address: fc.ipV6() }, { requiredKeys: ['host'] })
    const statuses = fc.constantFrom('5.1.1', '4.4.7', '2.1.5', '5.0.0')
    const recipient = fc.record(
      {
        mailbox: mailboxes,
        orcpt: fc.record({ type: fc.constantFrom('rfc822', 'utf-8'), address: mailboxes.map(formatMailbox) }),
        action: fc.constantFrom('failed', 'delayed', 'delivered', 'relayed', 'expanded'),
        status: statuses,
        reply: fc.record({
          code: fc.constantFrom(250, 450, 550),
          status: fc.option(statuses, { nil: undefined }),
          lines: fc.array(words, { minLength: 1, maxLength: 4 }),
        }),
        remote: host,
        lastAttemptAt: at,
        finalLogId: words,
        willRetryUntil: at,
      },
      { requiredKeys: ['mailbox', 'action', 'status'] },
    )
    const report = fc.record(
      {
        reportingMta: fc.constantFrom('mta.example.org', 'localhost', '[192.0.2.1]'),
        envid: words,
        receivedFrom: host,
        arrivalAt: at,
        recipients: fc.array(recipient, { minLength: 1, maxLength: 4 }),
        transport: fc.constantFrom('7bit', '8bitmime', 'smtputf8'),
      },
      { requiredKeys: ['recipients', 'transport'] },
    )
    const nameOf = (value: ReportHost | undefined): unknown =>
      value && { type: 'dns', text: value.address === undefined ? value.host : `${value.host} (${value.address})` }
    const dateOf = (value: number | undefined): unknown =>
      value === undefined ? undefined : { at: value, offsetMinutes: 0 }
    fc.assert(
      fc.property(report, (changes) => {
        const { arrivalAt: _, ...base } = reportOf()
        const written: Report = { ...base, ...changes }
        const seen = read(assemble(writeReport(written)))
        expect(seen.reportingMta?.text).toBe(written.reportingMta)
        expect(seen.envid).toBe(written.envid)
        expect(seen.receivedFromMta).toEqual(nameOf(written.receivedFrom))
        expect(seen.arrivalDate).toEqual(dateOf(written.arrivalAt))
        expect(seen.recipients).toEqual(
          written.recipients.map(({ mailbox, orcpt, action, status, reply, remote, ...rest }) => ({
            finalRecipient: { type: expect.any(String), address: formatMailbox(mailbox) },
            originalRecipient: orcpt && { type: expect.any(String), address: orcpt.address },
            action,
            status,
            remoteMta: nameOf(remote),
            diagnostic: reply && { type: 'smtp', text: expect.any(String) },
            reply: reply && { ...reply },
            localizedDiagnostics: [],
            lastAttemptDate: dateOf(rest.lastAttemptAt),
            finalLogId: rest.finalLogId,
            willRetryUntil: action === 'delayed' ? dateOf(rest.willRetryUntil) : undefined,
            fields: expect.anything(),
          })),
        )
      }),
    )
  })

  it('keeps every field, with its type (RFC 3464 §2.2, §2.3, §2.4)', () => {
    const fields = [
      'Original-Envelope-Id: QQ (not a comment)',
      'Reporting-MTA: x400; mta a in /C=GB/',
      'DSN-Gateway: DNS; gateway.example.org',
      'Received-From-MTA: dns; client.example.org (192.0.2.1)',
      'Arrival-Date: Mon Mar 27 18:06:29 2006 GMT',
      'X-Queue-ID: 4711',
      '',
      'Original-Recipient: rfc822; Bob@example.net',
      'Final-Recipient: x400; /S=Bob/C=GB/',
      'Action: relayed',
      'Status: 2.0.0 (fine)',
      'Remote-MTA: MRT; 10.0.0.103',
      'Diagnostic-Code: x-own; what; ever',
      'Localized-Diagnostic: de-AT; Alles gut',
      'Localized-Diagnostic: no language',
      'Last-Attempt-Date: Fri, 21 Nov 2025 09:55:06 +0100',
      'Final-Log-ID: log 1',
      'Will-Retry-Until: soon',
      'X-Actual-Recipient: rfc822; rob@example.net',
    ].join('\n')
    const report = read(status(fields))
    expect(report).toMatchObject({
      envid: 'QQ (not a comment)',
      reportingMta: { type: 'x400', text: 'mta a in /C=GB/' },
      dsnGateway: { type: 'dns', text: 'gateway.example.org' },
      receivedFromMta: { type: 'dns', text: 'client.example.org (192.0.2.1)' },
      arrivalDate: { at: Date.UTC(2006, 2, 27, 18, 6, 29) },
    })
    expect(report.fields.first('X-Queue-ID')?.value).toBe('4711')
    const [recipient] = report.recipients
    expect(recipient).toMatchObject({
      originalRecipient: { type: 'rfc822', address: 'Bob@example.net' },
      finalRecipient: { type: 'x400', address: '/S=Bob/C=GB/' },
      action: 'relayed',
      status: '2.0.0',
      remoteMta: { type: 'mrt', text: '10.0.0.103' },
      diagnostic: { type: 'x-own', text: 'what; ever' },
      reply: undefined,
      localizedDiagnostics: [{ language: 'de-AT', text: 'Alles gut' }],
      lastAttemptDate: { at: AT - 3_600_000, offsetMinutes: 60 },
      finalLogId: 'log 1',
      willRetryUntil: undefined,
    })
    expect(recipient?.fields.first('X-Actual-Recipient')?.value).toBe('rfc822; rob@example.net')
  })

  it('knows what stands in no group', () => {
    const { fields, ...rest } = read(status(''))
    expect(fields.fields).toEqual([])
    expect(rest).toEqual({
      place: 'message',
      envid: undefined,
      reportingMta: undefined,
      dsnGateway: undefined,
      receivedFromMta: undefined,
      arrivalDate: undefined,
      recipients: [],
      originalMessageId: undefined,
      originalHeader: undefined,
    })
    expect(read(status('Reporting-MTA: untyped')).reportingMta).toEqual({ type: undefined, text: 'untyped' })
  })

  it.each(['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers', 'text/rfc822-header'])(
    'finds the Message-ID in %s',
    (type) => {
      expect(read(status('Action: failed', `Content-Type: ${type}\n\nMessage-ID: <1@a>\n`)).originalMessageId).toBe(
        '1@a',
      )
    },
  )

  it('finds what was returned before the part for programs', () => {
    const message = `${TYPE}--b\nContent-Type: message/rfc822\n\nMessage-ID: <1@a>\n--b\nContent-Type: message/delivery-status\n\nAction: failed\n--b--\n`
    expect(read(bytes(message))).toMatchObject({ originalMessageId: '1@a', recipients: [{ action: 'failed' }] })
  })

  it.each([
    { fields: 'Reporting-MTA: dns; a\nX-Original-Message-ID: <1@a>', outer: 'In-Reply-To: <2@a>\n', id: '1@a' },
    { fields: 'Reporting-MTA: dns; a\nOriginal-Message-ID: <1@a>', outer: '', id: '1@a' },
    { fields: 'Reporting-MTA: dns; a', outer: 'In-Reply-To: <2@a>\n', id: '2@a' },
  ])('takes the Message-ID of "$fields" and "$outer" where nothing was returned', ({ fields, outer, id }) => {
    const message = Buffer.from(status(fields, 'Content-Type: message/rfc822\n\nSubject: x\n')).toString()
    expect(read(bytes(outer + message)).originalMessageId).toBe(id)
  })

  it.each([
    { encoding: 'base64', body: 'QWN0aW9uOiBmYWls\nZWQK' },
    { encoding: 'Quoted-Printable', body: 'Action: fai=\nl=65d' },
    { encoding: 'x-other', body: 'Action: failed' },
  ])('decodes $encoding', ({ encoding, body }) => {
    const message = `${TYPE}--b\nContent-Type: message/global-delivery-status\nContent-Transfer-Encoding: ${encoding}\n\n${body}\n--b--\n`
    expect(read(bytes(message)).recipients.map(({ action }) => action)).toEqual(['failed'])
  })

  it('finds a report inside another multipart', () => {
    const inner = Buffer.from(status('Action: failed')).toString()
    const outer = bytes(`Content-Type: multipart/mixed; boundary=o\n\n--o\n\nx\n--o\n${inner}\n--o--\n`)
    expect(read(outer).recipients).toHaveLength(1)
  })

  it('passes over the line that parts messages in mailbox files', () => {
    const report = Buffer.from(status('Action: failed')).toString()
    expect(read(bytes(`From MAILER-DAEMON Fri Feb 13 02:45:46 2015\n${report}`)).recipients).toHaveLength(1)
    expect(readReport(bytes('From x')).ok).toBe(false)
  })

  it('reads a report whose last part has no end', () => {
    expect(
      read(bytes(`${TYPE}--b  \nContent-Type: message/delivery-status\n\nAction: failed`)).recipients,
    ).toHaveLength(1)
  })

  it.each([
    { what: 'plain text', message: 'Subject: x\n\nhello' },
    {
      what: 'a disposition notification',
      message: `${TYPE}--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; a@b\n--b--\n`,
    },
    { what: 'no boundary', message: 'Content-Type: multipart/report\n\n--b\n' },
    { what: 'an empty boundary', message: 'Content-Type: multipart/report; boundary=""\n\n--\n' },
    { what: 'no delimiter', message: TYPE },
    { what: 'parts without a status', message: `${TYPE}--b\n\nx\n--b--\n` },
    {
      what: 'a boundary inside a line',
      message: `${TYPE}x--b\nContent-Type: message/delivery-status\n\n--bc\nAction: failed`,
    },
    { what: 'a header section too large', message: `A: ${'x'.repeat(300_000)}\n\n` },
    { what: 'nothing', message: '' },
  ])('finds no report in $what', ({ message }) => {
    expect(readReport(bytes(message))).toEqual({
      ok: false,
      error: { rule: 'multipart/report', offset: 0, expected: 'a message/delivery-status part' },
    })
  })

  it('leaves out a part whose header section is too large', () => {
    const { recipients } = read(
      bytes(
        `${TYPE}--b\nA: ${'x'.repeat(300_000)}\n--b\nContent-Type: message/delivery-status\n\nAction: failed\n--b--\n`,
      ),
    )
    expect(recipients).toHaveLength(1)
  })

  it('goes down five levels and no further', () => {
    expect(readReport(bytes(nest(5))).ok).toBe(true)
    expect(readReport(bytes(nest(6))).ok).toBe(false)
  })

  it('reads a thousand recipients and a hundred parts at most', () => {
    expect(read(status('Action: failed\n\n'.repeat(1_200))).recipients).toHaveLength(1_000)
    const late = `${'--b\n\nx\n'.repeat(100)}--b\nContent-Type: message/delivery-status\n\nAction: failed\n`
    expect(readReport(bytes(TYPE + late)).ok).toBe(false)
  })

  it('takes any bytes', () => {
    const piece = fc.oneof(
      fc.constantFrom('--b', '--b--', '\n', '\r\n', 'Content-Type: message/delivery-status', 'Action: failed', '\n\n'),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(typeof readReport(bytes(TYPE + pieces.join(''))).ok).toBe('boolean')
        expect(typeof readReport(bytes(pieces.join(''))).ok).toBe('boolean')
      }),
    )
  })

  it('takes ten megabytes of delimiters that are none, and a boundary of 200 KiB', () => {
    const long = 'a'.repeat(200_000)
    const lines = `--${'a'.repeat(999)}\n`.repeat(10_000)
    expect(readReport(bytes(`Content-Type: multipart/report; boundary=${long}\n\n${lines}`)).ok).toBe(false)
    expect(
      readReport(bytes(`Content-Type: multipart/report; boundary=${long}\n\n--${'a'.repeat(10_000_000)}`)).ok,
    ).toBe(false)
    expect(readReport(bytes(`${TYPE}${'--b'.repeat(3_400_000)}`)).ok).toBe(false)
  })
})
