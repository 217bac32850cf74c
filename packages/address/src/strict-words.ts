/**
 * Encoded words (RFC 2047), read strictly: what the standard does not call an encoded-word stays as it is.
 *
 * ```abnf
 * encoded-word = "=?" charset [ "*" language ] "?" encoding "?" encoded-text "?="     ; RFC 2231 §5
 * encoded-text = 1*<printable ASCII but "?" and SPACE>
 * ```
 */

import { fromBase64 } from '@postroad/bytes'
import { Charsets, decodeQ, withoutLineEnds } from './encoded-words.ts'

/** Where the text stands. */
export interface StrictWordsOptions {
  /**
   * `text`: an unstructured field; `phrase`: a display name or keyword, where quoted strings hold no encoded words and
   * Q holds fewer characters; `comment`: what stands between parentheses. Default `text` (RFC 2047 §5).
   */
  readonly context?: 'text' | 'phrase' | 'comment'
}

/**
 * Text with its encoded words decoded, the blanks between two of them left out (RFC 2047 §6.2).
 *
 * An encoded word has at most 75 characters (RFC 2047 §2), blanks around it (in a comment also parentheses), and is
 * whole in itself (RFC 2047 §5): each is decoded alone, base64 with its padding, `=` with two digits. CR, LF and NUL
 * that come out of a word become blanks. Of more than fifty charsets in one text the others stay as they are.
 */
export function decodeWordsStrict(text: string, options: StrictWordsOptions = {}): string {
  return decodeWordsStrictBy(text, options.context ?? 'text', new Charsets())
}

/** `decodeWordsStrict` by the charsets that texts which belong together share. */
export function decodeWordsStrictBy(text: string, context: 'text' | 'phrase' | 'comment', charsets: Charsets): string {
  let decoded = ''
  /** Blanks that fall away if an encoded word follows them. */
  let blanks = ''
  let afterWord = false
  for (const piece of split(text, context)) {
    const word = piece.startsWith('=?') ? readWord(piece, context, charsets) : undefined
    if (word !== undefined) {
      decoded += (afterWord ? '' : blanks) + word
      blanks = ''
    } else if (isBlank(piece.charCodeAt(0))) blanks = piece
    else {
      decoded += blanks + piece
      blanks = ''
    }
    if (blanks === '') afterWord = word !== undefined
  }
  return decoded + blanks
}

/** Cuts text into runs of blanks and what stands between them: words, quoted strings, parentheses of comments. */
function* split(text: string, context: 'text' | 'phrase' | 'comment'): Generator<string> {
  let quotesOpen = false
  for (let at = 0; at < text.length;) {
    const start = at
    if (isBlank(text.charCodeAt(at))) {
      while (isBlank(text.charCodeAt(at))) at += 1
    } else if (context === 'comment' && isParenthesis(text.charAt(at))) at += 1
    else {
      while (at < text.length && !isBlank(text.charCodeAt(at))) {
        const character = text.charAt(at)
        if (context === 'comment' && isParenthesis(character)) break
        if (context === 'phrase' && character === '"' && !quotesOpen) {
          const end = quotedEnd(text, at)
          quotesOpen = end === -1
          at = quotesOpen ? at + 1 : end
        } else at += 1
      }
    }
    yield text.slice(start, at)
  }
}

const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 13 || code === 10
const isParenthesis = (character: string): boolean => character === '(' || character === ')'

/** Where the quoted string ends that begins at `start`; -1 where it never does. */
function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '"') return at + 1
    if (character === '\\') at += 1
  }
  return -1
}

/** RFC 2047 §2. */
const LONGEST = 75

// RFC 2047 §2: a token without especials; RFC 2231 §5 takes the asterisk out of it.
const WORD = /^=\?([!#$%&'+\-0-9A-Z\\^_`a-z{|}~]+)(?:\*[A-Za-z0-9-]+)?\?([BbQq])\?([!->@-~]+)\?=$/
const HALF_ESCAPE = /=(?![0-9A-Fa-f]{2})/
/** What Q may hold in a comment, and in a phrase (RFC 2047 §5). */
const NOT_IN_COMMENT = /[()"\\]/
const NOT_IN_PHRASE = /[^A-Za-z0-9!*+\-/=_]/

function readWord(text: string, context: 'text' | 'phrase' | 'comment', charsets: Charsets): string | undefined {
  const [, charset = '', encoding, encoded = ''] = text.length > LONGEST ? [] : (WORD.exec(text) ?? [])
  const decode = encoding === undefined ? undefined : charsets.find(charset.toLowerCase())
  if (decode === undefined) return undefined
  const bytes = encoding === 'B' || encoding === 'b' ? fromBase64(encoded) : readQ(encoded, context)
  return bytes && withoutLineEnds(decode(bytes))
}

function readQ(encoded: string, context: 'text' | 'phrase' | 'comment'): Uint8Array | undefined {
  if (HALF_ESCAPE.test(encoded)) return undefined
  if (context === 'comment' && NOT_IN_COMMENT.test(encoded)) return undefined
  return context === 'phrase' && NOT_IN_PHRASE.test(encoded) ? undefined : decodeQ(encoded)
}
