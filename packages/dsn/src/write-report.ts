/**
 * Writes a delivery status notification: multipart/report (RFC 6522) with a part for people, a part for programs
 * (RFC 3464), and the original message or its header section.
 *
 * The envelope is the caller's: null reverse-path, to `report.to`, NOTIFY=NEVER at most (RFC 3461 §6.1). Returned
 * content is not copied: the caller streams it between `head` and `tail`.
 */

import { formatMailbox } from '@postroad/address'
import { concat, fromLatin1, fromUtf8, isAscii } from '@postroad/bytes'
import { createField, encodeWords, formatDate, formatMessageId, parseHeader, parseMessageIds } from '@postroad/message'
import type { HeaderField } from '@postroad/message'
import { isAsciiText } from './address-field.ts'
import type { Report, ReportParts } from './report.ts'
import { formatStatusPart, needsGlobal } from './status-part.ts'
import { englishTemplate } from './template.ts'
import { wrapText } from './wrap.ts'

/** Writes a report on one message. Returned header sections are cut at 64 KiB. */
export function writeReport(report: Report): ReportParts {
  const template = report.template ?? englishTemplate
  const boundary = `=_${report.boundary.replace(/[^A-Za-z0-9]/g, '').slice(0, 60)}`
  const global = needsGlobal(report)
  const full = returnsFull(report)
  const text = fromUtf8(wrapText(template.text(report)))
  const textIsAscii = isAscii(text)
  const returned = full ? NOTHING : cleanHeader(report.originalHeader)
  const returnedIsAscii = full ? !report.facts.eightBit : isAscii(returned)
  const eightBit = global || !textIsAscii || !returnedIsAscii

  const delimiter = fromLatin1(`--${boundary}\r\n`)
  const head = concat([
    ...reportHeader(report, boundary, eightBit).map(({ raw }) => raw),
    CRLF,
    delimiter,
    ...partHeader(`text/plain; charset=${textIsAscii ? 'us-ascii' : 'utf-8'}`, textIsAscii, template.language),
    text,
    CRLF,
    delimiter,
    ...partHeader(global ? 'message/global-delivery-status' : 'message/delivery-status', !global),
    formatStatusPart(report, global),
    CRLF,
    delimiter,
    ...partHeader(returnedType(full, full ? report.facts.utf8Header : !returnedIsAscii), returnedIsAscii),
    returned,
  ])
  return { head, original: full ? 'full' : 'headers', tail: fromLatin1(`\r\n--${boundary}--\r\n`) }
}

const NOTHING = new Uint8Array()
const CRLF = fromLatin1('\r\n')

/**
 * RFC 3461 §4.3: only a report of failure returns the message. Binary content cannot stand in a report that travels
 * by DATA; its header section is returned then.
 */
function returnsFull({ ret, facts, recipients }: Report): boolean {
  return ret === 'full' && !facts.binary && recipients.some(({ action }) => action === 'failed')
}

/** RFC 6533 §4.2, §4.3: types of their own where the header section is UTF-8. */
function returnedType(full: boolean, utf8: boolean): string {
  if (full) return utf8 ? 'message/global' : 'message/rfc822'
  return utf8 ? 'message/global-headers' : 'text/rfc822-headers'
}

function reportHeader(report: Report, boundary: string, eightBit: boolean): HeaderField[] {
  const template = report.template ?? englishTemplate
  const id = parseMessageIds(parseHeader(report.originalHeader).first('Message-ID')?.value ?? '')[0]
  return [
    createField('From', `${encodeWords(phrase(template.fromName))} <${formatMailbox(report.from)}>`),
    createField('To', `<${formatMailbox(report.to)}>`),
    createField('Subject', encodeWords(template.subject(report).slice(0, 500))),
    createField('Date', formatDate(report.at)),
    createField('Message-ID', formatMessageId(report.messageId, report.reportingMta)),
    // RFC 3834 §3.1.5: so that a mail client shows the report with the message.
    ...(id === undefined || !isAsciiText(id) || id.length > 900 ? [] : [createField('References', `<${id}>`)]),
    // RFC 3834 §5: nothing may answer this by itself.
    createField('Auto-Submitted', 'auto-replied'),
    createField('MIME-Version', '1.0'),
    createField('Content-Type', `multipart/report; report-type=delivery-status; boundary="${boundary}"`),
    ...(eightBit ? [createField('Content-Transfer-Encoding', '8bit')] : []),
  ]
}

/** A display name without the specials that would need quotes (RFC 5322 §3.2.3). */
function phrase(name: string): string {
  return name.replace(/[()<>[\]:;@\\,."]/g, '')
}

function partHeader(type: string, ascii: boolean, language?: string): Uint8Array[] {
  return [
    createField('Content-Type', type).raw,
    ...(language === undefined ? [] : [createField('Content-Language', language).raw]),
    ...(ascii ? [] : [createField('Content-Transfer-Encoding', '8bit').raw]),
    CRLF,
  ]
}

const MOST_HEADER_BYTES = 65_536

/** Header fields that can be sent: whole ones up to the limit, lines ended by CRLF, none over 998 octets, no NUL. */
function cleanHeader(header: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = []
  let left = MOST_HEADER_BYTES
  for (const { raw } of parseHeader(header).fields) {
    const lines = cleanLines(raw)
    for (const line of lines) left -= line.length
    if (left < 0) break
    chunks.push(...lines)
  }
  return concat(chunks)
}

function cleanLines(raw: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let line: number[] = []
  const end = (): void => {
    if (line.length > 0) lines.push(Uint8Array.from(line), CRLF)
    line = []
  }
  for (const byte of raw) {
    if (byte === 10) end()
    else if (byte !== 13 && byte !== 0) {
      if (line.length === 998) {
        end()
        line.push(32)
      }
      line.push(byte)
    }
  }
  end()
  return lines
}
