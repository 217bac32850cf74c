/**
 * Words in a row: a phrase, a local part, or neither, which is known only at the character behind them.
 *
 *     phrase      = 1*word / obs-phrase              ; obs-phrase = word *(word / "." / CFWS)
 *     local-part  = dot-atom / quoted-string / obs-local-part    ; obs-local-part = word *("." word)
 */

import { cleanText, type HeaderScanner } from './header-scanner.ts'

const QUOTE = 0x22
const DOT = 0x2e

/** Where words stopped being what they could have been, and what would have been right. */
export interface Break {
  readonly offset: number
  readonly expected: string
}

/** A row of words as it is read. */
export class Words {
  /** Whether there is a word or a dot at all. */
  empty = true
  /** The words as a local part; only where `localBreak` is undefined. */
  localPart = ''
  /** Why the words are no local part. */
  localBreak: Break | undefined
  /** Why the words are a local part only in the obsolete grammar. */
  localObsolete: Break | undefined
  /** Where a dot stands that only obs-phrase allows, and whether not even that does. */
  phraseDot: (Break & { readonly first: boolean }) | undefined

  readonly #scanner: HeaderScanner
  readonly #decodeName: (text: string) => string
  /** What is ready of the phrase. */
  #ready = ''
  /** The run of atoms behind it, which are decoded together: this text, then the part of the field from, to. */
  #atoms = ''
  #from = 0
  #to = 0
  #wordExpected = true
  /** A quote that nothing closes was read as if it were white space. */
  #quoteDropped = false

  constructor(scanner: HeaderScanner, decodeName: (text: string) => string) {
    this.#scanner = scanner
    this.#decodeName = decodeName
  }

  /** The words as a phrase: one space where white space or comments stood, control characters as spaces. */
  get phrase(): string {
    return cleanText(this.#ready + this.#decoded())
  }

  /** Reads words and dots from the place on, with what stands between them, up to the first other character. */
  read(): void {
    const scanner = this.#scanner
    for (;;) {
      const gap = (scanner.skipCfws() || this.#quoteDropped) && !this.empty
      this.#quoteDropped = false
      const start = scanner.at
      if (scanner.code === QUOTE) this.#quoted(start, gap)
      else if (scanner.code === DOT) this.#dot(start, gap)
      else if (!this.#atom(start, gap)) {
        if (this.#wordExpected) this.localBreak ??= { offset: start, expected: 'an atom or a quoted string' }
        return
      }
      this.empty &&= this.#quoteDropped
    }
  }

  #atom(start: number, gap: boolean): boolean {
    const scanner = this.#scanner
    const end = scanner.atomEnd()
    if (end === start) return false
    const wordEnd = scanner.encodedWordEnd()
    scanner.at = Math.max(end, wordEnd)
    const value = scanner.text.slice(start, scanner.at)
    if (wordEnd > end) {
      scanner.fault('phrase', end, 'no specials in an encoded-word')
      this.localBreak ??= { offset: end, expected: '"." or "@"' }
    }
    this.#extend(start, gap)
    this.#word(value, start, gap)
    return true
  }

  #quoted(start: number, gap: boolean): void {
    const scanner = this.#scanner
    const string = scanner.quotedString()
    if (string === undefined) {
      this.#quoteDropped = true
      if (!this.empty) this.localBreak ??= { offset: start, expected: '"." or "@"' }
      return
    }
    this.#ready += this.#decoded() + (gap ? ' ' : '') + string.value
    this.#atoms = ''
    this.#from = scanner.at
    this.#to = scanner.at
    // RFC 5321 §4.1.2: no control characters where a mailbox is named; RFC 5322 §4.1 would allow some
    if (string.foreign) this.localBreak ??= { offset: start, expected: 'no control character' }
    if (!this.empty) this.localObsolete ??= { offset: start, expected: '"@"' }
    this.#word(string.value, start, gap)
    if (scanner.code === DOT) this.localObsolete ??= { offset: scanner.at, expected: '"@"' }
  }

  #dot(start: number, gap: boolean): void {
    this.#scanner.at += 1
    this.#extend(start, gap)
    this.phraseDot ??= { offset: start, expected: 'quotes around a dot', first: this.empty }
    if (gap) this.localObsolete ??= { offset: start, expected: 'no white space before a dot' }
    if (this.#wordExpected) this.localBreak ??= { offset: start, expected: 'an atom or a quoted string' }
    this.#wordExpected = true
    this.#append('.')
  }

  #word(value: string, start: number, gap: boolean): void {
    if (!this.#wordExpected) this.localBreak ??= { offset: start, expected: '"." or "@"' }
    if (gap) this.localObsolete ??= { offset: start, expected: 'no white space after a dot' }
    this.#wordExpected = false
    this.#append(value)
  }

  /** Keeps no text once it can be no local part: a long phrase costs nothing. */
  #append(text: string): void {
    if (this.localBreak === undefined) this.localPart += text
  }

  /** Adds what stands from `start` to the place to the run of atoms; as long as it can be one part of the field, is. */
  #extend(start: number, gap: boolean): void {
    const { text, at } = this.#scanner
    const verbatim = gap ? start === this.#to + 1 && text.charAt(this.#to) === ' ' : start === this.#to
    const begins = this.#from === this.#to
    if (begins && gap) this.#ready += ' '
    else if (!begins && !verbatim) this.#atoms += `${text.slice(this.#from, this.#to)} `
    if (begins || !verbatim) this.#from = start
    this.#to = at
  }

  #decoded(): string {
    const atoms = this.#atoms + this.#scanner.text.slice(this.#from, this.#to)
    return atoms === '' ? '' : this.#decodeName(atoms)
  }
}
