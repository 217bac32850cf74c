/**
 * Parameters of structured fields (RFC 2045 §5.1), with the continuations, charsets and languages of RFC 2231.
 *
 * ```abnf
 * parameters          = *( ";" parameter )
 * parameter           = regular-parameter / extended-parameter         ; RFC 2231 §7
 * regular-parameter   = attribute [ "*" section ] "=" value
 * extended-parameter  = attribute [ "*" section ] "*" "=" [ charset ] "'" [ language ] "'" *( "%" 2HEXDIG / attribute-char )
 * value               = token / quoted-string
 * ```
 * Read leniently, so that nobody's file name is lost: semicolons may be doubled or forgotten, values that should have
 * been quoted reach up to the next semicolon or attribute, sections stand in any order, and those behind a gap are kept
 * under the name they were written with.
 */

import { decodeAscii, decodeCharset, decodeEscapes } from '@postroad/address'
import { concat } from '@postroad/bytes'
import { isSpace } from './cfws.ts'
import type { TokenReader } from './token-reader.ts'

/** Parameters by name. */
export interface Parameters {
  /** By name in lower case; of doubled ones the first. Values decoded, their case kept; without CR, LF and NUL. */
  readonly parameters: ReadonlyMap<string, string>
  /** The language (RFC 2231 §4) of those parameters that name one, as written; absent where none does. */
  readonly languages?: ReadonlyMap<string, string>
}

/** A piece of a parameter (RFC 2231 §3); `section` 0 where it is the only one. */
interface Piece {
  readonly section: number
  readonly encoded: boolean
  readonly text: string
  readonly offset: number
}

/** Reads the parameters up to the end of the text, from the first semicolon on. */
export function readParameters(reader: TokenReader): Parameters {
  const plain = new Map<string, string>()
  const extended = new Map<string, Piece[]>()
  while (!reader.ended) {
    if (!reader.literal(';')) reader.refuse('parameters', reader.at, '";"')
    const start = reader.at
    const name = reader.token().toLowerCase()
    if (name === '') {
      reader.refuse('attribute', start, 'an attribute')
      reader.skipToSemicolon()
    } else if (reader.literal('=')) {
      keep(reader, name, start, plain, extended)
      reader.skip()
    } else reader.refuse('parameter', reader.at, '"="')
  }
  const languages = new Map<string, string>()
  // Where both forms stand the extended one is what the writer meant: the other is for old readers.
  for (const [attribute, pieces] of extended) joinPieces(reader, attribute, pieces, plain, languages)
  return languages.size === 0 ? { parameters: plain } : { parameters: plain, languages }
}

/** `*`, `*0`, `*0*`, `*12` behind an attribute (RFC 2231 §7). */
const SECTION = /^\*(?:(0|[1-9]\d{0,5})(\*?))?$/

/** Reads a value and keeps it under its attribute, the first of each name. */
function keep(
  reader: TokenReader,
  name: string,
  start: number,
  plain: Map<string, string>,
  extended: Map<string, Piece[]>,
): void {
  const quoted = reader.is('"')
  const offset = reader.at
  const text = readValue(reader)
  const star = name.indexOf('*')
  const mark = star < 1 ? null : SECTION.exec(name.slice(star))
  if (mark === null) {
    if (star !== -1) reader.refuse('section', start, 'a section')
    if (plain.has(name)) reader.refuse('parameter', start, 'each attribute once')
    else plain.set(name, clean(text))
    return
  }
  const attribute = name.slice(0, star)
  const [, digits, last] = mark
  const encoded = digits === undefined || last === '*'
  if (encoded && quoted) reader.refuse('extended-parameter', offset, 'no quotes')
  const pieces = extended.get(attribute) ?? []
  pieces.push({ section: Number(digits ?? 0), encoded, text, offset })
  extended.set(attribute, pieces)
}

const clean = (text: string): string => text.replace(/[\r\n\0]/g, ' ')

/**
 * A quoted-string's meaning, or a token. Many programs forget the quotes: what is no token reaches up to the next
 * blank, semicolon or comment, and where no semicolon and no attribute comes behind it, up to there.
 */
