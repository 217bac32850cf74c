import { describe, expect, it } from 'vitest'
import { readReport, reportKind } from '../src/index.ts'
import { bytes } from './report-of.ts'

const REPORT = [
  'From: MAILER-DAEMON@example.org',
  'Message-ID: <report@example.org>',
  'Content-Type: multipart/report; report-type=delivery-status; boundary="b/1"',
  '',
  '--b/1',
  '',
  'It failed.',
  '--b/1',
  'Content-Description: Report',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; a',
  '',
  'Final-Recipient: rfc822; ada@example.org',
  'Action: failed',
  '',
  '--b/1',
  'Content-Type: text/rfc822-headers',
  '',
  'Message-ID: <1@a>',
  '--b/1--',
  '',
].join('\n')

const attach = (message: string, type = 'message/rfc822'): string =>
  `Subject: fwd\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nlook\n--o\nContent-Type: ${type}\n\n${message}\n--o--\n`

const BODY = REPORT.slice(REPORT.indexOf('\n\n') + 2)

describe('readReport', () => {
  it.each([
    { what: 'the message itself', message: REPORT, place: 'message' },
    {
      what: 'a part of another multipart',
      message: attach(BODY, 'multipart/report; boundary="b/1"'),
      place: 'message',
    },
    { what: 'an attached message', message: attach(REPORT), place: 'attached' },
    { what: 'an attached message/global', message: attach(REPORT, 'message/global'), place: 'attached' },
    {
      what: 'an attached message with a line of a mailbox file',
      message: attach(`From x\n${REPORT}`),
      place: 'attached',
    },
    { what: 'a message that lost its Content-Type', message: `Subject: x\n\n${BODY}`, place: 'text' },
    { what: 'the same with CRLF', message: `Subject: x\n\n${BODY}`.replaceAll('\n', '\r\n'), place: 'text' },
    { what: 'text that holds a whole report', message: `Subject: x\n\nSee:\n----\n${REPORT}`, place: 'text' },
    { what: 'a boundary that is another', message: REPORT.replace('boundary="b/1"', 'boundary=c'), place: 'text' },
    {
      what: 'a part of plain text in a multipart/report',
      message: REPORT.replace('message/delivery-status\n', 'text/plain\n'),
      place: 'message',
    },
  ])('finds a report in $what', ({ message, place }) => {
    expect(readReport(bytes(message))).toMatchObject({
      ok: true,
      value: {
        place,
        reportingMta: { text: 'a' },
        recipients: [{ finalRecipient: { address: 'ada@example.org' }, action: 'failed' }],
        originalMessageId: '1@a',
      },
    })
  })

  it.each([
    { what: 'quoted text', message: `Subject: x\n\n${BODY.replaceAll(/^/gm, '> ')}` },
    { what: 'no delimiter', message: 'Subject: x\n\nContent-Type: message/delivery-status\n\nAction: failed\n' },
    {
      what: 'an empty line between',
      message: 'Subject: x\n\n--b\n\nContent-Type: message/delivery-status\n\nAction: failed\n',
    },
    { what: 'another type', message: 'Subject: x\n\n--b\nContent-Type: text/plain\n\nAction: failed\n' },
    {
      what: 'a header section too large',
      message: `Subject: x\n\n--b\nContent-Type: x/y\nX: ${'x'.repeat(300_000)}\n`,
    },
    { what: 'text in a multipart', message: attach(BODY, 'text/plain') },
    { what: 'an attached message whose header section is too large', message: attach(`A: ${'x'.repeat(300_000)}\n\n`) },
    { what: 'plain text in no multipart/report', message: attach('Final-Recipient: rfc822; a@b\n', 'text/plain') },
    {
      what: 'a multipart/report of nothing known',
      message: `Content-Type: multipart/report; boundary=b\n\n--b\n\nA: ${'x'.repeat(300_000)}\n--b\n\nReporting-UA: x\n--b--\n`,
    },
  ])('finds none in $what', ({ message }) => {
    expect(readReport(bytes(message)).ok).toBe(false)
  })

  it('goes down five levels of attached messages and no further', () => {
    const nest = (depth: number): string =>
      depth === 0 ? REPORT : `Content-Type: message/rfc822\n\n${nest(depth - 1)}`
    expect(readReport(bytes(nest(5))).ok).toBe(true)
    expect(readReport(bytes(nest(6))).ok).toBe(false)
  })

  it('takes megabytes of delimiters that are followed by types', () => {
    expect(readReport(bytes(`\n${'--b\nContent-Type: message/x\n'.repeat(20_000)}`)).ok).toBe(false)
    expect(readReport(bytes(`\n${'--b\nContent-Type: message/x\n\n'.repeat(20_000)}`)).ok).toBe(false)
    expect(readReport(bytes(`\n${'--b\nContent-Type: text/plain\n'.repeat(100_000)}`)).ok).toBe(false)
    // Delimiters that are fields too: each would be the begin of a header section without an end.
    expect(readReport(bytes(`\n${'--:\nContent-Type: message/\n'.repeat(300_000)}`)).ok).toBe(false)
    expect(readReport(bytes(`\n${'--b\n'.repeat(500_000)}Content-Type:`)).ok).toBe(false)
  })
})

describe('reportKind', () => {
  it.each([
    { type: 'message/delivery-status', kind: 'delivery-status' },
    { type: 'message/global-delivery-status', kind: 'delivery-status' },
    { type: 'message/disposition-notification', kind: 'disposition-notification' },
    { type: 'Message/Global-Disposition-Notification', kind: 'disposition-notification' },
    { type: 'message/feedback-report', kind: 'feedback-report' },
    { type: 'text/plain', kind: undefined },
  ])('knows $type (RFC 6522 §3)', ({ type, kind }) => {
    expect(reportKind(bytes(REPORT.replace('message/delivery-status\n', `${type}\n`)))).toBe(kind)
  })

  it('knows nothing of no message', () => {
    expect(reportKind(bytes(`A: ${'x'.repeat(300_000)}\n\n`))).toBeUndefined()
  })
})
