/** The kinds of reports that mail carries (RFC 6522 §3), by the type of their part for programs. */

import { findReport } from './find-report.ts'
import type { Part } from './multipart.ts'

/** RFC 3464, RFC 8098, RFC 5965 (abuse reports: ARF). */
export type ReportKind = 'delivery-status' | 'disposition-notification' | 'feedback-report'

const KINDS: ReadonlyMap<string, ReportKind> = new Map([
  ['message/delivery-status', 'delivery-status'],
  ['message/global-delivery-status', 'delivery-status'],
  ['message/disposition-notification', 'disposition-notification'],
  ['message/global-disposition-notification', 'disposition-notification'],
  ['message/feedback-report', 'feedback-report'],
])

/** The kind of report whose part for programs this is; `undefined` for other parts. */
export function kindOf({ contentType: { type, subtype } }: Part): ReportKind | undefined {
  return KINDS.get(`${type}/${subtype}`)
}

/**
 * The kind of report that a message is or carries; `undefined` for other messages. `readReport` may read a delivery
 * status notification all the same, where its part for programs has a wrong type.
 *
 * @param message The whole message, header section and body.
 */
export function reportKind(message: Uint8Array): ReportKind | undefined {
  const found = findReport(message, { isWanted: (part) => kindOf(part) !== undefined })
  return found && kindOf(found.part)
}
