/**
 * Reads message disposition notifications (RFC 8098, RFC 6533 §5): what a recipient's mail client did with a message.
 *
 * ```abnf
 * disposition-field    = "Disposition" ":" OWS disposition-mode OWS ";" OWS disposition-type
 *                        [ OWS "/" OWS disposition-modifier *( OWS "," OWS disposition-modifier ) ] OWS
 * disposition-mode     = action-mode OWS "/" OWS sending-mode
 * ```
 */

import type { Result } from '@postroad/address'
import type { Header } from '@postroad/message'
import { parseTypedAddress } from './address-field.ts'
import type { TypedAddress } from './address-field.ts'
import { withoutComments } from './comment.ts'
import { findReport } from './find-report.ts'
import type { ReportPlace } from './find-report.ts'
import { decodeBody, readPart } from './multipart.ts'
import type { Part } from './multipart.ts'
import { readOriginal } from './original.ts'
import { kindOf } from './report-kind.ts'
import { typedTextOf, valueOf } from './typed-text.ts'
import type { TypedText } from './typed-text.ts'

/** What was done (RFC 8098 §3.2.6). What is missing, or no word of the RFC, is `undefined`. */
export interface Disposition {
  /** `automatic`: not because the recipient said so for this message. */
  readonly action: 'manual' | 'automatic' | undefined
  /** Whether the recipient agreed to this notification, or to all. */
  readonly sending: 'manual' | 'automatic' | undefined
  /** `denied` and `failed` are of RFC 2298, which came before. */
  readonly type: 'displayed' | 'dispatched' | 'processed' | 'deleted' | 'denied' | 'failed' | undefined
  /** In lower case; `error` among them where something went wrong. */
  readonly modifiers: readonly string[]
}

/** A disposition notification, read. What is missing or cannot be read is `undefined`. */
export interface DispositionMessage {
  /** Whether the message is the notification, or carries it. */
  readonly place: ReportPlace
  /** Name and product (RFC 8098 §3.2.1), as written. */
  readonly reportingUa: string | undefined
  /** Who made it of a notification of another kind (RFC 8098 §3.2.2). */
  readonly mdnGateway: TypedText | undefined
  /** As the sender gave it (RFC 8098 §3.2.3); `undefined` where nobody on the way kept it. */
  readonly originalRecipient: TypedAddress | undefined
  /** The mailbox whose mail client reports (RFC 8098 §3.2.4). */
  readonly finalRecipient: TypedAddress | undefined
  /** Without angle brackets: from its field (RFC 8098 §3.2.5), else from what was returned of the message. */
  readonly originalMessageId: string | undefined
  /** Always there: without its field, or with one that cannot be read, nothing in it is known. */
  readonly disposition: Disposition
  /** RFC 8098 §3.2.7; may be empty. */
  readonly errors: readonly string[]
  /** All fields, those of other programs too. */
  readonly fields: Header
  /** Header section of the message that it is about, as far as it was returned. */
  readonly originalHeader: Header | undefined
}

/**
 * Reads a message. A fault with rule `multipart/report` where there is no message/disposition-notification part in it.
 *
 * @param message The whole message, header section and body. Keep a bound: it is read where it lies in memory.
 */
export function readDisposition(message: Uint8Array): Result<DispositionMessage> {
  const found = findReport(message, { isWanted: isDispositionPart })
  // Blank lines in front are no end of the fields.
  const fields = found && readPart(trimLineEnds(decodeBody(found.part)))?.header
  if (found === undefined || fields === undefined) {
    const expected = 'a message/disposition-notification part'
    return { ok: false, error: { rule: 'multipart/report', offset: 0, expected } }
  }
  const original = readOriginal(found, fields)
  return {
    ok: true,
    value: {
      place: found.place,
      reportingUa: fields.first('Reporting-UA')?.value,
      mdnGateway: typedTextOf(fields, 'MDN-Gateway'),
      originalRecipient: parseTypedAddress(valueOf(fields, 'Original-Recipient')),
      finalRecipient: parseTypedAddress(valueOf(fields, 'Final-Recipient')),
      originalMessageId: original.messageId,
      disposition: parseDisposition(valueOf(fields, 'Disposition')),
      errors: fields.all('Error').map(({ value }) => value),
      fields,
      originalHeader: original.header,
    },
  }
}

const isDispositionPart = (part: Part): boolean => kindOf(part) === 'disposition-notification'

function trimLineEnds(body: Uint8Array): Uint8Array {
  const start = body.findIndex((byte) => byte !== 13 && byte !== 10)
  return start === -1 ? body : body.subarray(start)
}

const TYPES = ['displayed', 'dispatched', 'processed', 'deleted', 'denied', 'failed'] as const

function parseDisposition(value: string): Disposition {
  const [mode = '', kind = ''] = withoutComments(value).toLowerCase().split(';', 2)
  const [action = '', sending = ''] = mode.split('/', 2).map((word) => word.trim())
  const slash = kind.indexOf('/')
  const type = (slash === -1 ? kind : kind.slice(0, slash)).trim()
  const modifiers = slash === -1 ? [] : kind.slice(slash + 1).split(',')
  return {
    action: action === 'manual-action' ? 'manual' : action === 'automatic-action' ? 'automatic' : undefined,
    sending:
      sending === 'mdn-sent-manually' ? 'manual' : sending === 'mdn-sent-automatically' ? 'automatic' : undefined,
    type: TYPES.find((word) => word === type),
    modifiers: modifiers.map((word) => word.trim()).filter((word) => word !== ''),
  }
}
