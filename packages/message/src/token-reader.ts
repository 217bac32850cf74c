/**
 * The tokens of structured fields of MIME (RFC 2045 §5.1, RFC 5322 §3.2.2, §3.2.4), read from text in one pass.
 *
 * One reader for both manners: each departure from the grammar is noted, and the reader goes on behind it. Who reads
 * strictly asks for the fault, who reads leniently does not. Time and memory are linear in the text: a comment that is
 * never closed is looked for once, and from then on no parenthesis begins one.
 */

import type { Result, SyntaxFault } from '@postroad/address'
import { findForeign, isSpace, skipComment } from './cfws.ts'

/** A place in a text, and the first fault before it. */
export class TokenReader {
  readonly text: string
  /** Where the next character is read. */
  at = 0
  #commentsOpen = false
  #fault: SyntaxFault | undefined
  #comments: string[] = []

  constructor(text: string) {
    this.text = text
    this.skip()
  }

  /** Nothing is left. */
  get ended(): boolean {
    return this.at >= this.text.length
  }

  /** Notes a fault; the first one stands. */
  refuse(rule: string, offset: number, expected: string): void {
    this.#fault ??= { rule, offset, expected }
  }

  /** The value where the whole text was read without a fault. */
  result<T>(value: T, rule: string): Result<T> {
    if (!this.ended) this.refuse(rule, this.at, 'nothing more')
    return this.#fault === undefined ? { ok: true, value } : { ok: false, error: this.#fault }
  }

  /** Whether this character stands at the place. */
  is(character: string): boolean {
    return this.text.charAt(this.at) === character
  }

  /** Goes behind the character, and the blanks and comments after it, where it stands at the place. */
  literal(character: string): boolean {
    if (!this.is(character)) return false
    this.at += 1
    this.skip()
    return true
  }

  /**
   * A token (RFC 2045 §5.1) and the blanks and comments behind it; empty where none stands. Characters outside ASCII are
   * taken for a part of it, and are a fault: RFC 6532 §3.2 lets them into quoted-strings, not into tokens.
   */
  token(): string {
    const start = this.at
    const token = this.#bareToken()
    const foreign = token.search(NOT_ASCII)
    if (foreign !== -1) this.refuse('token', start + foreign, 'ASCII, or quotes')
    this.skip()
    return token
  }

  /**
   * A value: a token or a quoted-string, and the blanks and comments behind it; empty, and a fault, where none is. It may
   * be a domain with U-labels (RFC 8601 §1.5.2).
   */
  value(rule: string): string {
    const start = this.at
    if (this.is('"')) {
      const value = this.quotedString()
      this.skip()
      return value
    }
    const token = this.#bareToken()
    this.skip()
    if (token === '') this.refuse(rule, start, 'a token or a quoted-string')
    return token
  }

  /**
   * What the quoted-string that begins at the place means (RFC 5322 §3.2.4), without its quotes, backslashes and line
   * ends, a line end behind a backslash being a blank. One that is never closed takes all the rest.
   */
  quotedString(): string {
    const { text } = this
    const start = this.at
    let value = ''
    let from = start + 1
    for (this.at = from; !this.ended; this.at += 1) {
      const code = text.charCodeAt(this.at)
      if (code === QUOTE) {
        value += text.slice(from, this.at)
        this.at += 1
        return value
      }
      if (code === BACKSLASH) {
        value += text.slice(from, this.at)
        this.at += 1
        from = this.at
        const quoted = text.charCodeAt(from)
        if (isForeign(quoted)) this.refuse('quoted-pair', from, 'a printable character')
        if (quoted === CR || quoted === LF) {
          value += ' '
          from += 1
        }
      } else if (code === CR || code === LF) {
        value += text.slice(from, this.at)
        this.#checkLineEnd()
        from = this.at + 1
      } else if (isForeign(code)) this.refuse('quoted-string', this.at, 'a printable character')
    }
    this.refuse('quoted-string', start, 'a closing quote')
    value += text.slice(from)
    this.at = text.length
    return value
  }

  /** Passes over blanks, line ends and whole comments, and keeps the comments. */
  skip(): void {
    for (;;) {
      while (isSpace(this.text.charCodeAt(this.at))) {
        this.#checkLineEnd()
        this.at += 1
      }
      if (!this.is('(') || this.#commentsOpen) return
      const end = skipComment(this.text, this.at)
      if (end === -1) {
        this.#commentsOpen = true
        this.refuse('comment', this.at, 'a closing parenthesis')
        return
      }
      const comment = this.text.slice(this.at, end)
      const foreign = findForeign(comment)
      if (foreign !== -1) this.refuse('comment', this.at + foreign, 'a printable character')
      this.#comments.push(commentText(comment.slice(1, -1)))
      this.at = end
    }
  }

  /** The comments passed over since the last call, without the parentheses around each. */
  takeComments(): readonly string[] {
    const comments = this.#comments
    this.#comments = []
    return comments
  }

  /** Whether a token and right behind it an equals sign stand at the place. */
  atAttribute(): boolean {
    const start = this.at
    const token = this.#bareToken()
    const found = token !== '' && this.is('=')
    this.at = start
    return found
  }

  /** Goes to the next semicolon that is not within quotes, or to the end. */
  skipToSemicolon(): void {
    while (!this.ended && !this.is(';')) {
      if (this.is('"')) this.quotedString()
      else this.at += 1
    }
    this.takeComments()
  }

  #bareToken(): string {
    const start = this.at
    while (isTokenCode(this.text.charCodeAt(this.at))) this.at += 1
    return this.text.slice(start, this.at)
  }

  /** RFC 5322 §2.2.3: a line end within a field is CRLF and has white space behind it. */
  #checkLineEnd(): void {
    const { text, at } = this
    const code = text.charCodeAt(at)
    if (code === CR && text.charCodeAt(at + 1) !== LF) this.refuse('FWS', at, 'CRLF and white space')
    if (code !== LF) return
    const next = text.charCodeAt(at + 1)
    if (text.charCodeAt(at - 1) !== CR || (next !== SPACE && next !== TAB)) {
      this.refuse('FWS', at, 'CRLF and white space')
    }
  }
}

const NOT_ASCII = /[^\0-\u007f]/

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92

/** What may not stand in a quoted-string: control characters, the tab excepted. */
function isForeign(code: number): boolean {
  return (code < SPACE && code !== TAB) || code === 127
}

function commentText(inside: string): string {
  return inside
    .replace(/\\([\s\S])/g, '$1')
    .replace(/[\r\n\0]/g, '')
    .trim()
}

/** For each ASCII character whether it may stand in a token. */
const TOKEN = Uint8Array.from({ length: 128 }, (_, code) =>
  code > SPACE && code < 127 && !'()<>@,;:\\"/[]?='.includes(String.fromCharCode(code)) ? 1 : 0,
)

/** What is read as part of a token: characters outside ASCII too, which no token may hold. */
function isTokenCode(code: number): boolean {
  return code > 127 || TOKEN[code] === 1
}

/** Whether the text is one token (RFC 2045 §5.1: any ASCII character but blanks, controls and tspecials). */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (TOKEN[text.charCodeAt(at)] !== 1) return false
  return text !== ''
}

/** The text as a quoted-string; CR, LF and NUL are removed. */
export function formatQuotedString(text: string): string {
  return `"${text.replace(/[\r\n\0]/g, '').replace(/[\\"]/g, '\\$&')}"`
}
