/** What a conversion changes, as ranges of the content; all else is copied. */

import type { TransferEncoding } from './transfer-encoding.ts'

/** A range of the content, in bytes from its start, and what is written in its place. */
export interface ConversionEdit {
  /** Included; the edits before it end here at the latest. */
  readonly start: number
  /** Excluded; equal to `start` where something is only put in. */
  readonly end: number
  /** Written first; the bytes of a field, of several, or of an empty line. Empty where there are none. */
  readonly bytes: Uint8Array
  /** What becomes of the range itself; `undefined`: it is left out. */
  readonly encode: ConversionEncode | undefined
}

/** How the bytes of a range are encoded anew. */
export interface ConversionEncode {
  /** The encoding they are in; `undefined` where they are in none that transforms. */
  readonly from: TransferEncoding | undefined
  /** The encoding to write. Quoted-printable is written as text: CRLF stays a line break (RFC 2045 §6.7, rule 4). */
  readonly to: 'quoted-printable' | 'base64'
}

/** Why content is not converted. */
export interface ConversionRefusal {
  /**
   * - `signed`, `encrypted`: what needs it lies in a multipart/signed or multipart/encrypted, which must not be changed;
   * - `utf8-header`: bytes above 127 in a header section (RFC 6532), which no transfer encoding reaches;
   * - `header`: a header section has a line over 998 octets, a NUL, or a CR without LF; or more than eight
   *   Content-Transfer-Encoding fields;
   * - `delimiter`: the same, or a byte above 127, in a delimiter line of a multipart;
   * - `encoding`: the part is in a transfer encoding that is not known, and encodings must not be nested (RFC 2045 §6.4);
   * - `composite`: the part is a multipart without boundary or a message subtype, which may not be encoded (RFC 2045
   *   §6.4, RFC 2046 §5.2.2), and has a byte above 127, a NUL, a CR without LF or a line over 998 octets;
   * - `limit`: the part could not be taken apart within the limits of the walk.
   */
  readonly reason: 'signed' | 'encrypted' | 'utf8-header' | 'header' | 'delimiter' | 'encoding' | 'composite' | 'limit'
  /** The IMAP section of the part (RFC 9051 §6.4.5.1); empty for a message that is a multipart. */
  readonly path: string
}

/** What there is to do. */
export type ConversionPlan =
  /** The content is 7-bit as it is, whatever its labels say: it goes unchanged. */
  | { readonly kind: 'unneeded' }
  /** What `Converter` does; the edits in the order of the content, none over another. */
  | {
      readonly kind: 'convert'
      readonly edits: readonly ConversionEdit[]
      /** Bare LF in header sections, delimiters and bodies that may not be encoded are written as CRLF. */
      readonly repairsLineEnds: boolean
      /** The length of the content that was planned for. */
      readonly sizeBytes: number
    }
  /** It cannot be done without loss: return it with status 5.6.3 (RFC 3463 §3.7). The first reason in the content. */
  | ({ readonly kind: 'refused' } & ConversionRefusal)
