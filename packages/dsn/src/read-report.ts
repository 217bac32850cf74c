/**
 * Reads delivery status notifications (RFC 3464, RFC 6533) as other systems write them: lenient about blanks, case,
 * comments, angle brackets and line ends, and never throwing.
 */

import type { Result } from '@postroad/address'
import { equals, fromLatin1, indexOfByte } from '@postroad/bytes'
import { isStatus } from '@postroad/envelope'
import type { EnhancedStatusCode } from '@postroad/envelope'
import { parseDate, parseHeader, parseMessageIds } from '@postroad/message'
import type { Header, MailDate } from '@postroad/message'
import { parseTypedAddress, splitType } from './address-field.ts'
import type { TypedAddress } from './address-field.ts'
import { decodeBody, readPart, readParts } from './multipart.ts'
import type { Part } from './multipart.ts'
import type { ReportAction } from './report.ts'

/** Text with the type that says how to read it (RFC 3464 §2.1.2); `undefined` where none stood. */
export interface TypedText {
  /** In lower case: `dns`, `smtp` ... */
  readonly type: string | undefined
  readonly text: string
}

/** A delivery status notification, read. */
export interface DeliveryReportMessage {
  /** Who reports (RFC 3464 §2.2.2); `undefined` where the field is missing. */
  readonly reportingMta: TypedText | undefined
  /** RFC 3464 §2.2.1. */
  readonly envid: string | undefined
  readonly arrivalDate: MailDate | undefined
  /** In the report's order; may be empty. */
  readonly recipients: readonly ReportedRecipient[]
  /** Message-ID of the message that is reported on, without angle brackets; `undefined` where it was not returned. */
  readonly originalMessageId: string | undefined
  /** Its header section, as far as it was returned. */
  readonly originalHeader: Header | undefined
}

/** What a report says of one recipient (RFC 3464 §2.3). What is missing or cannot be read is `undefined`. */
export interface ReportedRecipient {
  readonly finalRecipient: TypedAddress | undefined
  readonly originalRecipient: TypedAddress | undefined
  readonly action: ReportAction | undefined
  readonly status: EnhancedStatusCode | undefined
  readonly diagnostic: TypedText | undefined
  readonly remoteMta: TypedText | undefined
  readonly lastAttemptDate: MailDate | undefined
  readonly willRetryUntil: MailDate | undefined
  /** All fields of the group, those of other programs too. */
  readonly fields: Header
}

/** How deep a report may lie in other multiparts, as list software and gateways wrap it. */
const MOST_DEPTH = 5

/**
 * Reads a message. A fault with rule `multipart/report` where there is no message/delivery-status part in it. Of more
 * than 1,000 recipients the first 1,000.
 *
 * @param message The whole message, header section and body.
 */
export function readReport(message: Uint8Array): Result<DeliveryReportMessage> {
  const whole = readPart(withoutSeparator(message))
  const parts = whole === undefined ? undefined : findReport(whole, 0)
  const status = parts?.find(isStatusPart)
  if (parts === undefined || status === undefined) {
    return { ok: false, error: { rule: 'multipart/report', offset: 0, expected: 'a message/delivery-status part' } }
  }
  const groups = splitGroups(decodeBody(status))
  const perMessage = groups.find((group) => !isRecipient(group))
  const original = parts.find((part) => isOriginal(part) && parts.indexOf(part) > parts.indexOf(status))
  const originalHeader = original && readPart(decodeBody(original))?.header
  return {
    ok: true,
    value: {
      reportingMta: typedText(perMessage, 'Reporting-MTA'),
      envid: perMessage?.first('Original-Envelope-Id')?.value,
      arrivalDate: dateOf(perMessage, 'Arrival-Date'),
      recipients: groups.filter(isRecipient).slice(0, MOST_RECIPIENTS).map(readRecipient),
      originalMessageId: parseMessageIds(originalHeader?.first('Message-ID')?.value ?? '')[0],
      originalHeader,
    },
  }
}

const MOST_RECIPIENTS = 1_000

const FROM = fromLatin1('From ')

/** The line that parts messages in mailbox files is no part of the message, and often comes with it. */
function withoutSeparator(message: Uint8Array): Uint8Array {
  return equals(message.subarray(0, FROM.length), FROM) ? message.subarray(indexOfByte(message, 10) + 1) : message
}

/** The parts of the first multipart that holds a delivery status. */
function findReport(part: Part, depth: number): readonly Part[] | undefined {
  const parts = readParts(part)
  if (parts.some(isStatusPart)) return parts
  if (depth === MOST_DEPTH) return undefined
  for (const inner of parts) {
    const found = findReport(inner, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

const STATUS_TYPES = new Set(['message/delivery-status', 'message/global-delivery-status'])
const ORIGINAL_TYPES = new Set(['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'])

const typeOf = ({ contentType: { type, subtype } }: Part): string => `${type}/${subtype}`
const isStatusPart = (part: Part): boolean => STATUS_TYPES.has(typeOf(part))
const isOriginal = (part: Part): boolean => ORIGINAL_TYPES.has(typeOf(part))

/** RFC 3464 §2.1: groups of fields, parted by empty lines; more empty lines than one do no harm. */
function splitGroups(bytes: Uint8Array): readonly Header[] {
  const groups: Header[] = []
  let groupStart = 0
  for (let start = 0; start < bytes.length;) {
    const lf = indexOfByte(bytes, 10, start)
    const end = lf === -1 ? bytes.length : lf + 1
    const isEmpty = bytes[start] === 10 || (bytes[start] === 13 && bytes[start + 1] === 10)
    if (isEmpty && start > groupStart) groups.push(parseHeader(bytes.subarray(groupStart, start)))
    if (isEmpty) groupStart = end
    start = end
  }
  if (groupStart < bytes.length) groups.push(parseHeader(bytes.subarray(groupStart)))
  return groups
}

function isRecipient(group: Header): boolean {
  return group.has('Final-Recipient') || group.has('Original-Recipient') || group.has('Action')
}

function readRecipient(fields: Header): ReportedRecipient {
  return {
    finalRecipient: parseTypedAddress(fields.first('Final-Recipient')?.value ?? ''),
    originalRecipient: parseTypedAddress(fields.first('Original-Recipient')?.value ?? ''),
    action: parseAction(fields.first('Action')?.value ?? ''),
    status: parseStatus(fields.first('Status')?.value ?? ''),
    diagnostic: typedText(fields, 'Diagnostic-Code'),
    remoteMta: typedText(fields, 'Remote-MTA'),
    lastAttemptDate: dateOf(fields, 'Last-Attempt-Date'),
    willRetryUntil: dateOf(fields, 'Will-Retry-Until'),
    fields,
  }
}

const ACTIONS: readonly ReportAction[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded']

/** RFC 3464 §2.3.3, in any case; a comment may follow. */
function parseAction(value: string): ReportAction | undefined {
  const word = firstWord(value).toLowerCase()
  return ACTIONS.find((action) => action === word)
}

/** RFC 3464 §2.3.4; a comment may follow. */
function parseStatus(value: string): EnhancedStatusCode | undefined {
  const word = firstWord(value)
  return isStatus(word) ? word : undefined
}

const firstWord = (value: string): string => /^[^\s(;]*/.exec(value)?.[0] ?? ''

function typedText(fields: Header | undefined, name: string): TypedText | undefined {
  const value = fields?.first(name)?.value
  return value === undefined ? undefined : splitType(value)
}

function dateOf(fields: Header | undefined, name: string): MailDate | undefined {
  const result = parseDate(fields?.first(name)?.value ?? '')
  return result.ok ? result.value : undefined
}
