/**
 * A few texts as bytes: how long the head is, the length of each text, then all their characters. Any text comes back as it was,
 * also one that is no well-formed Unicode: what is not ASCII alone is written as UTF-16.
 */

/** The first byte: characters are UTF-16, two bytes each; 0 where they are ASCII. */
const WIDE = 1
/** Where the lengths begin: behind the first byte, and two that tell where the characters do. */
const HEAD = 3

/** Where texts are written first, unless they are longer. */
const SCRATCH = new Uint8Array(4_096)

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Writes up to 10,000 texts; `undefined` is told from an empty text. To be copied: what is given is valid until the next call. */
export function encodeTexts(texts: readonly (string | undefined)[]): Uint8Array {
  const all = texts.join('')
  const most = HEAD + 5 * texts.length + 2 * all.length
  const bytes = most <= SCRATCH.length ? SCRATCH : new Uint8Array(most)
  bytes[0] = 0
  let at = HEAD
  for (const text of texts) at = writeNumber(bytes, at, text === undefined ? 0 : text.length + 1)
  bytes[1] = at >> 8
  bytes[2] = at & 0xff
  const { read } = encoder.encodeInto(all, bytes.subarray(at, at + all.length))
  if (read === all.length) return bytes.subarray(0, at + all.length)
  bytes[0] = WIDE
  for (let index = 0; index < all.length; index += 1) {
    const unit = all.charCodeAt(index)
    bytes[at] = unit >> 8
    bytes[at + 1] = unit & 0xff
    at += 2
  }
  return bytes.subarray(0, at)
}

/** Reads all texts. They are parts of one string: whoever keeps one for long keeps the memory of all. */
export function decodeTexts(bytes: Uint8Array): readonly (string | undefined)[] {
  const { start, lengths } = readHead(bytes)
  const all = decode(bytes, start, sumOf(lengths))
  let from = 0
  return lengths.map((one) => (one < 0 ? undefined : all.slice(from, (from += one))))
}

/** Reads the first of one or more texts, by itself; empty where it is `undefined`. */
export function decodeFirstText(bytes: Uint8Array): string {
  return decode(bytes, startOf(bytes), Math.max(0, readNumber(bytes, HEAD).value - 1))
}

/** Where what follows the texts begins. */
export function endOfTexts(bytes: Uint8Array): number {
  const { start, lengths } = readHead(bytes)
  return start + sumOf(lengths) * unitBytes(bytes)
}

/** Whether the first of the texts is this one. */
export function firstTextIs(bytes: Uint8Array, text: string): boolean {
  if (readNumber(bytes, HEAD).value !== text.length + 1) return false
  const start = startOf(bytes)
  const isWide = bytes[0] === WIDE
  for (let index = 0; index < text.length; index += 1) {
    const unit = isWide ? wideUnit(bytes, start + 2 * index) : bytes[start + index]
    if (unit !== text.charCodeAt(index)) return false
  }
  return true
}

/** The lengths in characters, -1 for what is not there, and where the characters begin. */
function readHead(bytes: Uint8Array): { readonly start: number; readonly lengths: readonly number[] } {
  const start = startOf(bytes)
  const lengths: number[] = []
  for (let at = HEAD; at < start;) {
    const length = readNumber(bytes, at)
    lengths.push(length.value - 1)
    at = length.at
  }
  return { start, lengths }
}

/** Where the characters begin. */
function startOf(bytes: Uint8Array): number {
  return ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)
}

/** How many characters the texts have together. */
function sumOf(lengths: readonly number[]): number {
  return lengths.reduce((sum, one) => sum + Math.max(0, one), 0)
}

/** How many bytes a character has. */
function unitBytes(bytes: Uint8Array): number {
  return bytes[0] === WIDE ? 2 : 1
}

/** So many characters from a place on. */
function decode(bytes: Uint8Array, start: number, length: number): string {
  if (bytes[0] !== WIDE) return decoder.decode(bytes.subarray(start, start + length))
  let text = ''
  for (let index = 0; index < length; index += 1) text += String.fromCharCode(wideUnit(bytes, start + 2 * index))
  return text
}

function wideUnit(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

/** Writes a number below 2^32, seven bits to a byte, the lowest first; gives where it ends. */
function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  let rest = value
  let end = at
  for (; rest > 127; rest >>>= 7) {
    bytes[end] = (rest & 127) | 128
    end += 1
  }
  bytes[end] = rest
  return end + 1
}

function readNumber(bytes: Uint8Array, at: number): { readonly value: number; readonly at: number } {
  let value = 0
  let end = at
  for (let shift = 0; ; shift += 7, end += 1) {
    const byte = bytes[end] ?? 0
    value |= (byte & 127) << shift
    if (byte < 128) return { value, at: end + 1 }
  }
}
