/** Writes parameters (RFC 2045 §5.1), with the pieces, charset and language of RFC 2231 where they are needed. */

import { toHex } from '@postroad/address'
import { fromUtf8 } from '@postroad/bytes'
import type { Parameters } from './parameters.ts'
import { formatQuotedString } from './token-reader.ts'

/** RFC 2045 §5.1, RFC 2231 §7: what needs neither quotes nor percent signs. */
const TOKEN = /^[!#$&+\-.0-9A-Z^_`a-z{|}~]+$/
const QUOTABLE = /^[ -~]*$/
/** Longest value written in one piece, so that a field can be folded below 78. */
const LONGEST_PIECE = 60
const LONGEST_LANGUAGE = 40

/**
 * A parameter for a field, without the semicolon before it: `charset=utf-8`, `boundary="a b"`, and for text outside
 * ASCII, or too long for a line, or with a language, the pieces of RFC 2231 in UTF-8, parted by `; `. CR, LF and NUL
 * are removed from the value; a lone surrogate becomes U+FFFD.
 *
 * @param name A token without `*`, `'` and `%`, in lower case.
 * @param language A language tag, as `de`; default none. What no tag can hold is removed from it, and what is over 40
 * characters.
 */
export function formatParameter(name: string, value: string, language = ''): string {
  const clean = value.replace(/[\r\n\0]/g, '')
  const tag = language.replace(/[^A-Za-z0-9-]/g, '').slice(0, LONGEST_LANGUAGE)
  if (clean.length <= LONGEST_PIECE && tag === '') {
    if (TOKEN.test(clean)) return `${name}=${clean}`
    if (QUOTABLE.test(clean)) return `${name}=${formatQuotedString(clean)}`
  }
  const pieces: string[] = []
  let piece = `utf-8'${tag}'`
  // A character is not parted: some decode each piece alone.
  for (const character of clean) {
    const encoded = TOKEN.test(character) ? character : escape(character)
    if (piece.length + encoded.length > LONGEST_PIECE) {
      pieces.push(piece)
      piece = ''
    }
    piece += encoded
  }
  pieces.push(piece)
  if (pieces.length === 1) return `${name}*=${piece}`
  return pieces.map((text, section) => `${name}*${section}*=${text}`).join('; ')
}

/** RFC 2231 §7: ext-octets. */
function escape(character: string): string {
  let escaped = ''
  for (const byte of fromUtf8(character)) escaped += `%${toHex(byte)}`
  return escaped
}

/**
 * The parameters, each with `; ` before it, so that the whole stands behind a value; empty where there are none. Names
 * that are no attributes (RFC 2231 §7) are left out, so that none can break the field.
 */
export function formatParameters({ parameters, languages }: Parameters): string {
  let text = ''
  for (const [name, value] of parameters) {
    if (TOKEN.test(name)) text += `; ${formatParameter(name, value, languages?.get(name))}`
  }
  return text
}
