import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readReport, writeReport } from '../src/index.ts'
import type { DeliveryReportMessage, ReportRecipient } from '../src/index.ts'
import { assemble, AT, bytes, failed, mailbox, reportOf } from './report-of.ts'

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
        mailbox: local.map((text) => mailbox(`${text}@example.net`)),
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

  it.each([
    {
      what: 'comments and case',
      fields:
        'Reporting-MTA: DNS;x\n\nfinal-recipient: RFC822 ; <a@b>\nAction: Failed (really)\nStatus: 5.1.1 (no user)\n',
      address: { type: 'rfc822', address: 'a@b' },
      action: 'failed',
      status: '5.1.1',
    },
    {
      what: 'an address without a type',
      fields: 'Final-Recipient: a@b\nAction: delayed;x\n',
      address: { type: 'rfc822', address: 'a@b' },
      action: 'delayed',
      status: undefined,
    },
    {
      what: 'unitext (RFC 6533 §3)',
      fields: 'Final-Recipient: utf-8; j\\x{FC}rgen@b\\x{110000}\\x{D800}\n',
      address: { type: 'utf-8', address: 'jürgen@b\\x{110000}\\x{D800}' },
      action: undefined,
      status: undefined,
    },
    {
      what: 'values out of form',
      fields: 'Final-Recipient: rfc822;\nAction: bounced\nStatus: 5.1\n',
      address: undefined,
      action: undefined,
      status: undefined,
    },
    {
      what: 'many empty lines',
      fields: '\n\nReporting-MTA: x\n\n\n\nFinal-Recipient: rfc822; a@b\n\n\n',
      address: { type: 'rfc822', address: 'a@b' },
      action: undefined,
      status: undefined,
    },
    {
      what: 'no line end at the end',
      fields: 'Final-Recipient: rfc822; a@b',
      address: { type: 'rfc822', address: 'a@b' },
      action: undefined,
      status: undefined,
    },
  ])('reads $what', ({ fields, address, action, status: code }) => {
    const { recipients } = read(status(fields))
    expect(recipients).toHaveLength(1)
    expect(recipients[0]).toMatchObject({ finalRecipient: address, action, status: code })
  })

  it('knows what stands in no group', () => {
    expect(read(status(''))).toEqual({
      reportingMta: undefined,
      envid: undefined,
      arrivalDate: undefined,
      recipients: [],
      originalMessageId: undefined,
      originalHeader: undefined,
    })
    expect(read(status('Reporting-MTA: untyped')).reportingMta).toEqual({ type: undefined, text: 'untyped' })
  })

  it.each(['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'])(
    'finds the Message-ID in %s',
    (type) => {
      expect(read(status('Action: failed', `Content-Type: ${type}\n\nMessage-ID: <1@a>\n`)).originalMessageId).toBe(
        '1@a',
      )
    },
  )

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
        expect(readReport(bytes(TYPE + pieces.join('')))).toHaveProperty('ok')
        expect(readReport(bytes(pieces.join('')))).toHaveProperty('ok')
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
