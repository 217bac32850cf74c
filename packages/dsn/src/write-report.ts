/**
 * Writes a delivery status notification: multipart/report (RFC 6522) with a part for people, a part for programs
 * (RFC 3464, RFC 6533), and the original message or its header section.
 *
 * The envelope is the caller's: null reverse-path, to `report.to`, NOTIFY=NEVER at most, no RET (RFC 3461 §6.1).
 * Returned content is not copied: the caller streams `range` of it between `head` and `tail`.
 */

import { domainToAscii, formatMailbox, needsSmtputf8 } from '@postroad/address'
import type { Mailbox } from '@postroad/address'
import { concat, fromLatin1, fromUtf8, isAscii, toUtf8Strict } from '@postroad/bytes'
import {
  createField,
  encodeWords,
  formatDate,
  formatMessageId,
  parseContentType,
  parseHeader,
  parseMessageIds,
} from '@postroad/message'
import type { Header, HeaderField } from '@postroad/message'
import { isAsciiText } from './address-field.ts'
import { encodePart, encodeReadably } from './part-encoding.ts'
import type { EncodedPart } from './part-encoding.ts'
import type { Report, ReportParts, ReportTransport } from './report.ts'
import { cleanHeader } from './returned-header.ts'
import { formatStatusPart } from './status-part.ts'
import { englishTemplate } from './template.ts'
import { wrapText } from './wrap.ts'

/** Writes a report on one message. Returned header sections are cut at 64 KiB. */
export function writeReport(report: Report): ReportParts {
  const { facts, template = englishTemplate, transport = transportOf(report) } = report
  const original = parseHeader(report.originalHeader)
  const text = textPart(fromUtf8(wrapText(template.text(report))), template.language, transport)
  const status = statusPart(report, transport)
  const full = returnsFull(report, original, transport)
  const returned = full ? contentPart(report, transport) : headerPart(report.originalHeader, transport)
  const parts = [text, status, returned]

  const boundary = `=_${report.boundary.replace(/[^A-Za-z0-9]/g, '').slice(0, 60)}`
  const eightBit = parts.some(({ encoding }) => encoding === '8bit')
  const head = concat([
    ...reportHeader(report, original, boundary, status.type, eightBit).map(({ raw }) => raw),
    ...parts.flatMap((part) => [fromLatin1(`\r\n--${boundary}\r\n`), ...formatPart(part)]),
  ])
  return {
    head,
    original: full ? 'full' : 'headers',
    encoding: full && returned.encoding === 'base64' ? 'base64' : 'identity',
    range: { start: 0, end: full ? facts.sizeBytes : 0 },
    tail: fromLatin1(`\r\n--${boundary}--\r\n`),
  }
}

/** One part of the report, ready to be written. */
interface WrittenPart extends EncodedPart {
  /** Value of Content-Type. */
  readonly type: string
  readonly language?: string
}

const NOTHING = new Uint8Array()
const CRLF = fromLatin1('\r\n')
const MOST_RETURNED_BYTES = 10_485_760

/** RFC 6531 §3.4: a message that came with SMTPUTF8 has a way back that takes it, or has none. */
function transportOf({ facts, to }: Report): ReportTransport {
  return facts.utf8Header || needsSmtputf8(to) ? 'smtputf8' : '8bitmime'
}

function textPart(text: Uint8Array, language: string, transport: ReportTransport): WrittenPart {
  const type = `text/plain; charset=${isAscii(text) ? 'us-ascii' : 'utf-8'}`
  return { type, language, ...encodePart(text, transport !== '7bit') }
}

/** RFC 6533 §4.1, §4.4: the UTF-8 form only where the way back takes it, and where it is needed. */
function statusPart(report: Report, transport: ReportTransport): WrittenPart {
  const { global, body } = formatStatusPart(report, transport === 'smtputf8')
  return { type: `message/${global ? 'global-' : ''}delivery-status`, ...encodePart(body, true) }
}

/** RFC 6533 §4.2, §4.5: UTF-8 header sections have a type of their own, which alone may be encoded. */
function contentPart({ facts }: Report, transport: ReportTransport): WrittenPart {
  if (!facts.utf8Header) return { type: 'message/rfc822', encoding: facts.eightBit ? '8bit' : '7bit', body: NOTHING }
  return { type: 'message/global', encoding: transport === 'smtputf8' ? '8bit' : 'base64', body: NOTHING }
}

