/** The messages of the tests: text that a careless relay would change. */

import { mailboxOf } from '@postroad/address'
import type { DeliveryReport } from '@postroad/delivery'
import type { ContentSource, Envelope } from '@postroad/envelope'

/** From Eve to the recipients given, or to Ada. */
export function envelope(recipients: readonly string[] = ['ada@example.net'], more: Partial<Envelope> = {}): Envelope {
  return {
    reversePath: mailboxOf('eve@example.org'),
    recipients: recipients.map((text) => ({ mailbox: mailboxOf(text) })),
    ...more,
  }
}

/** What became of each recipient: `delivered`, `failed 5.1.1` ... */
export function kindsOf({ outcomes }: Pick<DeliveryReport, 'outcomes'>): readonly string[] {
  return outcomes.map((outcome) => ('status' in outcome ? `${outcome.kind} ${outcome.status}` : outcome.kind))
}

/** Content of text lines, none over 998 octets, as a source. */
export function sourceOf(content: Buffer): ContentSource {
  const text = content.toString('latin1')
  const lines = text.split('\r\n')
  return {
    facts: {
      sizeBytes: content.length,
      headerBytes: text.indexOf('\r\n\r\n') + 4,
      eightBit: content.some((byte) => byte > 127),
      binary: false,
      utf8Header: false,
      longestLineBytes: Math.max(...lines.map((line) => line.length)),
      dotLines: lines.filter((line) => line.startsWith('.')).length,
      endsWithCrlf: text.endsWith('\r\n'),
    },
    async *open() {
      yield content
    },
  }
}

const HEADER = [
  'From: Eve <eve@example.org>',
  'To: Ada <ada@example.net>',
  'Date: Sun, 22 Nov 2026 08:00:00 +0000',
  'Message-ID: <interop.1@example.org>',
  'Subject: as it was sent',
  '',
  '',
].join('\r\n')

/** Dots at the beginnings of lines, empty lines, white space at the end of lines, a line of 998 octets. */
export const DOTS: Buffer = Buffer.from(
  `${HEADER}.\r\n..\r\n...\r\n. \r\n.text\r\n\r\n\r\ntrailing \t\r\n.${'x'.repeat(996)}.\r\nFrom the start of a line\r\n.\r\n`,
)

/** Octets above 127, in UTF-8 and otherwise. */
export const EIGHT_BIT: Buffer = Buffer.concat([
  Buffer.from(
    HEADER.replace(
      'Subject:',
      'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nSubject:',
    ),
  ),
  Buffer.from('Grüße aus Tromsø\r\n'),
  Buffer.from([0xff, 0xfe, 0x80, 0x0d, 0x0a]),
])

/** UTF-8 in the header section (RFC 6532). */
export const UTF8_HEADER: Buffer = Buffer.from(HEADER.replace('as it was sent', 'Grüße'))

/** A mebibyte of text lines. */
export const MEBIBYTE: Buffer = Buffer.from(HEADER + `${'0123456789'.repeat(7)}\r\n`.repeat(Math.ceil(2 ** 20 / 72)))
