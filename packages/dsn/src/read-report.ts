/**
 * Reads delivery status notifications (RFC 3464, RFC 6533) as other systems write them: lenient about blanks, case,
 * comments, angle brackets, line ends, empty lines and words, and never throwing.
 */

import type { Result } from '@postroad/address'
import type { Header, MailDate } from '@postroad/message'
import { findReport } from './find-report.ts'
import type { ReportPlace } from './find-report.ts'
import { decodeBody, readPart } from './multipart.ts'
import type { Part } from './multipart.ts'
import { readOriginal } from './original.ts'
import { kindOf } from './report-kind.ts'
import { readRecipient } from './reported-recipient.ts'
import type { ReportedRecipient } from './reported-recipient.ts'
import { isStatusGroup, readStatusGroups } from './status-groups.ts'
import { dateOf, typedTextOf } from './typed-text.ts'
import type { TypedText } from './typed-text.ts'

/** A delivery status notification, read. What is missing or cannot be read is `undefined`. */
export interface DeliveryReportMessage {
  /** Whether the message is the report, or carries it. */
  readonly place: ReportPlace
  /** RFC 3464 §2.2.1. */
  readonly envid: string | undefined
  /** Who reports (RFC 3464 §2.2.2). */
  readonly reportingMta: TypedText | undefined
  /** Who made it of a report of another kind (RFC 3464 §2.2.3). */
  readonly dsnGateway: TypedText | undefined
  /** Who gave the message to the one who reports (RFC 3464 §2.2.4). */
  readonly receivedFromMta: TypedText | undefined
  /** When the one who reports took the message (RFC 3464 §2.2.5). */
  readonly arrivalDate: MailDate | undefined
  /** In the report's order; may be empty. */
  readonly recipients: readonly ReportedRecipient[]
  /** All fields about the message, those of other programs too; may be empty. */
  readonly fields: Header
  /**
   * Message-ID of the message that is reported on, without angle brackets: from what was returned of it, or from fields
   * of the report.
   */
  readonly originalMessageId: string | undefined
  /** Its header section, as far as it was returned. */
  readonly originalHeader: Header | undefined
}

const MOST_RECIPIENTS = 1_000

/**
 * Reads a message. A fault with rule `multipart/report` where there is no message/delivery-status part in it. Of more
 * than 1,000 recipients the first 1,000.
 *
 * @param message The whole message, header section and body. Keep a bound: it is read where it lies in memory.
 */
export function readReport(message: Uint8Array): Result<DeliveryReportMessage> {
  const found = findReport(message, { isWanted: isStatusPart, looksWanted: looksLikeStatus })
  if (found === undefined) {
    return { ok: false, error: { rule: 'multipart/report', offset: 0, expected: 'a message/delivery-status part' } }
  }
  const { perMessage, recipients } = readStatusGroups(found.part.header, decodeBody(found.part))
  const original = readOriginal(found, perMessage)
  return {
    ok: true,
    value: {
      place: found.place,
      envid: perMessage.first('Original-Envelope-Id')?.value,
      reportingMta: typedTextOf(perMessage, 'Reporting-MTA'),
      dsnGateway: typedTextOf(perMessage, 'DSN-Gateway'),
      receivedFromMta: typedTextOf(perMessage, 'Received-From-MTA'),
      arrivalDate: dateOf(perMessage, 'Arrival-Date'),
      recipients: recipients.slice(0, MOST_RECIPIENTS).map(readRecipient),
      fields: perMessage,
      originalMessageId: original.messageId,
      originalHeader: original.header,
    },
  }
}

const isStatusPart = (part: Part): boolean => kindOf(part) === 'delivery-status'

/** What begins with fields of a report of delivery, by whatever type. */
function looksLikeStatus(part: Part): boolean {
  if (kindOf(part) !== undefined) return false
  const begin = readPart(decodeBody(part))
  return begin !== undefined && isStatusGroup(begin.header)
}
