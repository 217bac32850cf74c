/** What the header section of a part says about its body (RFC 2045 §5, §6; RFC 2046 §5.1, §5.2.1). */

import { fromLatin1, fromUtf8, toUtf8Strict } from '@postroad/bytes'
import { isBoundary } from './boundary.ts'
import type { Header } from './header.ts'
import type { MimePart, MimePartKind } from './mime-part.ts'
import { parseContentType } from './content-type.ts'
import type { ContentType } from './content-type.ts'
import { parseTransferEncoding } from './transfer-encoding.ts'
import type { TransferEncoding } from './transfer-encoding.ts'

const TAB = 9
const SPACE = 32

/** A part's type, encoding, and what can be done with its body. */
export interface PartType {
  readonly contentType: ContentType
  readonly transferEncoding: TransferEncoding | undefined
  readonly kind: MimePartKind
  /** Of a multipart. */
  readonly boundary: Uint8Array | undefined
  readonly undivided: 'no-boundary' | 'encoded' | undefined
}

/** RFC 2046 §5.1.5: what a part of a multipart/digest is where it does not say. */
const DIGESTED: ContentType = { type: 'message', subtype: 'rfc822', parameters: new Map() }

/** Reads the type of a part that lies in `around`. */
export function readPartType(header: Header, around: MimePart | undefined): PartType {
  const field = header.first('Content-Type')
  const inDigest = around?.kind === 'multipart' && around.contentType.subtype === 'digest'
  const contentType = field === undefined && inDigest ? DIGESTED : parseContentType(field?.value)
  const transferEncoding = parseTransferEncoding(header.first('Content-Transfer-Encoding')?.value)
  const leaf: PartType = { contentType, transferEncoding, kind: 'leaf', boundary: undefined, undivided: undefined }
  if (contentType.type === 'multipart' && field !== undefined) {
    // RFC 2045 §6.4 allows a multipart no encoding; where one is named the delimiters are seen to be plain all the same.
    const boundary = boundaryOf(contentType, field.raw)
    return isBoundary(boundary) ? { ...leaf, kind: 'multipart', boundary } : { ...leaf, undivided: 'no-boundary' }
  }
  if (contentType.type === 'message' && (contentType.subtype === 'rfc822' || contentType.subtype === 'global')) {
    return isPlain(transferEncoding) ? { ...leaf, kind: 'message' } : { ...leaf, undivided: 'encoded' }
  }
  return leaf
}

function isPlain(encoding: TransferEncoding | undefined): boolean {
  return encoding === '7bit' || encoding === '8bit' || encoding === 'binary'
}

/**
 * The boundary as its bytes stand in the lines.
 *
 * RFC 2046 §5.1.1: it does not end with white space, which gateways add and remove at the ends of lines.
 */
function boundaryOf(contentType: ContentType, raw: Uint8Array): Uint8Array {
  const text = contentType.parameters.get('boundary') ?? ''
  // Fields are read as UTF-8 where they are, else as Latin-1; so the bytes come back.
  const bytes = toUtf8Strict(raw) === undefined ? fromLatin1(text) : fromUtf8(text)
  let end = bytes.length
  while (bytes[end - 1] === SPACE || bytes[end - 1] === TAB) end -= 1
  return bytes.subarray(0, end)
}
