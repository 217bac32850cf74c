/**
 * Encoded-words in the names of addresses (RFC 2047 §2, §5, §6), both ways.
 *
 *     encoded-word  = "=?" charset ["*" language] "?" encoding "?" encoded-text "?="
 *
 * Reading is lenient where no other meaning is possible: a word may be longer than 75 characters, hold spaces, and
 * stand beside other text without a space. Charsets are those of `TextDecoder`, where the names of ISO 8859-1 and of
 * ASCII mean windows-1252, which has letters where they have nothing that a name could hold. Linear in the text.
 */

import { isAsciiText, octetLength } from './characters.ts'

const encoder = new TextEncoder()
type Decode = (bytes: Uint8Array) => string

/** Decoders by the names of their charsets, made when first needed; no more than the names that `TextDecoder` knows. */
const decoders = new Map<string, Decode>()

/** The text with its encoded-words decoded; one of an unknown charset or encoding stays as it is (RFC 2047 §6.2). */
export function decodeEncodedWords(text: string): string {
  const unknown = new Set<string>()
  let decoded = ''
  let done = 0
  // Words of one charset in a row are decoded together: some writers cut characters in two, against RFC 2047 §5.
  let run: number[] = []
  let decodeRun: Decode | undefined
  const endRun = (): void => {
    if (decodeRun !== undefined) decoded += decodeRun(new Uint8Array(run))
    run = []
    decodeRun = undefined
  }
  for (let at = text.indexOf('=?'); at !== -1;) {
    const word = readEncodedWord(text, at, unknown)
    if (word === undefined) {
      at = text.indexOf('=?', at + 1)
      continue
    }
    const between = text.slice(done, at)
    // White space between two encoded-words is no text (RFC 2047 §6.2).
    const isBlank = between.trim() === '' && done > 0
    if (!isBlank || decodeRun !== word.decode) endRun()
    if (!isBlank) decoded += between
    for (const byte of word.bytes) run.push(byte)
    decodeRun = word.decode
    done = word.end
    at = text.indexOf('=?', done)
  }
  endRun()
  return decoded + text.slice(done)
}

/** One encoded-word, and where it ends. */
interface EncodedWord {
  readonly decode: Decode
  readonly bytes: readonly number[]
  readonly end: number
}

/** Reads the encoded-word at `start`. Looks for no more than three question marks, so all looks together are linear. */
function readEncodedWord(text: string, start: number, unknown: Set<string>): EncodedWord | undefined {
  const charsetEnd = text.indexOf('?', start + 2)
  if (charsetEnd === -1 || text.charAt(charsetEnd + 2) !== '?') return undefined
  const end = text.indexOf('?', charsetEnd + 3)
  if (end === -1 || text.charAt(end + 1) !== '=') return undefined
  const encoding = text.charAt(charsetEnd + 1).toLowerCase()
  if (encoding !== 'b' && encoding !== 'q') return undefined
  const decode = decoderOf(text.slice(start + 2, charsetEnd), unknown)
  if (decode === undefined) return undefined
  const encoded = text.slice(charsetEnd + 3, end)
  return { decode, bytes: encoding === 'b' ? decodeB(encoded) : decodeQ(encoded), end: end + 2 }
}

/** The decoder of a charset, which may have a language behind it (RFC 2231 §5); `unknown` are those that have none. */
function decoderOf(label: string, unknown: Set<string>): Decode | undefined {
  const star = label.indexOf('*')
  const charset = (star === -1 ? label : label.slice(0, star)).trim().toLowerCase()
  const known = decoders.get(charset)
  if (known !== undefined || unknown.has(charset)) return known
  try {
    const decoder = new TextDecoder(charset, { ignoreBOM: true })
    const decode: Decode = (bytes) => decoder.decode(bytes)
    decoders.set(charset, decode)
    return decode
  } catch {
    // A RangeError: the charset is not known. Not asked twice in a text, since the answer is slow.
    unknown.add(charset)
    return undefined
  }
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** RFC 2047 §4.1; what is not of the alphabet is passed over, and bits left over fall away. */
function decodeB(encoded: string): number[] {
  const bytes: number[] = []
  let bits = 0
  let count = 0
  for (const character of encoded) {
    const value = DIGITS.indexOf(character)
    // Padding ends a word; more may follow where words were joined without thought.
    if (character === '=') count = 0
    if (value === -1) continue
    bits = ((bits << 6) | value) & 0xffff
    count += 6
    if (count < 8) continue
    count -= 8
    bytes.push((bits >> count) & 255)
  }
  return bytes
}

/** RFC 2047 §4.2; a "=" without two hexadecimal digits stands for itself, and what is not ASCII for its UTF-8. */
function decodeQ(encoded: string): number[] {
  const source = isAsciiText(encoded) ? encoded : octetsOf(encoded)
  const bytes: number[] = []
  for (let at = 0; at < source.length; at += 1) {
    const code = source.charCodeAt(at)
    const octet = code === 0x3d ? hexDigit(source.charCodeAt(at + 1)) * 16 + hexDigit(source.charCodeAt(at + 2)) : NaN
    if (octet >= 0) at += 2
    bytes.push(octet >= 0 ? octet : code === 0x5f ? 0x20 : code)
  }
  return bytes
}

/** A character for each octet of the text's UTF-8. */
function octetsOf(text: string): string {
  let octets = ''
  for (const byte of encoder.encode(text)) octets += String.fromCharCode(byte)
  return octets
}

/** The value of a hexadecimal digit; NaN where the character is none. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NaN
}

/** What a word of 75 characters (RFC 2047 §2) holds beside `=?utf-8?q?` and `?=`. */
const ROOM = 63
/** As many octets as base64 makes 60 characters of. */
const ROOM_B = 45

/** The whole text in encoded-words of UTF-8, in the shorter encoding, with a space between each two (RFC 2047 §5). */
export function encodeEncodedWords(text: string): string {
  let lengthQ = 0
  for (const character of text) lengthQ += encodeQ(character).length
  const isQ = lengthQ <= (octetLength(text) * 4) / 3
  const room = isQ ? ROOM : ROOM_B
  const words: string[] = []
  let word = ''
  let length = 0
  const endWord = (): void => {
    words.push(isQ ? `=?utf-8?q?${encodeQ(word)}?=` : `=?utf-8?b?${encodeB(word)}?=`)
  }
  // A character is never cut in two (RFC 2047 §5).
  for (const character of text) {
    const size = isQ ? encodeQ(character).length : octetLength(character)
    if (length + size > room) {
      endWord()
      word = ''
      length = 0
    }
    word += character
    length += size
  }
  endWord()
  return words.join(' ')
}

/** In a phrase only letters, digits and `!*+-/` stand for themselves (RFC 2047 §5). */
function encodeQ(text: string): string {
  let encoded = ''
  for (const byte of encoder.encode(text)) {
    const character = String.fromCharCode(byte)
    if (/[A-Za-z0-9!*+\-/]/.test(character)) encoded += character
    else encoded += byte === 0x20 ? '_' : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}

function encodeB(text: string): string {
  let encoded = ''
  let bits = 0
  let count = 0
  for (const byte of encoder.encode(text)) {
    bits = ((bits << 8) | byte) & 0xffff
    for (count += 8; count >= 6; count -= 6) encoded += DIGITS.charAt((bits >> (count - 6)) & 63)
  }
  if (count > 0) encoded += DIGITS.charAt((bits << (6 - count)) & 63)
  return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=')
}
