/**
 * The parts of a multipart body (RFC 2046 §5.1.1) that lies in memory, as far as reading reports needs them.
 *
 * Lines may end with LF alone, as stored mail has them. Bounded: what comes after the hundredth part is left out.
 */

import { byteAt, concat, equals, fromUtf8, indexOfByte, toLatin1 } from '@postroad/bytes'
import { createTransferDecoder, HeaderReader, parseContentType, parseTransferEncoding } from '@postroad/message'
import type { ContentType, Header } from '@postroad/message'

/** A header section and what follows it. */
export interface Part {
  readonly header: Header
  readonly contentType: ContentType
  /** As it was sent: still in its transfer encoding. */
  readonly body: Uint8Array
}

const MOST_PARTS = 100
/** RFC 2046 §5.1.1: blanks that a transport put behind a boundary. */
const LONGEST_PADDING = 200
const LF = 10

/** Takes bytes apart; `undefined` where the header section is larger than a reader takes (256 KiB, 1,000 fields). */
export function readPart(bytes: Uint8Array): Part | undefined {
  const reader = new HeaderReader()
  const pushed = reader.push(bytes)
  const progress = pushed.kind === 'more' ? reader.end() : pushed
  if (progress.kind !== 'header') return undefined
  const { header, rest: body } = progress
  return { header, contentType: parseContentType(header.first('Content-Type')?.value), body }
}

/** The parts of a multipart; empty for what has no boundary, or none of its lines. */
export function readParts({ contentType, body }: Part): readonly Part[] {
  const boundary = contentType.parameters.get('boundary')
  if (contentType.type !== 'multipart' || boundary === undefined || boundary === '') return []
  return splitBody(body, fromUtf8(`--${boundary}`)).flatMap((bytes) => readPart(bytes) ?? [])
}

/** What lies between the delimiters, the line end before each left out. Without a close the last part ends the body. */
function splitBody(body: Uint8Array, delimiter: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = []
  let start = -1
  // Line by line: a search for a long delimiter would not be linear.
  for (let at = 0, next = 0; at < body.length; at = next) {
    next = lineAfter(body, at)
    const end = at + delimiter.length
    if (!equals(body.subarray(at, Math.min(end, next)), delimiter)) continue
    const rest = toLatin1(body, end, Math.min(next, end + LONGEST_PADDING)).trim()
    if (rest !== '' && rest !== '--') continue
    if (start !== -1) parts.push(body.subarray(start, Math.max(start, lineEndBefore(body, at))))
    if (rest === '--' || parts.length === MOST_PARTS) return parts
    start = next
  }
  return start === -1 ? parts : [...parts, body.subarray(start)]
}

/** Where the line after that of `from` begins; the end of the body where there is none. */
export function lineAfter(body: Uint8Array, from: number): number {
  const lf = indexOfByte(body, LF, from)
  return lf === -1 ? body.length : lf + 1
}

/** RFC 2046 §5.1.1: the line end before a delimiter belongs to the delimiter. */
function lineEndBefore(body: Uint8Array, at: number): number {
  return byteAt(body, at - 2) === 13 ? at - 2 : at - 1
}

/** The body without its transfer encoding (RFC 2045 §6), leniently; unknown encodings stay as they are. */
export function decodeBody({ header, body }: Part): Uint8Array {
  const encoding = parseTransferEncoding(header.first('Content-Transfer-Encoding')?.value)
  if (encoding !== 'base64' && encoding !== 'quoted-printable') return body
  const decoder = createTransferDecoder(encoding)
  return concat([decoder.push(body), decoder.finish()])
}
