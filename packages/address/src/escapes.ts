/** Bytes written as an escape character and two hexadecimal digits: `=C3` (RFC 2047 §4.2), `%C3` (RFC 2231 §4). */

import { byteAt, fromUtf8 } from '@postroad/bytes'

/**
 * The bytes of text in which `escape` and two hexadecimal digits of any case are one byte. Characters outside ASCII,
 * which should not stand there, are read as UTF-8; an escape character without two digits stands for itself.
 *
 * @param escape The code of the escape character.
 */
export function decodeEscapes(text: string, escape: number): Uint8Array {
  const source = fromUtf8(text)
  const bytes = new Uint8Array(source.length)
  let length = 0
  for (let at = 0; at < source.length; at += 1) {
    const byte = byteAt(source, at)
    const high = byte === escape ? hexDigit(byteAt(source, at + 1)) : -1
    const low = high === -1 ? -1 : hexDigit(byteAt(source, at + 2))
    bytes[length] = low === -1 ? byte : high * 16 + low
    if (low !== -1) at += 2
    length += 1
  }
  return bytes.subarray(0, length)
}

/** The value of a hexadecimal digit; -1 where the byte is none. */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

/** A byte as two hexadecimal digits, in upper case. */
export function toHex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}
