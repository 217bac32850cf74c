/**
 * xtext (RFC 3461 §4) and the encodings of an internationalized address in ORCPT (RFC 6533 §3), read.
 *
 * Nothing here backtracks: one pass over the text.
 */

import { toUtf8Strict } from '@postroad/bytes'

/** Text of xtext; `undefined` where it is none, or where what it stands for is not printable ASCII (RFC 3461 §4.4). */
export function parseXtext(text: string): string | undefined {
  let value = ''
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === PLUS) {
      const decoded = parseHex(text, index + 1, index + 3)
      if (decoded === undefined || decoded < SPACE || decoded > TILDE) return undefined
      value += String.fromCharCode(decoded)
      index += 2
    } else if (code <= SPACE || code > TILDE || code === EQUALS) return undefined
    else value += text.charAt(index)
  }
  return value
}

/**
 * Text of xtext whose octets are UTF-8, which RFC 3461 §4.2 does not have: some peers send an internationalized address so.
 * `undefined` where it is none, or where a control character is in it.
 */
export function parseXtextUtf8(text: string): string | undefined {
  const octets: number[] = []
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === PLUS) {
      const decoded = parseHex(text, index + 1, index + 3)
      if (decoded === undefined || decoded < SPACE || decoded === DELETE) return undefined
      octets.push(decoded)
      index += 2
    } else if (code <= SPACE || code > TILDE || code === EQUALS) return undefined
    else octets.push(code)
  }
  const value = toUtf8Strict(Uint8Array.from(octets))
  return value !== undefined && /[\u0080-\u009f]/.test(value) ? undefined : value
}

/**
 * The address in any of the forms of `utf-8-enc-addr` (RFC 6533 §3): characters outside of ASCII as they are or as
 * `\x{HEXPOINT}`. `undefined` where the text is none of them.
 */
export function parseUtf8AddrXtext(text: string): string | undefined {
  let value = ''
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === BACKSLASH) {
      if (text.charAt(index + 1) !== 'x' || text.charAt(index + 2) !== '{') return undefined
      // HEXPOINT has six digits at most: the search for the brace looks no further.
      const end = text.slice(index + 3, index + 10).indexOf('}')
      if (end < 2) return undefined
      const point = parseHex(text, index + 3, index + 3 + end)
      if (point === undefined || !isEmbeddable(point)) return undefined
      value += String.fromCodePoint(point)
      index += 3 + end
    } else if (code <= SPACE || code === DELETE || code === EQUALS || code === PLUS) return undefined
    else value += text.charAt(index)
  }
  return value === '' ? undefined : value
}

const SPACE = 0x20
const PLUS = 0x2b
const EQUALS = 0x3d
const BACKSLASH = 0x5c
const TILDE = 0x7e
const DELETE = 0x7f

/** Code points that HEXPOINT may stand for: all but control characters, surrogates and plain ASCII (RFC 6533 §3). */
function isEmbeddable(point: number): boolean {
  if (point < 0x80) return point === SPACE || point === PLUS || point === EQUALS || point === BACKSLASH
  return point >= 0xa0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
}

/** Upper case is what xtext asks for (RFC 3461 §4); lower case is read, too. */
function parseHex(text: string, start: number, end: number): number | undefined {
  if (end > text.length) return undefined
  let value = 0
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index)
    if (code >= 0x30 && code <= 0x39) value = value * 16 + code - 0x30
    else if (code >= 0x41 && code <= 0x46) value = value * 16 + code - 0x37
    else if (code >= 0x61 && code <= 0x66) value = value * 16 + code - 0x57
    else return undefined
  }
  return value
}
