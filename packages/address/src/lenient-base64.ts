/** Base64 as it is found in encoded-words (RFC 2047 §4.1): whatever is no base64 in it is passed over. */

import { fromBase64 } from '@postroad/bytes'

/** The value of a digit of base64 (RFC 2045 §6.8); -1 where the character is none. */
export function base64Digit(code: number): number {
  if (code >= 65 && code <= 90) return code - 65
  if (code >= 97 && code <= 122) return code - 71
  if (code >= 48 && code <= 57) return code + 4
  return code === PLUS ? 62 : code === SLASH ? 63 : -1
}

const PLUS = 43
const SLASH = 47
const PADDING = 61

/**
 * The bytes of base64 text. What is not of the alphabet is passed over, padding may be missing and ends a quantum where
 * it stands, bits left over fall away.
 */
export function decodeBase64(text: string): Uint8Array {
  return fromBase64(text) ?? decodeLeniently(text)
}

function decodeLeniently(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(text.length * 0.75))
  let length = 0
  let bits = 0
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    // Behind padding a new quantum begins, where words were joined without thought.
    if (code === PADDING) count = 0
    const value = base64Digit(code)
    if (value === -1) continue
    bits = ((bits << 6) | value) & 0xffff
    count += 6
    if (count < 8) continue
    count -= 8
    bytes[length] = bits >> count
    length += 1
  }
  return bytes.subarray(0, length)
}