/** RFC 6533 §4.3 where it is UTF-8; else RFC 6522 §4, which knows quoted-printable alone. */
function headerPart(originalHeader: Uint8Array, transport: ReportTransport): WrittenPart {
  const header = cleanHeader(originalHeader)
  if (isAscii(header) || toUtf8Strict(header) === undefined) {
    return { type: 'text/rfc822-headers', ...encodeReadably(header) }
  }
  return { type: 'message/global-headers', ...encodePart(header, transport === 'smtputf8') }
}

/**
 * Whether the content goes back whole. RFC 3461 §4.3: only a report of failure returns the message. RFC 3461 §6.2: not
 * what is too large. RFC 6522 §3: what the way back cannot carry as it is goes back as its header section. And a report
 * that was sent with a reverse-path, as it must not be, does not grow by being returned in a report.
 */
function returnsFull(report: Report, original: Header, transport: ReportTransport): boolean {
  const { ret, facts, recipients, maxReturnedBytes = MOST_RETURNED_BYTES } = report
  if (ret === 'hdrs' || !recipients.some(({ action }) => action === 'failed')) return false
  if (facts.binary || facts.sizeBytes > maxReturnedBytes) return false
  if (transport === '7bit' && facts.eightBit && !facts.utf8Header) return false
  const { type, subtype } = parseContentType(original.first('Content-Type')?.value)
  return type !== 'multipart' || subtype !== 'report'
}

function reportHeader(
  report: Report,
  original: Header,
  boundary: string,
  statusType: string,
  eightBit: boolean,
): HeaderField[] {
  const { template = englishTemplate } = report
  // RFC 6522 §3: the subtype of the part for programs.
  const reportType = statusType.slice('message/'.length)
  return [
    createField('From', `${encodeWords(phrase(template.fromName))} <${formatAddress(report.from)}>`),
    createField('To', `<${formatAddress(report.to)}>`),
    createField('Subject', encodeWords(template.subject(report).slice(0, 500))),
    createField('Date', formatDate(report.at)),
    createField('Message-ID', formatMessageId(report.messageId, report.reportingMta)),
    ...threadFields(original),
    // RFC 3834 §3.1.7: so that nothing answers this by itself; RFC 3834 §5.2: not auto-generated.
    createField('Auto-Submitted', 'auto-replied'),
    createField('MIME-Version', '1.0'),
    createField('Content-Type', `multipart/report; report-type=${reportType}; boundary="${boundary}"`),
    ...(eightBit ? [createField('Content-Transfer-Encoding', '8bit')] : []),
  ]
}

const MOST_REFERENCES = 20

/** RFC 3834 §3.1.6, RFC 5322 §3.6.4: so that a mail client shows the report with the message. */
function threadFields(original: Header): HeaderField[] {
  const idsOf = (name: string): string[] =>
    parseMessageIds(original.first(name)?.value ?? '').filter((each) => isAsciiText(each) && each.length <= 900)
  const [id] = idsOf('Message-ID')
  if (id === undefined) return []
  const earlier = idsOf('References').slice(-MOST_REFERENCES)
  return [
    createField('In-Reply-To', `<${id}>`),
    createField('References', [...earlier, id].map((each) => `<${each}>`).join(' ')),
  ]
}

/** RFC 6531 §3.2: in A-labels, for which no way back needs SMTPUTF8, unless the local part needs it anyway. */
function formatAddress(mailbox: Mailbox): string {
  const ascii = needsSmtputf8(mailbox) ? undefined : domainToAscii(mailbox.domain)
  return formatMailbox(ascii?.ok === true ? { ...mailbox, domain: ascii.value } : mailbox)
}

/** A display name without the specials that would need quotes (RFC 5322 §3.2.3). */
function phrase(name: string): string {
  return name.replace(/[()<>[\]:;@\\,."]/g, '')
}

function formatPart({ type, language, encoding, body }: WrittenPart): Uint8Array[] {
  const fields = [
    createField('Content-Type', type),
    ...(language === undefined ? [] : [createField('Content-Language', language)]),
    ...(encoding === '7bit' ? [] : [createField('Content-Transfer-Encoding', encoding)]),
  ]
  return [...fields.map(({ raw }) => raw), CRLF, body]
}
