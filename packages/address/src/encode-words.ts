/** Encoded words (RFC 2047), written: in UTF-8, with the language tag of RFC 2231 §5 where one is given. */

import { fromUtf8, toBase64 } from '@postroad/bytes'
import { toHex } from './escapes.ts'

/** How to encode. */
export interface EncodeWordsOptions {
  /** `b` (base64), `q` (quoted-printable like), or the shorter of both; default the shorter. */
  readonly encoding?: 'b' | 'q'
  /** A language tag, as `de` (RFC 2231 §5), at most 20 characters of letters, digits and `-`; default none. */
  readonly language?: string
}

/**
 * Text with what is not ASCII as encoded words in UTF-8, each at most 75 characters, parted by blanks where the field
 * may be folded. ASCII words around them stay as they are; `decodeWords` gives the text again.
 *
 * For unstructured text. The encoded words themselves may stand in phrases and comments too (RFC 2047 §5), but the ASCII
 * words beside them are not looked at: for a name use `formatPhrase`. CR, LF and NUL are removed; other control
 * characters are encoded. A lone surrogate becomes U+FFFD.
 */
export function encodeWords(text: string, options: EncodeWordsOptions = {}): string {
  const clean = text.replace(LINE_FORGING, '')
  const words = clean.split(' ')
  const first = words.findIndex(needsEncoding)
  if (first === -1) return clean
  const last = words.findLastIndex(needsEncoding)
  // One run from the first word that needs it to the last: the blanks between encoded words are not text.
  const run = words.slice(first, last + 1).join(' ')
  return [...words.slice(0, first), encodeRun(run, options), ...words.slice(last + 1)].join(' ')
}

const LINE_FORGING = /[\r\n\0]/g

const needsEncoding = (word: string): boolean => /[^!-~]/.test(word) || word.includes('=?')

/** RFC 2047 §2. */
const LONGEST = 75
const LONGEST_LANGUAGE = 20

/** All of the text in encoded words, at least one; they may stand in a phrase. */
export function encodeRun(run: string, { encoding, language = '' }: EncodeWordsOptions = {}): string {
  const kind = encoding ?? (encodeQ(run).length <= (fromUtf8(run).length * 4) / 3 ? 'q' : 'b')
  const tag = language.replace(/[^A-Za-z0-9-]/g, '').slice(0, LONGEST_LANGUAGE)
  const start = `=?utf-8${tag && `*${tag}`}?${kind}?`
  const limit = LONGEST - start.length - 2
  const encode = kind === 'q' ? encodeQ : (piece: string): string => toBase64(fromUtf8(piece))
  const lengthOf = kind === 'q' ? (character: string): number => encodeQ(character).length : octetsInBase64
  const room = kind === 'q' ? limit : Math.floor(limit / 4) * 4
  const encoded: string[] = []
  let piece = ''
  let length = 0
  // RFC 2047 §5: a character is never parted between two words.
  for (const character of run) {
    const size = lengthOf(character)
    if (length + size > room) {
      encoded.push(`${start}${encode(piece)}?=`)
      piece = ''
      length = 0
    }
    piece += character
    length += size
  }
  return [...encoded, `${start}${encode(piece)}?=`].join(' ')
}

const octetsInBase64 = (character: string): number => (fromUtf8(character).length * 4) / 3

/** RFC 2047 §5 (3): in a phrase only letters, digits and `!*+-/` stand for themselves. */
function encodeQ(text: string): string {
  let encoded = ''
  for (const byte of fromUtf8(text)) {
    const character = String.fromCharCode(byte)
    if (byte === 32) encoded += '_'
    else encoded += /[A-Za-z0-9!*+\-/]/.test(character) ? character : `=${toHex(byte)}`
  }
  return encoded
}
