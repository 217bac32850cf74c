/**
 * Content-Type and its parameters (RFC 2045 §5.1), with the continuations, charsets and languages of RFC 2231.
 *
 * ```abnf
 * content   = type "/" subtype *( ";" parameter )
 * parameter = attribute [ "*" section ] [ "*" ] "=" ( token / quoted-string )
 * ```
 */

import { concat, fromUtf8 } from '@postroad/bytes'
import { isSpace, skipCfws } from './cfws.ts'
import { decodeCharset } from './charset.ts'
import { hexDigit } from './words.ts'

/** A media type. */
export interface ContentType {
  /** In lower case: `text`, `multipart` ... */
  readonly type: string
  /** In lower case: `plain`, `report` ... */
  readonly subtype: string
  /** By name in lower case; of doubled ones the first. Values decoded, their case kept. */
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Reads the value of a Content-Type field. Takes anything: a missing one (`undefined`), and one that is not of the
 * grammar, are `text/plain; charset=us-ascii` (RFC 2045 §5.2).
 */
export function parseContentType(value: string | undefined): ContentType {
  const reader = new TokenReader(value ?? '')
  const type = reader.token()
  const subtype = reader.literal('/') ? reader.token() : ''
  if (type === '' || subtype === '') {
    return { type: 'text', subtype: 'plain', parameters: new Map([['charset', 'us-ascii']]) }
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters: readParameters(reader) }
}

/** A piece of a parameter (RFC 2231 §3); `section` 0 where it is the only one. */
interface Piece {
  readonly section: number
  readonly encoded: boolean
  readonly text: string
}

function readParameters(reader: TokenReader): ReadonlyMap<string, string> {
  const plain = new Map<string, string>()
  const extended = new Map<string, Piece[]>()
  while (reader.nextParameter()) {
    const name = reader.token().toLowerCase()
    if (name === '' || !reader.literal('=')) continue
    const text = reader.value()
    const [attribute = '', ...marks] = name.split('*')
    if (marks.length === 0) {
      if (!plain.has(name)) plain.set(name, text)
      continue
    }
    const [mark = ''] = marks
    const section = mark === '' ? 0 : /^(?:0|[1-9]\d{0,5})$/.test(mark) ? Number(mark) : -1
    if (section === -1) continue
    const pieces = extended.get(attribute) ?? []
    pieces.push({ section, encoded: marks.at(-1) === '', text })
    extended.set(attribute, pieces)
  }
  // Where both forms stand the extended one is what the writer meant: the other is for old readers.
  for (const [attribute, pieces] of extended) {
    const text = joinPieces(pieces)
    if (text !== undefined) plain.set(attribute, text)
  }
  return plain
}

/** Joins pieces 0, 1, 2 ... up to the first that is missing (RFC 2231 §3, §4.1); `undefined` without piece 0. */
function joinPieces(pieces: readonly Piece[]): string | undefined {
  const bySection = new Map<number, Piece>()
  for (const piece of pieces) if (!bySection.has(piece.section)) bySection.set(piece.section, piece)
  const first = bySection.get(0)
  if (first === undefined) return undefined
  const [charset, firstText] = first.encoded ? splitCharset(first.text) : ['utf-8', first.text]
  const chunks: Uint8Array[] = []
  for (let section = 0, piece = bySection.get(0); piece !== undefined; section += 1, piece = bySection.get(section)) {
    const text = section === 0 ? firstText : piece.text
    chunks.push(piece.encoded ? decodePercent(text) : fromUtf8(text))
  }
  const bytes = concat(chunks)
  return decodeCharset(charset, bytes) ?? decodeCharset('us-ascii', bytes)
}

/** RFC 2231 §4: `charset'language'text`; without the quotes it is all text. */
function splitCharset(text: string): readonly [charset: string, text: string] {
  const first = text.indexOf("'")
  const second = text.indexOf("'", first + 1)
  return second === -1 ? ['us-ascii', text] : [text.slice(0, first) || 'us-ascii', text.slice(second + 1)]
}

function decodePercent(text: string): Uint8Array {
  const source = fromUtf8(text)
  const bytes = new Uint8Array(source.length)
  let length = 0
  for (let at = 0; at < source.length; at += 1) {
    const high = source[at] === 37 ? hexDigit(source[at + 1]) : -1
    const low = high === -1 ? -1 : hexDigit(source[at + 2])
    bytes[length] = low === -1 ? (source[at] ?? 0) : high * 16 + low
    if (low !== -1) at += 2
    length += 1
  }
  return bytes.subarray(0, length)
}

/** Takes tokens, blanks and comments passed over. Every call moves on or gives nothing. */
class TokenReader {
  readonly #text: string
  #at: number

