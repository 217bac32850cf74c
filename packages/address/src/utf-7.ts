/**
 * UTF-7 (RFC 2152), as old mail has it; read only, nobody should write it.
 *
 * Text is ASCII, but `+` begins characters in UTF-16 as base64 without padding, which any other character ends; a `-`
 * there is no text. `+-` is a plus sign.
 */

import { byteAt } from '@postroad/bytes'
import { base64Digit } from './lenient-base64.ts'

const PLUS = 43
const MINUS = 45
/** U+FFFD, in UTF-16. */
const REPLACEMENT = 0xfffd

/** The text; what is not UTF-7 (bytes above 127, halves of characters) becomes U+FFFD. */
export function decodeUtf7(bytes: Uint8Array): string {
  const units = new UnitWriter(bytes.length)
  let shifted = false
  let buffer = 0
  let bits = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = byteAt(bytes, at)
    const value = shifted ? base64Digit(byte) : -1
    if (value !== -1) {
      buffer = (buffer << 6) | value
      bits += 6
      if (bits >= 16) {
        bits -= 16
        units.add(buffer >> bits)
        buffer &= (1 << bits) - 1
      }
    } else if (byte === PLUS) {
      if (byteAt(bytes, at + 1) === MINUS) {
        units.add(PLUS)
        at += 1
      } else shifted = true
      buffer = 0
      bits = 0
    } else {
      if (!shifted || byte !== MINUS) units.add(byte > 127 ? REPLACEMENT : byte)
      shifted = false
    }
  }
  return units.toText()
}

/** Collects units of UTF-16. */
class UnitWriter {
  readonly #bytes: Uint8Array
  #length = 0

  /** @param most No more units than this will come. */
  constructor(most: number) {
    this.#bytes = new Uint8Array(most * 2)
  }

  add(unit: number): void {
    this.#bytes[this.#length] = unit & 255
    this.#bytes[this.#length + 1] = unit >> 8
    this.#length += 2
  }

  /** The text, halves of characters as U+FFFD. */
  toText(): string {
    return new TextDecoder('utf-16le', { ignoreBOM: true }).decode(this.#bytes.subarray(0, this.#length))
  }
}
