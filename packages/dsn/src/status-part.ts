/** Writes the part that programs read: message/delivery-status (RFC 3464 §2.1) and its UTF-8 form (RFC 6533 §4.1). */

import { formatMailbox } from '@postroad/address'
import { concat, fromLatin1, isAscii } from '@postroad/bytes'
import type { Reply } from '@postroad/envelope'
import { createField, formatDate } from '@postroad/message'
import { formatTypedAddress } from './address-field.ts'
import type { Report, ReportHost, ReportRecipient } from './report.ts'

/** Longest text of a peer that is shown; replies of many lines say nothing more for their length. */
export const LONGEST_REPLY = 1_000

const EMPTY_LINE = fromLatin1('\r\n')

/** A message/delivery-status part, or the form of it that may hold UTF-8. */
export interface StatusPart {
  /** Some of it is UTF-8: its type is message/global-delivery-status. */
  readonly global: boolean
  readonly body: Uint8Array
}

/**
 * The part: the group of the message, then one for each recipient, parted by empty lines.
 *
 * @param utf8 Whether it may hold UTF-8. It does only where ASCII would lose something (RFC 6533 §4.4).
 */
export function formatStatusPart(report: Report, utf8: boolean): StatusPart {
  const groups = [messageGroup(report, utf8), ...report.recipients.map((recipient) => recipientGroup(recipient, utf8))]
  const body = concat(groups.flatMap((group, index) => (index === 0 ? group : [EMPTY_LINE, ...group])))
  return { global: !isAscii(body), body }
}

type Group = readonly Uint8Array[]
/** A field, whose value may be several lines; none where it is `undefined`. */
type Row = readonly [name: string, value: string | readonly string[] | undefined]

function group(rows: readonly Row[], utf8: boolean): Group {
  return rows.flatMap(([name, value]) => {
    if (value === undefined) return []
    const lines = typeof value === 'string' ? [value] : value
    return lines.map((line, index) => {
      const { raw } = createField(name, utf8 ? line : line.replace(NOT_ASCII, '?'))
      // A line after the first begins at its blank: it continues the field.
      return index === 0 ? raw : raw.subarray(raw.indexOf(BLANK))
    })
  })
}

const NOT_ASCII = /[^\0-\u007f]/gu
const BLANK = 32

const date = (at: number | undefined): string | undefined => (at === undefined ? undefined : formatDate(at))

/** RFC 3464 §2.2. */
function messageGroup({ envid, reportingMta, receivedFrom, arrivalAt }: Report, utf8: boolean): Group {
  const rows: readonly Row[] = [
    ['Original-Envelope-Id', envid],
    // RFC 3461 §6.3: what is no name of the whole Internet must not be called one.
    ['Reporting-MTA', `${/[.[]/.test(reportingMta) ? 'dns' : 'x-local-hostname'}; ${reportingMta}`],
    ['Received-From-MTA', receivedFrom && formatHost(receivedFrom)],
    ['Arrival-Date', date(arrivalAt)],
  ]
  return group(rows, utf8)
}

/** RFC 3464 §2.3, in its order. */
function recipientGroup(recipient: ReportRecipient, utf8: boolean): Group {
  const { mailbox, orcpt, action, status, remote, lastAttemptAt, finalLogId, willRetryUntil } = recipient
  const rows: readonly Row[] = [
    ['Original-Recipient', orcpt && formatTypedAddress(orcpt, utf8)],
    ['Final-Recipient', formatTypedAddress({ type: 'rfc822', address: formatMailbox(mailbox) }, utf8)],
    ['Action', action],
    ['Status', status],
    ['Remote-MTA', remote && formatHost(remote)],
    ['Diagnostic-Code', diagnostic(recipient)],
    ['Last-Attempt-Date', date(lastAttemptAt)],
    ['Final-Log-ID', finalLogId],
    // RFC 3464 §2.3.9: in no other report than of a delay.
    ['Will-Retry-Until', action === 'delayed' ? date(willRetryUntil) : undefined],
  ]
  return group(rows, utf8)
}

/** RFC 3464 §2.2.4: the address is a comment. */
function formatHost({ host, address }: ReportHost): string {
  return `dns; ${host}${address === undefined ? '' : ` (${address})`}`
}

/** RFC 3464 §2.3.6; what is not a reply of SMTP has a type of ours. */
function diagnostic({ reply, reason }: ReportRecipient): string | readonly string[] | undefined {
  if (reply !== undefined) return transcribe(reply)
  return reason === undefined ? undefined : `x-postroad; ${reason.slice(0, LONGEST_REPLY).replace(LINE_ENDS, ' ')}`
}

/** RFC 3461 §9.2: the reply as it was, each line with its code. */
function transcribe({ code, status, lines }: Reply): readonly string[] {
  const prefix = status === undefined ? '' : `${status} `
  let left = LONGEST_REPLY
  const shown: string[] = []
  for (const line of lines) {
    if (left <= 0) break
    shown.push(`${prefix}${line.slice(0, left).replace(LINE_ENDS, ' ')}`.trimEnd())
    left -= line.length + 1
  }
  const last = shown.length - 1
  return shown.map((line, index) => `${index === 0 ? 'smtp; ' : ''}${code}${index < last ? '-' : ' '}${line}`)
}

const LINE_ENDS = /[\r\n]/g
