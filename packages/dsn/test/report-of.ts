/** A report to start from, and what tests make of it. */

import { mailboxOf } from '@postroad/address'
import type { ContentFacts } from '@postroad/envelope'
import { ContentScanner } from '@postroad/message'
import type { Report, ReportParts, ReportRecipient } from '../src/index.ts'

export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'))
export const text = (value: Uint8Array): string => Buffer.from(value).toString('utf8')

export function factsOf(content: Uint8Array): ContentFacts {
  const scanner = new ContentScanner()
  scanner.push(content)
  return scanner.finish()
}

export const AT = Date.UTC(2025, 10, 21, 9, 55, 6)
export const HEADER = 'From: ada@example.org\r\nSubject: Lunch\r\nMessage-ID: <lunch.1@example.org>\r\n'
export const CONTENT = `${HEADER}\r\nAre you free?\r\n`

export const failed: ReportRecipient = {
  mailbox: mailboxOf('bob@example.net'),
  action: 'failed',
  status: '5.1.1',
  reply: { code: 550, status: '5.1.1', lines: ['No such user here'] },
  remote: { host: 'mx.example.net', address: '192.0.2.7' },
  lastAttemptAt: AT - 1_000,
}

/** A report of one failure, with changes. */
export function reportOf(changes: Partial<Report> = {}, content = CONTENT): Report {
  return {
    reportingMta: 'mta.example.org',
    from: mailboxOf('MAILER-DAEMON@mta.example.org'),
    to: mailboxOf('ada@example.org'),
    arrivalAt: AT - 60_000,
    recipients: [failed],
    originalHeader: bytes(content.slice(0, content.indexOf('\r\n\r\n') + 2)),
    ret: 'hdrs',
    facts: factsOf(bytes(content)),
    messageId: '01REPORT',
    boundary: 'abcdefghijklmnop',
    at: AT,
    ...changes,
  }
}

/** The whole report, as the caller sends it. */
export function assemble({ head, encoding, range, tail }: ReportParts, content = CONTENT): Uint8Array {
  const original = Buffer.from(content).subarray(range.start, range.end)
  const encoded = encoding === 'base64' ? Buffer.from(original.toString('base64')) : original
  return new Uint8Array(Buffer.concat([head, encoded, tail]))
}
