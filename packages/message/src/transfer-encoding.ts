/**
 * Content-Transfer-Encoding (RFC 2045 §6): its names, and the decoders and encoders of each as streams.
 *
 * What comes out is the same however the input is cut. Memory is bounded: a coder keeps at most 998 bytes of input. Nothing a
 * peer sends makes one throw.
 */

import type { SyntaxFault } from '@postroad/address'
import { Base64Decoder, Base64Encoder } from './base64.ts'
import { isSpace, skipCfws } from './cfws.ts'
import { QuotedPrintableDecoder } from './quoted-printable-decoder.ts'
import { QuotedPrintableEncoder } from './quoted-printable-encoder.ts'

/** The mechanisms of RFC 2045 §6.1; the first three transform nothing. */
export type TransferEncoding = '7bit' | '8bit' | 'binary' | 'quoted-printable' | 'base64'

const ENCODINGS: ReadonlyMap<string, TransferEncoding> = new Map([
  ['7bit', '7bit'],
  ['8bit', '8bit'],
  ['binary', 'binary'],
  ['quoted-printable', 'quoted-printable'],
  ['base64', 'base64'],
])

/**
 * The encoding that the value of a Content-Transfer-Encoding field names, case, blanks and comments ignored.
 *
 * No field (`undefined`) and an empty one are `7bit` (RFC 2045 §6.1); `undefined` is given for a mechanism that is not
 * known, whose body is to be treated as application/octet-stream (RFC 2045 §6.4), and for what is no single token.
 */
export function parseTransferEncoding(value: string | undefined): TransferEncoding | undefined {
  const text = value ?? ''
  const start = skipCfws(text, 0)
  let end = start
  while (end < text.length && text.charAt(end) !== '(' && !isSpace(text.charCodeAt(end))) end += 1
  if (skipCfws(text, end) < text.length) return undefined
  return end === start ? '7bit' : ENCODINGS.get(text.slice(start, end).toLowerCase())
}

/** Undoes a transfer encoding, chunk by chunk. */
export interface TransferDecoder {
  /**
   * Takes the next encoded bytes and gives what they decode to, maybe nothing. What is given belongs to the caller; of
   * an encoding that transforms nothing it is the chunk itself.
   */
  push(chunk: Uint8Array): Uint8Array
  /** The encoded bytes have ended: gives what was still open. To be called once, last. */
  finish(): Uint8Array
  /**
   * The first place where what was pushed is not of the encoding's grammar, its offset in encoded bytes from the start;
   * `undefined` while all was. The bytes are decoded all the same. Encodings that transform nothing have no faults.
   */
  readonly fault: SyntaxFault | undefined
}

/** Applies a transfer encoding, chunk by chunk. */
export interface TransferEncoder {
  /**
   * Takes the next bytes and gives what they are encoded to, maybe nothing. What is given belongs to the caller; of an
   * encoding that transforms nothing it is the chunk itself.
   */
  push(chunk: Uint8Array): Uint8Array
  /** The bytes have ended: gives what was still open. To be called once, last. */
  finish(): Uint8Array
}

/** How to encode. */
export interface TransferEncoderOptions {
  /**
   * What a line break is to quoted-printable; the other encodings do not look. `text` (the default): CRLF is a line
   * break and stays one (RFC 2045 §6.7, rule 4). `binary`: CR and LF are bytes as others.
   */
  readonly content?: 'text' | 'binary'
}

/**
 * A decoder of an encoding.
 *
 * Base64 (RFC 2045 §6.8): bytes outside the alphabet are passed over. Padding ends a quantum wherever it stands, and
 * what follows is decoded on; padding that is missing is not missed. Bits that make no whole octet fall away.
 *
 * Quoted-printable, by the robust rules of RFC 2045 §6.7: lower-case digits are read; `=` before anything but two
 * digits or a line end stands for itself; control characters and bytes above 126 stay; blanks at the end of a line are
 * deleted (runs over 998 stay); CRLF and a bare LF end lines and stay as they are; lines may be of any length. `=` at the
 * very end is a soft line break, and a fault: note 3 there leaves open what it is, and encoders do end the last line
 * so, whose CRLF is the delimiter's in a multipart (RFC 2046 §5.1.1).
 */
export function createTransferDecoder(encoding: TransferEncoding): TransferDecoder {
  switch (encoding) {
    case 'base64':
      return new Base64Decoder()
    case 'quoted-printable':
      return new QuotedPrintableDecoder()
    default:
      return IDENTITY
  }
}

/**
 * An encoder of an encoding.
 *
 * Base64: lines of 76 characters (RFC 2045 §6.8), CRLF between them and none after the last.
 *
 * Quoted-printable: lines of at most 76 characters. Blanks at the end of a line are encoded (RFC 2045 §6.7, rule 3), and
 * so is what a gateway could take for something else at the start of one: `.`, the blank of `From `, the second hyphen
 * of `--` (RFC 2049 §3 and the note on boundaries in RFC 2045 §6.7).
 */
export function createTransferEncoder(
  encoding: TransferEncoding,
  options: TransferEncoderOptions = {},
): TransferEncoder {
  switch (encoding) {
    case 'base64':
      return new Base64Encoder()
    case 'quoted-printable':
      return new QuotedPrintableEncoder(options.content ?? 'text')
    default:
      return IDENTITY
  }
}

const NOTHING = new Uint8Array()

/** Encodes and decodes the encodings that transform nothing. */
const IDENTITY: TransferDecoder & TransferEncoder = {
  push: (chunk) => chunk,
  finish: () => NOTHING,
  fault: undefined,
}
