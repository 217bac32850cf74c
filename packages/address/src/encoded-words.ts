/**
 * Encoded words (RFC 2047), read leniently, with the language tag of RFC 2231 §5.
 *
 * ```abnf
 * encoded-word = "=?" charset [ "*" language ] "?" encoding "?" encoded-text "?="
 * ```
 * Words may be longer than 75 characters, hold blanks and question marks, and need none around them; a word of an
 * unknown charset or encoding stays as it is (RFC 2047 §6.2). Linear in the text.
 */

import { concat } from '@postroad/bytes'
import { type Decode, findCharset } from './charset.ts'
import { decodeEscapes } from './escapes.ts'
import { decodeBase64 } from './lenient-base64.ts'

/** One encoded word that was found. */
interface EncodedWord {
  readonly charset: string
  readonly decode: Decode
  readonly bytes: Uint8Array
  readonly end: number
}

/**
 * Text with its encoded words decoded; the blanks between two of them fall away (RFC 2047 §6.2).
 *
 * Words of one charset that follow each other are decoded together, because some programs cut a character in two
 * (against RFC 2047 §5). Blanks inside a word are text, but not where the word writes its blanks as `_` or `=20`, nor
 * in base64: there they come from folding. CR, LF and NUL that come out of a word become blanks, so that no line can be
 * forged. Of more than fifty charsets in one text the others stay as they are.
 *
 * For unstructured text, phrases and comments. What stands within quotes is decoded like the rest: see
 * `decodeWordsStrict`.
 */
export function decodeWords(text: string): string {
  return decodeWordsBy(text, new Charsets())
}

/** `decodeWords` by the charsets that texts which belong together share. */
export function decodeWordsBy(text: string, charsets: Charsets): string {
  let decoded = ''
  let done = 0
  const run = new WordRun()
  for (let at = text.indexOf('=?'); at !== -1;) {
    const word = readWord(text, at, charsets)
    if (word === undefined) {
      at = text.indexOf('=?', at + 1)
      continue
    }
    const between = text.slice(done, at)
    const adjacent = !run.empty && BLANK.test(between)
    if (!adjacent || !run.takes(word)) decoded += run.finish()
    if (!adjacent) decoded += between
    run.add(word)
    done = word.end
    at = text.indexOf('=?', done)
  }
  return decoded + run.finish() + text.slice(done)
}

const BLANK = /^[ \t\r\n]*$/
const LINE_FORGING = /[\r\n\0]/g

/** Words of one charset that follow each other. */
class WordRun {
  #words: EncodedWord[] = []

  get empty(): boolean {
    return this.#words.length === 0
  }

  /** RFC 2152: a word of UTF-7 begins anew, whatever was open. */
  takes(word: EncodedWord): boolean {
    return this.#words.at(-1)?.charset === word.charset && !/utf-?7$/.test(word.charset)
  }

  add(word: EncodedWord): void {
    this.#words.push(word)
  }

  /** The text of the words, which are then forgotten. */
  finish(): string {
    const words = this.#words
    const [first] = words
    if (first === undefined) return ''
    this.#words = []
    return withoutLineEnds(first.decode(concat(words.map(({ bytes }) => bytes))))
  }
}

/** Text from a word, with blanks for what could forge a line. */
export function withoutLineEnds(text: string): string {
  return text.replace(LINE_FORGING, ' ')
}

/** The charsets of one text or list, each looked up once, since finding out that one is not known is slow; at most fifty. */
export class Charsets {
  readonly #found = new Map<string, Decode | undefined>()

  /** @param charset In lower case. */
  find(charset: string): Decode | undefined {
    if (this.#found.has(charset) || this.#found.size === MOST_CHARSETS) return this.#found.get(charset)
    const decode = findCharset(charset)
    this.#found.set(charset, decode)
    return decode
  }
}

const MOST_CHARSETS = 50

/** No charset has so long a name, its language included; the bound keeps the search linear. */
const LONGEST_CHARSET = 80

/** The encoded word that begins at `start`, with `=?`. */
function readWord(text: string, start: number, charsets: Charsets): EncodedWord | undefined {
  const label = text.slice(start + 2, start + 2 + LONGEST_CHARSET)
  const labelEnd = label.indexOf('?')
  const textStart = start + labelEnd + 5
  if (labelEnd < 1 || text.charAt(textStart - 1) !== '?') return undefined
  const end = wordEnd(text, textStart)
  if (end === -1) return undefined
  const encoded = text.slice(textStart, end)
  const language = label.indexOf('*')
  const charset = label.slice(0, language === -1 ? labelEnd : Math.min(language, labelEnd)).toLowerCase()
  const encoding = text.charAt(textStart - 2).toLowerCase()
  const decode = encoding === 'b' || encoding === 'q' ? charsets.find(charset) : undefined
  if (decode === undefined) return undefined
  const bytes = encoding === 'b' ? decodeBase64(encoded) : decodeQ(unfold(encoded))
  return { charset, decode, bytes, end: end + 2 }
}

/**
 * Where the `?=` stands that ends the encoded text from `start`; -1 where another word begins before it, or none comes.
 * A question mark alone is text, which some programs do not encode.
 */
function wordEnd(text: string, start: number): number {
  for (let at = text.indexOf('?', start); at !== -1; at = text.indexOf('?', at + 1)) {
    if (text.charAt(at + 1) === '=') return at
    if (at > start && text.charAt(at - 1) === '=') return -1
  }
  return -1
}

/** Takes out the blanks of folding, where the word itself writes blanks otherwise. */
function unfold(encoded: string): string {
  return encoded.includes('_') || encoded.includes('=20') ? encoded.replace(/[ \t\r\n]/g, '') : encoded
}

/** RFC 2047 §4.2, lenient: `=` without two hexadecimal digits stands for itself. */
export function decodeQ(encoded: string): Uint8Array {
  return decodeEscapes(encoded.replaceAll('_', ' '), EQUALS)
}

const EQUALS = 61
