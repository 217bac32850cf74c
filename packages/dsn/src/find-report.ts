/**
 * Finds the part for programs of a report (RFC 6522 §3) in a message: in its multipart, however deep gateways and list
 * software wrapped it, in a message that is attached, or in plain text, where a program lost the header section that
 * made it MIME. Linear in the message.
 */

import { byteAt, equals, fromLatin1, indexOfByte, toLatin1 } from '@postroad/bytes'
import { Header } from '@postroad/message'
import { decodeBody, lineAfter, readPart, readParts } from './multipart.ts'
import type { Part } from './multipart.ts'

/**
 * Where a report stands: `message`: it is the message; `attached`: it lies in a message that is attached to this one,
 * as somebody forwards one; `text`: it stands as text in this one. Who acts on reports may want to trust only the first.
 */
export type ReportPlace = 'message' | 'attached' | 'text'

/** A report that was found. */
export interface FoundReport {
  readonly place: ReportPlace
  /** Header section of the message that it is, or lies in. */
  readonly header: Header
  /** All parts of its multipart. */
  readonly parts: readonly Part[]
  /** The one for programs. */
  readonly part: Part
}

/** What to look for. */
export interface ReportPattern {
  /** Whether a part is the one for programs. */
  readonly isWanted: (part: Part) => boolean
  /** Whether a part of a multipart/report is, where none is by its type; absent: none is. */
  readonly looksWanted?: (part: Part) => boolean
}

/** How deep a report may lie in other multiparts and messages. */
const MOST_DEPTH = 5

/** The first report that fits; `undefined` where there is none. */
export function findReport(message: Uint8Array, pattern: ReportPattern): FoundReport | undefined {
  const whole = readPart(withoutSeparator(message))
  if (whole === undefined) return undefined
  const found = findInPart(whole, { place: 'message', header: whole.header }, pattern, 0)
  return found === undefined && isFlat(whole) ? findInText(whole, pattern) : found
}

const FROM = fromLatin1('From ')
const LF = 10
const CR = 13

/** The line that parts messages in mailbox files is no part of the message, and often comes with it. */
export function withoutSeparator(message: Uint8Array): Uint8Array {
  return equals(message.subarray(0, FROM.length), FROM) ? message.subarray(indexOfByte(message, LF) + 1) : message
}

/** Whether it is text, or a multipart that has lost its boundary. */
function isFlat(whole: Part): boolean {
  const { type } = whole.contentType
  return type === 'text' || (type === 'multipart' && readParts(whole).length === 0)
}

function findInPart(
  part: Part,
  at: Pick<FoundReport, 'place' | 'header'>,
  pattern: ReportPattern,
  depth: number,
): FoundReport | undefined {
  const { type, subtype } = part.contentType
  const parts = readParts(part)
  const wanted =
    parts.find(pattern.isWanted) ??
    (type === 'multipart' && subtype === 'report' ? parts.find((each) => pattern.looksWanted?.(each)) : undefined)
  if (wanted !== undefined) return { ...at, parts, part: wanted }
  if (depth === MOST_DEPTH) return undefined
  for (const inner of parts) {
    const found = findInPart(inner, at, pattern, depth + 1)
    if (found !== undefined) return found
  }
  if (type !== 'message' || (subtype !== 'rfc822' && subtype !== 'global')) return undefined
  const attached = readPart(withoutSeparator(decodeBody(part)))
  return attached && findInPart(attached, { place: 'attached', header: attached.header }, pattern, depth + 1)
}

const HYPHEN = 45
/** The begin of the Content-Type of any part for programs. */
const PROGRAMS_TYPE = /^content-type[ \t]*:[ \t]*message\//i

/**
 * A line that begins with two hyphens, and lines without an empty one between them that are the header section of a part
 * that fits: the first line is a delimiter then, of parts like this one. Between two empty lines one such section is
 * read, as far as the second: so none is read twice.
 */
function findInText(whole: Part, pattern: ReportPattern): FoundReport | undefined {
  const body = decodeBody(whole)
  let delimiter = -1
  let isTried = false
  for (let start = 0, next = 0; start < body.length; start = next) {
    next = lineAfter(body, start)
    const first = byteAt(body, start)
    if (first === CR || first === LF) {
      delimiter = -1
      isTried = false
    } else if (isTried) {
      continue
    } else if (first === HYPHEN && byteAt(body, start + 1) === HYPHEN) {
      delimiter = start
    } else if (delimiter !== -1 && PROGRAMS_TYPE.test(toLatin1(body, start, Math.min(next, start + 60)))) {
      const part = readPart(body.subarray(lineAfter(body, delimiter)))
      if (part !== undefined && pattern.isWanted(part)) {
        return findInPart(multipartAt(body, delimiter), { place: 'text', header: whole.header }, pattern, MOST_DEPTH)
      }
      isTried = true
    }
  }
  return undefined
}

/** What the header section would have said that was lost. */
function multipartAt(body: Uint8Array, delimiter: number): Part {
  const boundary = toLatin1(body, delimiter + 2, lineAfter(body, delimiter)).trimEnd()
  const contentType = { type: 'multipart', subtype: 'mixed', parameters: new Map([['boundary', boundary]]) }
  return { header: Header.of([]), contentType, body: body.subarray(delimiter) }
}