  constructor(text: string) {
    this.#text = text
    this.#at = skipCfws(text, 0)
  }

  /** A token; empty where none stands. RFC 2045 §5.1: all but blanks, controls and tspecials. */
  token(): string {
    const start = this.#at
    while (isTokenCode(this.#text.charCodeAt(this.#at))) this.#at += 1
    const token = this.#text.slice(start, this.#at)
    this.#skip()
    return token
  }

  literal(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false
    this.#at += 1
    this.#skip()
    return true
  }

  /** A quoted string's meaning; else all up to the next blank or semicolon, as many programs forget the quotes. */
  value(): string {
    if (this.#text.charAt(this.#at) !== '"') {
      const start = this.#at
      while (this.#at < this.#text.length && !endsValue(this.#text.charCodeAt(this.#at))) this.#at += 1
      const value = this.#text.slice(start, this.#at)
      this.#skip()
      return value
    }
    let value = ''
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text.charAt(this.#at)
      if (character === '"') break
      if (character === '\\') this.#at += 1
      value += this.#text.charAt(this.#at)
    }
    this.#at += 1
    this.#skip()
    return value
  }

  /** Goes behind the next semicolon that is not quoted; false where none comes. */
  nextParameter(): boolean {
    let quoted = false
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text.charAt(this.#at)
      if (character === '"') quoted = !quoted
      else if (character === ';' && !quoted) return this.literal(';')
    }
    return false
  }

  #skip(): void {
    this.#at = skipCfws(this.#text, this.#at)
  }
}

const endsValue = (code: number): boolean => code === 59 || isSpace(code)

const TSPECIALS = '()<>@,;:\\"/[]?='

function isTokenCode(code: number): boolean {
  return code > 32 && code !== 127 && !TSPECIALS.includes(String.fromCharCode(code))
}

/** RFC 2045 §5.1, RFC 2231 §7: what needs neither quotes nor percent signs. */
const TOKEN = /^[!#$&+\-.0-9A-Z^_`a-z{|}~]+$/
const QUOTABLE = /^[ -~]*$/
/** Longest value written in one piece, so that a field can be folded below 78. */
const LONGEST_PIECE = 60

/**
 * A parameter for a field, without the semicolon before it: `charset=utf-8`, `boundary="a b"`, and for text outside
 * ASCII, or too long for a line, the pieces of RFC 2231, parted by `; `. CR, LF and NUL are removed from the value.
 *
 * @param name A token, in lower case.
 */
export function formatParameter(name: string, value: string): string {
  const clean = value.replace(/[\r\n\0]/g, '')
  if (clean.length <= LONGEST_PIECE) {
    if (TOKEN.test(clean)) return `${name}=${clean}`
    if (QUOTABLE.test(clean)) return `${name}="${clean.replace(/[\\"]/g, '\\$&')}"`
  }
  const pieces: string[] = []
  let piece = "utf-8''"
  for (const byte of fromUtf8(clean)) {
    const character = String.fromCharCode(byte)
    const encoded = TOKEN.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    if (piece.length + encoded.length > LONGEST_PIECE) {
      pieces.push(piece)
      piece = ''
    }
    piece += encoded
  }
  pieces.push(piece)
  if (pieces.length === 1) return `${name}*=${piece}`
  return pieces.map((text, section) => `${name}*${section}*=${text}`).join('; ')
}
