/**
 * Content-Disposition (RFC 2183 §2), and the file name that a part suggests.
 *
 * ```abnf
 * disposition      = "Content-Disposition" ":" disposition-type *( ";" disposition-parm )
 * disposition-type = "inline" / "attachment" / extension-token
 * ```
 */

import { decodeWords, type Result } from '@postroad/address'
import { parseContentType } from './content-type.ts'
import { formatParameters } from './format-parameters.ts'
import type { Header } from './header.ts'
import { type Parameters, readParameters } from './parameters.ts'
import { isToken, TokenReader } from './token-reader.ts'

/** How a part wants to be shown. */
export interface ContentDisposition extends Parameters {
  /** In lower case: `inline`, `attachment`; any other is to be handled as `attachment` (RFC 2183 §2.8). */
  readonly type: string
}

/**
 * Reads the value of a Content-Disposition field leniently; `undefined` where it is missing (`undefined`) or begins
 * with no type. Parameters as in `parseContentType`; dates in them are for `parseDate`.
 */
export function parseContentDisposition(value: string | undefined): ContentDisposition | undefined {
  const disposition = read(new TokenReader(value ?? ''))
  return disposition.type === '' ? undefined : disposition
}

/** Reads the value of a Content-Disposition field strictly (RFC 2183 §2, RFC 2231 §7). */
export function parseContentDispositionStrict(value: string): Result<ContentDisposition> {
  const reader = new TokenReader(value)
  return reader.result(read(reader), 'disposition')
}

function read(reader: TokenReader): ContentDisposition {
  const start = reader.at
  const type = reader.token().toLowerCase()
  if (type === '') reader.refuse('disposition-type', start, 'a token')
  return { type, ...readParameters(reader) }
}

/** The value of a Content-Disposition field, on one line; a type that is no token becomes `attachment`. */
export function formatContentDisposition(disposition: ContentDisposition): string {
  const type = isToken(disposition.type) ? disposition.type : 'attachment'
  return type + formatParameters(disposition)
}

/**
 * The file name that a part suggests: `filename` of its Content-Disposition, else `name` of its Content-Type;
 * `undefined` where it suggests none.
 *
 * Only its last component (RFC 2183 §2.3: a directory in it is not to be followed), with `_` for control characters and
 * those that turn the direction of text; `.`, `..` and nothing are no names. Encoded words in it are decoded, as many
 * programs write them there against RFC 2047 §5. The name may still clash with a file that exists, or be one that a
 * system keeps for itself.
 */
export function readFileName(header: Header): string | undefined {
  const disposition = parseContentDisposition(header.first('Content-Disposition')?.value)
  const given =
    disposition?.parameters.get('filename') ??
    parseContentType(header.first('Content-Type')?.value).parameters.get('name')
  if (given === undefined) return undefined
  const decoded = decodeWords(given)
  const name = decoded
    .slice(Math.max(decoded.lastIndexOf('/'), decoded.lastIndexOf('\\')) + 1)
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '_')
    .trim()
  return name === '' || name === '.' || name === '..' ? undefined : name
}
