/** The functions in plain JavaScript, for any runtime. */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** The byte at `index`; -1 where none is: what no comparison with a byte, and no look-up, finds. */
export function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? -1
}

/** Joins chunks into new bytes; the chunks are not kept. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const chunk of chunks) length += chunk.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    joined.set(chunk, offset)
    offset += chunk.length
  }
  return joined
}

/** Whether both hold the same bytes. Not constant in time: not for secrets. */
export function equals(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false
  return true
}

/** Where `byte` first stands at or after `from`; -1 where it does not. */
export function indexOfByte(bytes: Uint8Array, byte: number, from = 0): number {
  return bytes.indexOf(byte, from)
}

/** Where `needle` first stands at or after `from`; -1 where it does not. An empty needle stands at `from`. */
export function indexOf(bytes: Uint8Array, needle: Uint8Array, from = 0): number {
  const [first] = needle
  if (first === undefined) return Math.min(from, bytes.length)
  const last = bytes.length - needle.length
  for (let at = bytes.indexOf(first, from); at !== -1 && at <= last; at = bytes.indexOf(first, at + 1)) {
    let matched = 1
    while (matched < needle.length && bytes[at + matched] === needle[matched]) matched += 1
    if (matched === needle.length) return at
  }
  return -1
}

/** Whether every byte from `start` to `end` (excluded) is below 128. */
export function isAscii(bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
  for (let index = start; index < end; index += 1) if ((bytes[index] ?? 0) > 127) return false
  return true
}

/** A byte for each UTF-16 unit of the text, its low 8 bits. For text that is known to be ASCII or Latin-1. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index)
  return bytes
}

/** A character U+0000 to U+00FF for each byte: ISO 8859-1, not the windows-1252 of `TextDecoder`. Loses nothing. */
export function toLatin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = ''
  for (let at = start; at < end; at += 4_096)
    text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 4_096)))
  return text
}

/** UTF-8 bytes of the text; a lone surrogate becomes U+FFFD. */
export function fromUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, a byte order mark is kept. */
export function toUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return decoder.decode(bytes.subarray(start, end))
}

/** Text of UTF-8 bytes, or `undefined` where they are not UTF-8. */
export function toUtf8Strict(bytes: Uint8Array, start = 0, end: number = bytes.length): string | undefined {
  try {
    return strictDecoder.decode(bytes.subarray(start, end))
  } catch {
    return undefined
  }
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base64 with padding and without line breaks (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3)
    text += BASE64.charAt(a >> 2) + BASE64.charAt(((a & 3) << 4) | ((b ?? 0) >> 4))
    text += b === undefined ? '=' : BASE64.charAt(((b & 15) << 2) | ((c ?? 0) >> 6))
    text += c === undefined ? '=' : BASE64.charAt(c & 63)
  }
  return text
}

/** The two characters of every 12 bits. */
const BASE64_PAIRS = createBase64Pairs()

function createBase64Pairs(): DataView {
  const pairs = new DataView(new ArrayBuffer(2 * 4_096))
  for (let bits = 0; bits < 4_096; bits += 1) {
    pairs.setUint16(bits * 2, BASE64.charCodeAt(bits >> 6) * 256 + BASE64.charCodeAt(bits & 63))
  }
  return pairs
}

/**
 * Writes the base64 of `source` with padding and without line breaks (RFC 4648 §4) as ASCII into `target` at `offset`:
 * four bytes for three, begun ones included. Gives how many bytes it wrote. The two must not share memory.
 *
 * @throws {RangeError} where `target` has no room for it.
 */
export function writeBase64(source: Uint8Array, target: Uint8Array, offset = 0): number {
  const length = base64Length(source, target, offset)
  const whole = source.length - (source.length % 3)
  const input = new DataView(source.buffer, source.byteOffset, source.byteLength)
  const output = new DataView(target.buffer, target.byteOffset, target.byteLength)
  for (let at = 0, to = offset; at < whole; at += 3, to += 4) {
    const quantum = (input.getUint16(at) << 8) | input.getUint8(at + 2)
    output.setUint16(to, BASE64_PAIRS.getUint16((quantum >> 12) << 1))
    output.setUint16(to + 2, BASE64_PAIRS.getUint16((quantum & 4_095) << 1))
  }
  if (whole < source.length) target.set(fromLatin1(toBase64(source.subarray(whole))), offset + length - 4)
  return length
}

/** How long the base64 of `source` is, for which `target` has room. */
export function base64Length(source: Uint8Array, target: Uint8Array, offset: number): number {
  const length = Math.ceil(source.length / 3) * 4
  if (offset < 0 || offset + length > target.length) throw new RangeError('There is no room for the base64.')
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
  let word = 0
  let offset = 0
  for (let index = 0; index < text.length - padding; index += 1) {
    const value = BASE64.indexOf(text.charAt(index))
    if (value === -1) return undefined
    word = (word << 6) | value
    if (index % 4 === 3) {
      bytes[offset] = word >> 16
      bytes[offset + 1] = word >> 8
      bytes[offset + 2] = word
      offset += 3
      word = 0
    }
  }
  if (padding === 1) {
    if ((word & 3) !== 0) return undefined
    bytes[offset] = word >> 10
    bytes[offset + 1] = word >> 2
  } else if (padding === 2) {
    if ((word & 15) !== 0) return undefined
    bytes[offset] = word >> 4
  }
  return bytes
}
