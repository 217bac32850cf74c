/**
 * Encoded words (RFC 2047), both ways, with the language tag of RFC 2231 §5.
 *
 * ```abnf
 * encoded-word = "=?" charset [ "*" language ] "?" encoding "?" encoded-text "?="
 * ```
 * Reading is lenient: words may be longer than 75 characters, hold blanks, and need none around them; a word of an
 * unknown charset or encoding stays as it is (RFC 2047 §6.2). Linear in the text.
 */

import { concat, fromUtf8, toBase64, toLatin1 } from '@postroad/bytes'
import { decodeBase64 } from './base64.ts'
import { decodeCharset } from './charset.ts'

/** One encoded word that was found. */
interface EncodedWord {
  readonly charset: string
  readonly bytes: Uint8Array
  readonly end: number
}

/**
 * Text with its encoded words decoded; the blanks between two of them fall away (RFC 2047 §6.2).
 *
 * Words of one charset that follow each other are decoded together, because some programs cut a character in two
 * (against RFC 2047 §5). CR, LF and NUL that come out of a word become blanks, so that no line can be forged.
 */
export function decodeWords(text: string): string {
  let decoded = ''
  let done = 0
  let run: EncodedWord[] = []
  const charsets = new Map<string, boolean>()
  const flush = (): void => {
    const [first] = run
    if (first === undefined) return
    const bytes = concat(run.map((word) => word.bytes))
    // Where the charset is not known the words were not taken.
    decoded += (decodeCharset(first.charset, bytes) ?? toLatin1(bytes)).replace(LINE_FORGING, ' ')
    run = []
  }
  for (let at = text.indexOf('=?'); at !== -1;) {
    const word = readWord(text, at, charsets)
    if (word === undefined) {
      at = text.indexOf('=?', at + 1)
      continue
    }
    const between = text.slice(done, at)
    const adjacent = run.length > 0 && BLANK.test(between)
    if (!adjacent || run[0]?.charset !== word.charset) flush()
    if (!adjacent) decoded += between
    run.push(word)
    done = word.end
    at = text.indexOf('=?', done)
  }
  flush()
  return decoded + text.slice(done)
}

const LINE_FORGING = /[\r\n\0]/g
const BLANK = /^[ \t\r\n]*$/

/** No charset has so long a name, its language included; the bound keeps the search linear. */
const LONGEST_CHARSET = 80

/** The encoded word that begins at `start`, with `=?`. */
function readWord(text: string, start: number, charsets: Map<string, boolean>): EncodedWord | undefined {
  const label = text.slice(start + 2, start + 2 + LONGEST_CHARSET)
  const labelEnd = label.indexOf('?')
  const textStart = start + labelEnd + 5
  if (labelEnd < 1 || text.charAt(textStart - 1) !== '?') return undefined
  const end = text.indexOf('?', textStart)
  if (end === -1 || text.charAt(end + 1) !== '=') return undefined
  const encoded = text.slice(textStart, end)
  const [charset = ''] = label.slice(0, labelEnd).toLowerCase().split('*')
  const encoding = text.charAt(textStart - 2).toLowerCase()
  if ((encoding !== 'b' && encoding !== 'q') || !isKnown(charset, charsets)) return undefined
  return { charset, bytes: encoding === 'b' ? decodeBase64(encoded) : decodeQ(encoded), end: end + 2 }
}

/** Whether the charset can be decoded; looked up once for a text, since finding out that it cannot is slow. */
function isKnown(charset: string, charsets: Map<string, boolean>): boolean {
  const known = charsets.get(charset) ?? decodeCharset(charset, NOTHING) !== undefined
  charsets.set(charset, known)
  return known
}

const NOTHING = new Uint8Array()

/** RFC 2047 §4.2, lenient: `=` without two hexadecimal digits stands for itself. */
function decodeQ(encoded: string): Uint8Array {
  // Characters outside ASCII may not stand here; as UTF-8 they do no harm.
  const source = fromUtf8(encoded)
  const bytes = new Uint8Array(source.length)
  let length = 0
  for (let at = 0; at < source.length; at += 1) {
    const byte = source[at] ?? 0
    const high = byte === 61 ? hexDigit(source[at + 1]) : -1
    const low = high === -1 ? -1 : hexDigit(source[at + 2])
    bytes[length] = low === -1 ? (byte === 95 ? 32 : byte) : high * 16 + low
    if (low !== -1) at += 2
    length += 1
  }
  return bytes.subarray(0, length)
}

/** The value of a hexadecimal digit; -1 where the byte is none. */
export function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

/** How to encode. */
export interface EncodeWordsOptions {
  /** `b` (base64), `q` (quoted-printable like), or the shorter of both; default the shorter. */
  readonly encoding?: 'b' | 'q'
}

/**
 * Text with what is not ASCII as encoded words in UTF-8, each at most 75 characters, parted by blanks where the field
 * may be folded. ASCII words around them stay as they are; `decodeWords` gives the text again.
 *
 * Safe in unstructured text, phrases and comments (RFC 2047 §5). CR, LF and NUL are removed; other control characters
 * are encoded. A lone surrogate becomes U+FFFD.
 */
export function encodeWords(text: string, options: EncodeWordsOptions = {}): string {
  const clean = text.replace(LINE_FORGING, '')
  const words = clean.split(' ')
  const first = words.findIndex(needsEncoding)
  if (first === -1) return clean
  const last = words.findLastIndex(needsEncoding)
  // One run from the first word that needs it to the last: the blanks between encoded words are not text.
  const run = words.slice(first, last + 1).join(' ')
  return [...words.slice(0, first), encodeRun(run, options.encoding), ...words.slice(last + 1)].join(' ')
}

const needsEncoding = (word: string): boolean => /[^!-~]/.test(word) || word.includes('=?')

/** What one word may hold: 75 characters (RFC 2047 §2) without `=?utf-8?q?` and `?=`. */
const ROOM = 75 - 12

function encodeRun(run: string, encoding: 'b' | 'q' | undefined): string {
  const kind = encoding ?? (encodeQ(run).length <= (fromUtf8(run).length * 4) / 3 ? 'q' : 'b')
  const encode = kind === 'q' ? encodeQ : (piece: string): string => toBase64(fromUtf8(piece))
  const lengthOf = kind === 'q' ? (character: string): number => encodeQ(character).length : octetsInBase64
  const room = kind === 'q' ? ROOM : Math.floor(ROOM / 4) * 4
  const encoded: string[] = []
  let piece = ''
  let length = 0
  // RFC 2047 §5: a character is never parted between two words.
  for (const character of run) {
    const size = lengthOf(character)
    if (length + size > room) {
      encoded.push(`=?utf-8?${kind}?${encode(piece)}?=`)
      piece = ''
      length = 0
    }
    piece += character
    length += size
  }
  return [...encoded, `=?utf-8?${kind}?${encode(piece)}?=`].join(' ')
}

const octetsInBase64 = (character: string): number => (fromUtf8(character).length * 4) / 3

/** RFC 2047 §5 (3): in a phrase only letters, digits and `!*+-/` stand for themselves. */
function encodeQ(text: string): string {
  let encoded = ''
  for (const byte of fromUtf8(text)) {
    const character = String.fromCharCode(byte)
    if (byte === 32) encoded += '_'
    else
      encoded += /[A-Za-z0-9!*+\-/]/.test(character)
        ? character
        : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}
