/**
 * The tokens of structured header fields (RFC 5322 §3.2, RFC 6532 §3.2), read from text in one pass without recursion.
 *
 * One scanner for both manners of reading. Everything that is outside of the grammar is a fault, and the scanner goes
 * on behind it. What only the obsolete grammar allows (RFC 5322 §4) is a fault where `strict`. Faults beyond a hundred
 * are counted as one more and not kept.
 */

import { ATEXT, classesOf, DOT_ATEXT, isOf, nonAsciiWidth, PRINTABLE } from './characters.ts'
import type { SyntaxFault } from './result.ts'

const MAX_FAULTS = 100

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const OPEN = 0x28
const CLOSE = 0x29
const QUESTION = 0x3f
const AT = 0x40
const BACKSLASH = 0x5c

/** What stood between two quotes. */
export interface QuotedString {
  readonly value: string
  /** A control character or a lone surrogate is in it. */
  readonly foreign: boolean
}

/** A place in a text, and the faults before it. */
export class HeaderScanner {
  readonly text: string
  readonly strict: boolean
  /** The faults so far, at most a hundred. */
  readonly faults: SyntaxFault[] = []
  /** Where the next character is read. */
  at = 0
  /** Where the first comment of the last `skipCfws` begins; -1 where it had none. */
  comment = -1
  /** Of which classes the characters of the last `runEnd` are, taken together. */
  seen = 0
  /** No quote from here on is closed, so none is looked at again. */
  #quotesOpen = false

  constructor(text: string, strict: boolean) {
    this.text = text
    this.strict = strict
  }

  /** The UTF-16 unit at the place; NaN at the end. */
  get code(): number {
    return this.text.charCodeAt(this.at)
  }

  /** Notes text outside of the grammar. */
  fault(rule: string, offset: number, expected: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push({ rule, offset, expected })
  }

  /** Notes what only the obsolete grammar has. */
  obsolete(rule: string, offset: number, expected: string): void {
    if (this.strict) this.fault(rule, offset, expected)
  }

  /**
   * Skips comments and folding white space (RFC 5322 §3.2.2); true where there was any.
   *
   *     FWS   = ([*WSP CRLF] 1*WSP) / obs-FWS
   *     CFWS  = (1*([FWS] comment) [FWS]) / FWS
   */
  skipCfws(): boolean {
    const start = this.at
    this.comment = -1
    let folds = 0
    for (;;) {
      const { code } = this
      if (code === SPACE || code === TAB) this.at += 1
      else if (code === CR || code === LF) {
        folds += 1
        // Two line ends with nothing but white space between them (RFC 5322 §4.2)
        if (folds === 2) this.obsolete('FWS', this.at, 'text between two line ends')
        this.#lineEnd()
      } else if (code === OPEN) {
        if (this.comment === -1) this.comment = this.at
        this.#skipComment()
        folds = 0
      } else return this.at > start
    }
  }

  /** Where the run of characters of a class that begins at `start` ends. */
  runEnd(start: number, classes: number): number {
    const { text } = this
    let seen = 0
    let at = start
    for (;;) {
      const found = classesOf(text.charCodeAt(at))
      if ((found & classes) === 0) break
      seen |= found
      at += 1
    }
    this.seen = seen
    return at
  }

  /** Where the run of spaces that begins at `start` ends. */
  spacesEnd(start: number): number {
    let at = start
    while (this.text.charCodeAt(at) === SPACE) at += 1
    return at
  }

  /** Where the atom that begins at the place ends; the place itself where none begins. */
  atomEnd(): number {
    let { at } = this
    for (;;) {
      if (isOf(this.text.charCodeAt(at), ATEXT)) at += 1
      else {
        const width = nonAsciiWidth(this.text, at)
        if (width === 0) return at
        at += width
      }
    }
  }

  /**
   * Where the encoded-word (RFC 2047 §2) that begins at the place ends; -1 where none begins.
   *
   * Takes any character but a space and a question mark as encoded-text: many encoders put specials there, which
   * RFC 2047 §5 forbids in a phrase. What goes on as a local part could is none. Looks no further than three question
   * marks, so all looks together are linear.
   */
  encodedWordEnd(): number {
    if (!this.text.startsWith('=?', this.at)) return -1
    let marks = 0
    for (let at = this.at + 2; this.text.charCodeAt(at) > SPACE; at += 1) {
      if (this.text.charCodeAt(at) === QUESTION) marks += 1
      if (marks < 3) continue
      const next = this.text.charCodeAt(at + 2)
      return this.text.startsWith('?=', at) && next !== AT && !isOf(next, DOT_ATEXT) ? at + 2 : -1
    }
    return -1
  }