function readValue(reader: TokenReader): string {
  if (reader.is('"')) return reader.quotedString()
  const { text, at: start } = reader
  while (!reader.ended && !endsValue(text.charCodeAt(reader.at))) reader.at += 1
  const { at: end } = reader
  reader.at = start
  const isToken = reader.token().length === end - start && end > start
  if (!isToken) reader.refuse('value', start, 'a token or a quoted-string')
  reader.at = end
  reader.skip()
  if (reader.ended || reader.is(';') || reader.atAttribute()) return text.slice(start, end)
  reader.refuse('value', end, 'quotes around blanks')
  reader.at = end
  let last = end
  while (!reader.ended && !reader.is(';')) {
    const blank = isSpace(text.charCodeAt(reader.at))
    reader.at += 1
    if (!blank) last = reader.at
    else if (reader.atAttribute()) break
  }
  return text.slice(start, last)
}

const endsValue = (code: number): boolean => code === 59 || code === 40 || isSpace(code)

/** Joins pieces 0, 1, 2 ... up to the first that is missing (RFC 2231 §3, §4.1). */
function joinPieces(
  reader: TokenReader,
  attribute: string,
  pieces: readonly Piece[],
  plain: Map<string, string>,
  languages: Map<string, string>,
): void {
  const bySection = new Map<number, Piece>()
  for (const piece of pieces) {
    if (bySection.has(piece.section)) reader.refuse('section', piece.offset, 'each section once')
    else bySection.set(piece.section, piece)
  }
  const first = bySection.get(0)
  if (first !== undefined) {
    if (plain.has(attribute)) reader.refuse('parameter', first.offset, 'each attribute once')
    const initial = first.encoded ? splitInitial(reader, first) : UNMARKED
    if (initial.language !== '') languages.set(attribute, initial.language)
    const text = new PieceJoiner(initial.charset)
    for (let section = 0, piece = bySection.get(0); piece !== undefined; piece = bySection.get(section)) {
      if (piece.encoded) text.addEncoded(reader, piece, section === 0 ? initial.start : 0)
      else text.addPlain(piece.text)
      bySection.delete(section)
      section += 1
    }
    plain.set(attribute, clean(text.finish()))
  }
  for (const { section, encoded, text, offset } of bySection.values()) {
    reader.refuse('section', offset, 'the sections before it')
    // No name of this form was kept before: it is a piece of a parameter.
    plain.set(`${attribute}*${section}`, clean(encoded ? decodeAscii(decodeEscapes(text, PERCENT)) : text))
  }
}

const PERCENT = 37

/** What stands before the text of an extended value. */
interface Initial {
  readonly charset: string
  readonly language: string
  /** Where the text begins. */
  readonly start: number
}

const UNMARKED: Initial = { charset: 'us-ascii', language: '', start: 0 }

/** RFC 2231 §4: `charset'language'text`; without the quotes it is all text. */
function splitInitial(reader: TokenReader, { text, offset }: Piece): Initial {
  const first = text.indexOf("'")
  const second = text.indexOf("'", first + 1)
  if (second !== -1) {
    return { charset: text.slice(0, first) || 'us-ascii', language: text.slice(first + 1, second), start: second + 1 }
  }
  reader.refuse('extended-initial-value', offset, 'charset and language')
  return UNMARKED
}

/** Joins pieces: encoded ones that follow each other are one text, as a character may be parted between them. */
class PieceJoiner {
  readonly #charset: string
  #text = ''
  #chunks: Uint8Array[] = []

  constructor(charset: string) {
    this.#charset = charset
  }

  addEncoded(reader: TokenReader, { text, offset }: Piece, start: number): void {
    const encoded = text.slice(start)
    if (NOT_EXTENDED.test(encoded))
      reader.refuse('extended-other-values', offset + start, 'ext-octets or attribute-chars')
    this.#chunks.push(decodeEscapes(encoded, PERCENT))
  }

  addPlain(text: string): void {
    this.#text = this.finish() + text
  }

  finish(): string {
    if (this.#chunks.length > 0) this.#text += asText(this.#charset, concat(this.#chunks))
    this.#chunks = []
    return this.#text
  }
}

/** A character that is no attribute-char (RFC 2231 §7) and begins no escape. */
const NOT_EXTENDED = /[^!#$%&+\-.0-9A-Z^_`a-z{|}~]|%(?![0-9A-Fa-f]{2})/

/** The text of bytes; of an unknown charset what is ASCII in them, and the rest somehow. */
function asText(charset: string, bytes: Uint8Array): string {
  return decodeCharset(charset, bytes) ?? decodeAscii(bytes)
}
