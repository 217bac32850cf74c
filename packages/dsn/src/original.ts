/** The original message of a report (RFC 6522 §3): what was returned of it, and its Message-ID wherever that stands. */

import { parseMessageIds } from '@postroad/message'
import type { Header } from '@postroad/message'
import type { FoundReport } from './find-report.ts'
import { decodeBody, readPart } from './multipart.ts'
import type { Part } from './multipart.ts'
import { valueOf } from './typed-text.ts'

/** What is known of the original message. */
export interface OriginalMessage {
  /** Its header section, as far as it was returned; `undefined` where nothing was. */
  readonly header: Header | undefined
  /** Without angle brackets; `undefined` where nothing tells it. */
  readonly messageId: string | undefined
}

/** Whether a part is what was returned of the original message. */
export function isReturned({ contentType: { type, subtype } }: Part): boolean {
  return TYPES.has(`${type}/${subtype}`)
}

/** RFC 6522 §4, RFC 6533 §4.2, §4.3, and names that are written in place of theirs. */
const TYPES = new Set([
  'message/rfc822',
  'text/rfc822-headers',
  'message/global',
  'message/global-headers',
  'message/rfc822-headers',
  'text/rfc822-header',
  'text/rfc822',
])

/**
 * Reads what was returned: the first such part behind the one for programs, else before it.
 *
 * @param fields Fields of the report: Original-Message-ID among them names the Message-ID (RFC 8098 §3.2.5), else what was
 *   returned does, else X-Original-Message-ID or In-Reply-To of the report (RFC 3834 §3.1.6).
 */
export function readOriginal({ parts, part, header: outer }: FoundReport, fields: Header): OriginalMessage {
  const original = parts.slice(parts.indexOf(part)).find(isReturned) ?? parts.find(isReturned)
  const header = original && readPart(decodeBody(original))?.header
  const values = [
    valueOf(fields, 'Original-Message-ID'),
    header === undefined ? '' : valueOf(header, 'Message-ID'),
    valueOf(fields, 'X-Original-Message-ID'),
    valueOf(outer, 'In-Reply-To'),
  ]
  return { header, messageId: values.flatMap(parseMessageIds).at(0) }
}
