/** Transfer encodings of the parts of a report (RFC 2045 §6): none where none is needed, else the shorter one. */

import { concat, isAscii } from '@postroad/bytes'
import { createTransferEncoder } from '@postroad/message'
import type { TransferEncoding } from '@postroad/message'

/** A body and how it is encoded. */
export interface EncodedPart {
  readonly encoding: TransferEncoding
  readonly body: Uint8Array
}

/**
 * Encodes a body of lines that are ended by CRLF and not over 998 octets: ASCII and what may be `eightBit` stays as it
 * is, text that is mostly ASCII becomes quoted-printable, other text base64.
 */
export function encodePart(body: Uint8Array, eightBit: boolean): EncodedPart {
  if (isAscii(body)) return { encoding: '7bit', body }
  return eightBit ? { encoding: '8bit', body } : shorter(encode(body, 'quoted-printable'), encode(body, 'base64'))
}

/** Encodes such a body where only quoted-printable is allowed. */
export function encodeReadably(body: Uint8Array): EncodedPart {
  return isAscii(body) ? { encoding: '7bit', body } : encode(body, 'quoted-printable')
}

const shorter = (one: EncodedPart, other: EncodedPart): EncodedPart =>
  one.body.length <= other.body.length ? one : other

function encode(body: Uint8Array, encoding: TransferEncoding): EncodedPart {
  const encoder = createTransferEncoder(encoding)
  return { encoding, body: concat([encoder.push(body), encoder.finish()]) }
}
