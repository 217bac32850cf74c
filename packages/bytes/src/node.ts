/**
 * Search, joining, base64, Latin-1 and UTF-8 text over `Uint8Array`, on Node's native code.
 *
 * The same names as `index.ts`, with the same answers: one suite runs both. What is given back is a plain `Uint8Array`
 * of its own memory, never a `Buffer` from a pool. What is faster as it is (measured at 64 KiB) comes from there.
 *
 * @packageDocumentation
 */

import { Buffer, isAscii as isAsciiNative } from 'node:buffer'

import * as portable from './portable.ts'

export { byteAt, concat, fromUtf8, toUtf8, toUtf8Strict } from './portable.ts'

/** Below these lengths a loop is done before a call into native code has begun (measured). */
const SHORT_SEARCH = 64
const SHORT_TEXT = 256

/** Whether both hold the same bytes. Not constant in time: not for secrets. */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

/** Where `byte` first stands at or after `from`; -1 where it does not. */
export function indexOfByte(bytes: Uint8Array, byte: number, from = 0): number {
  return bytes.length < SHORT_SEARCH ? portable.indexOfByte(bytes, byte, from) : view(bytes).indexOf(byte, from)
}

/** Where `needle` first stands at or after `from`; -1 where it does not. An empty needle stands at `from`. */
export function indexOf(bytes: Uint8Array, needle: Uint8Array, from = 0): number {
  // Native code answers otherwise for an empty needle, and is slower on a short text.
  const isShort = needle.length === 0 || bytes.length < SHORT_SEARCH
  return isShort ? portable.indexOf(bytes, needle, from) : view(bytes).indexOf(needle, from)
}

/** Whether every byte from `start` to `end` (excluded) is below 128. */
export function isAscii(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  return end - start < SHORT_SEARCH ? portable.isAscii(bytes, start, end) : isAsciiNative(bytes.subarray(start, end))
}

/** A byte for each UTF-16 unit of the text, its low 8 bits. For text that is known to be ASCII or Latin-1. */
export function fromLatin1(text: string): Uint8Array {
  if (text.length < SHORT_TEXT) return portable.fromLatin1(text)
  const bytes = new Uint8Array(text.length)
  view(bytes).write(text, 'latin1')
  return bytes
}

/** A character U+0000 to U+00FF for each byte: ISO 8859-1, not the windows-1252 of `TextDecoder`. Loses nothing. */
export function toLatin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return view(bytes).toString('latin1', start, end)
}

/** Base64 with padding and without line breaks (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64')
}

/**
 * Writes the base64 of `source` with padding and without line breaks (RFC 4648 §4) as ASCII into `target` at `offset`:
 * four bytes for three, begun ones included. Gives how many bytes it wrote. The two must not share memory.
 *
 * @throws {RangeError} where `target` has no room for it.
 */
export function writeBase64(source: Uint8Array, target: Uint8Array, offset = 0): number {
  const length = portable.base64Length(source, target, offset)
  view(target).write(toBase64(source), offset, 'latin1')
  return length
}

/**
 * Bytes of base64 text, strictly: the alphabet of RFC 4648 §4 with its padding and nothing else; `undefined` for any
 * other text, line breaks and bits left over in the last character included. Empty text gives no bytes.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  const buffer = view(bytes)
  buffer.write(text, 'base64')
  // Native decoding overlooks what is not base64. Bytes have one text alone, so what was overlooked shows here.
  return buffer.toString('base64') === text ? bytes : undefined
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