  /**
   * Reads the quoted-string (RFC 5322 §3.2.4) that begins at the place; `undefined` where its quote is never closed:
   * the place is then behind the opening quote.
   */
  quotedString(): QuotedString | undefined {
    const start = this.at
    this.at += 1
    let value = ''
    let from = this.at
    let foreign = false
    while (!this.#quotesOpen && this.at < this.text.length) {
      const { code } = this
      if (code === QUOTE) {
        value += this.text.slice(from, this.at)
        this.at += 1
        return { value, foreign }
      }
      if (code === BACKSLASH) {
        value += this.text.slice(from, this.at)
        from = this.at + 1
        foreign = this.#skipQuotedPair() || foreign
      } else if (isOf(code, PRINTABLE)) this.at += 1
      else if (code === CR || code === LF) {
        value += this.text.slice(from, this.at)
        this.#lineEnd()
        from = this.at
      } else foreign = this.#skipOther('qtext') || foreign
    }
    this.#quotesOpen = true
    this.fault('quoted-string', start, 'a closing quote')
    this.at = start + 1
    return undefined
  }

  /** The text within the comment that begins at an offset, unfolded and without backslashes. */
  commentText(start: number): string {
    let value = ''
    let depth = 1
    let from = start + 1
    let at = from
    for (; at < this.text.length; at += 1) {
      const code = this.text.charCodeAt(at)
      if (code === OPEN) depth += 1
      else if (code === CLOSE) {
        depth -= 1
        if (depth === 0) break
      } else if (code === BACKSLASH) {
        value += this.text.slice(from, at)
        at += 1
        from = at
      }
    }
    return cleanText(value + this.text.slice(from, at)).trim()
  }

  /** `comment = "(" *([FWS] ccontent) [FWS] ")"`, nested to any depth; one that is never closed takes all the rest. */
  #skipComment(): void {
    const start = this.at
    let depth = 0
    while (this.at < this.text.length) {
      const { code } = this
      if (code === OPEN) depth += 1
      else if (code === CLOSE) depth -= 1
      if (code === BACKSLASH) this.#skipQuotedPair()
      else if (isOf(code, PRINTABLE)) this.at += 1
      else if (code === CR || code === LF) this.#lineEnd()
      else this.#skipOther('ctext')
      if (depth === 0) return
    }
    this.fault('comment', start, 'a closing parenthesis')
  }

  /** A line end must be CRLF and have white space behind it (RFC 5322 §2.2.3). */
  #lineEnd(): void {
    const start = this.at
    if (this.text.startsWith('\r\n', start)) {
      this.at += 2
      if (this.code === SPACE || this.code === TAB) return
      this.fault('FWS', start, 'white space after the line end')
    } else {
      this.at += 1
      this.fault('FWS', start, 'CRLF and white space')
    }
  }

  /** Skips a backslash and what it quotes; true where that is no printable character. */
  #skipQuotedPair(): boolean {
    this.at += 1
    const { code } = this
    const width = isOf(code, PRINTABLE) || code === TAB ? 1 : nonAsciiWidth(this.text, this.at)
    this.at += width
    if (width > 0) return code === TAB
    if (code < SPACE || code === 127) this.obsolete('quoted-pair', this.at, 'a printable character')
    else this.fault('quoted-pair', this.at, 'a character')
    if (this.at < this.text.length) this.at += 1
    return true
  }

  /** Skips a character that is neither printable ASCII nor a line end; true where it should not be there. */
  #skipOther(rule: string): boolean {
    const { code } = this
    const width = nonAsciiWidth(this.text, this.at)
    if (width > 0) {
      this.at += width
      return false
    }
    if (code === 0 || code > 127) this.fault(rule, this.at, 'a character that is not NUL nor half of one')
    else if (code !== TAB) this.obsolete(rule, this.at, 'a printable character')
    this.at += 1
    return true
  }
}

/** The text with a space in the place of each control character, and U+FFFD in that of each lone surrogate. */
export function cleanText(text: string): string {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < SPACE || code === 127 || (code >= 0xd800 && code <= 0xdfff)) {
      return text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/[\ud800-\udfff]/gu, '\ufffd')
    }
  }
  return text
}
