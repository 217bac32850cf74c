/** Writes the part that programs read: message/delivery-status (RFC 3464 §2.1) and its UTF-8 form (RFC 6533 §4.1). */

import { formatMailbox } from '@postroad/address'
import { concat, fromLatin1 } from '@postroad/bytes'
import { formatReply } from '@postroad/envelope'
import { createField, formatDate } from '@postroad/message'
import { formatTypedAddress, isAsciiText } from './address-field.ts'
import type { Report, ReportRecipient } from './report.ts'

/** Longest text of a peer that is shown; replies of many lines say nothing more for their length. */
export const LONGEST_REPLY = 1_000

const EMPTY_LINE = fromLatin1('\r\n')

/** Whether an address of the report needs the UTF-8 form (RFC 6533 §4). */
export function needsGlobal(report: Report): boolean {
  return report.recipients.some(
    ({ mailbox, orcpt }) =>
      !isAsciiText(formatMailbox(mailbox)) || (orcpt !== undefined && !isAsciiText(orcpt.address)),
  )
}

/** The body of the part: the group of the message, then one for each recipient, parted by empty lines. */
export function formatStatusPart(report: Report, global: boolean): Uint8Array {
  const groups = [
    messageGroup(report, global),
    ...report.recipients.map((recipient) => recipientGroup(recipient, global)),
  ]
  return concat(groups.flatMap((group, index) => (index === 0 ? group : [EMPTY_LINE, ...group])))
}

type Group = readonly Uint8Array[]
type Row = readonly [name: string, value: string | undefined]

function group(rows: readonly Row[], global: boolean): Group {
  return rows.flatMap(([name, value]) => {
    if (value === undefined) return []
    return [createField(name, global ? value : value.replace(/[^\0-\u007f]/g, '?')).raw]
  })
}

const date = (at: number | undefined): string | undefined => (at === undefined ? undefined : formatDate(at))

/** RFC 3464 §2.2. */
function messageGroup({ envid, reportingMta, arrivalAt }: Report, global: boolean): Group {
  const rows: readonly Row[] = [
    ['Original-Envelope-Id', envid],
    ['Reporting-MTA', `dns; ${reportingMta}`],
    ['Arrival-Date', date(arrivalAt)],
  ]
  return group(rows, global)
}

/** RFC 3464 §2.3. */
function recipientGroup(recipient: ReportRecipient, global: boolean): Group {
  const { mailbox, orcpt, action, status, remote, lastAttemptAt, willRetryUntil } = recipient
  const rows: readonly Row[] = [
    ['Original-Recipient', orcpt && formatTypedAddress(orcpt)],
    ['Final-Recipient', formatTypedAddress({ type: 'rfc822', address: formatMailbox(mailbox) })],
    ['Action', action],
    ['Status', status],
    ['Remote-MTA', remote && `dns; ${remote.host}${remote.address === undefined ? '' : ` (${remote.address})`}`],
    ['Diagnostic-Code', diagnostic(recipient)],
    ['Last-Attempt-Date', date(lastAttemptAt)],
    // RFC 3464 §2.3.9: in no other report than of a delay.
    ['Will-Retry-Until', action === 'delayed' ? date(willRetryUntil) : undefined],
  ]
  return group(rows, global)
}

/** RFC 3464 §2.3.6; what is not a reply of SMTP has a type of ours. */
function diagnostic({ reply, reason }: ReportRecipient): string | undefined {
  if (reply !== undefined) return `smtp; ${formatReply(reply).slice(0, LONGEST_REPLY)}`
  return reason === undefined ? undefined : `x-postroad; ${reason.slice(0, LONGEST_REPLY)}`
}
