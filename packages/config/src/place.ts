/**
 * Finds where each key of a TOML document stands, which the parser does not tell.
 *
 * It reads only text that the parser has accepted, so it checks nothing itself: on anything else it ends early and
 * knows fewer places, but always ends. Key paths are written as in TOML, list elements by index: `route[0].to`.
 */

/** A 1-based line, and a 1-based column in UTF-16 units. */
export interface Place {
  /** From 1. */
  readonly line: number
  /** From 1; a tab is one, as is each half of a surrogate pair. */
  readonly column: number
}

/** Where a key and its value begin. For a table header both are the header's. */
export interface KeyPlace {
  readonly key: Place
  readonly value: Place
}

/** Writes a key path: `relay.give-up-after`, `route[0].to`, `"odd key".x`. */
export function joinKey(path: string, next: string | number): string {
  if (typeof next === 'number') return `${path}[${next}]`
  const word = /^[A-Za-z0-9_-]+$/.test(next) ? next : JSON.stringify(next)
  return path === '' ? word : `${path}.${word}`
}

/** The places of every key, table header and list element of a document. */
export function findPlaces(text: string): ReadonlyMap<string, KeyPlace> {
  return new Scanner(text).scan()
}

class Scanner {
  readonly #text: string
  readonly #lines: number[] = [0]
  readonly #places = new Map<string, KeyPlace>()
  /** How many elements each list of tables has so far. */
  readonly #counts = new Map<string, number>()
  #at = 0

  constructor(text: string) {
    this.#text = text
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#lines.push(at + 1)
  }

  scan(): ReadonlyMap<string, KeyPlace> {
    let table = ''
    for (this.#skip(true); this.#at < this.#text.length; this.#skip(true)) {
      const start = this.#at
      if (this.#peek() === '[') table = this.#header()
      else this.#assignment(table)
      if (this.#at === start) break
    }
    return this.#places
  }

  /** `[a.b]` or `[[a.b]]`; gives the path that the following keys begin with. */
  #header(): string {
    const start = this.#at
    const list = this.#text.startsWith('[[', start)
    this.#at += list ? 2 : 1
    const words = this.#dottedKey()
    this.#at += list ? 2 : 1
    let path = ''
    for (const [index, word] of words.entries()) {
      path = joinKey(path, word)
      const count = this.#counts.get(path) ?? 0
      if (list && index === words.length - 1) {
        this.#counts.set(path, count + 1)
        this.#note(path, start, start)
        path = joinKey(path, count)
      } else if (count > 0) path = joinKey(path, count - 1)
    }
    this.#note(path, start, start)
    return path
  }

  #assignment(table: string): void {
    const start = this.#at
    let path = table
    for (const word of this.#dottedKey()) path = joinKey(path, word)
    this.#skip(false)
    if (this.#peek() !== '=') return
    this.#at++
    this.#skip(false)
    this.#note(path, start, this.#at)
    this.#value(path)
  }

  #value(path: string): void {
    const first = this.#peek()
    if (first === '"' || first === "'") this.#string(first)
    else if (first === '[') {
      this.#at++
      this.#elements(']', (index) => {
        const element = joinKey(path, index)
        this.#note(element, this.#at, this.#at)
        this.#value(element)
      })
    } else if (first === '{') {
      this.#at++
      this.#elements('}', () => this.#assignment(path))
    } else while (this.#at < this.#text.length && !/[,\]}#\n]/.test(this.#peek())) this.#at++
  }

  #elements(close: string, element: (index: number) => void): void {
    for (let index = 0; ; index++) {
      this.#skip(true)
      const start = this.#at
      if (this.#peek() === close || start >= this.#text.length) break
      element(index)
      this.#skip(true)
      if (this.#peek() === ',') this.#at++
      if (this.#at === start) break
    }
    if (this.#peek() === close) this.#at++
  }

  #string(quote: string): string {
    const long = this.#text.startsWith(quote.repeat(3), this.#at)
    const close = long ? quote.repeat(3) : quote
    const start = this.#at + close.length
    let end = start
    while (end < this.#text.length && !this.#text.startsWith(close, end)) {
      end += quote === '"' && this.#text[end] === '\\' ? 2 : 1
    }
    this.#at = end + close.length
    // A long string may end with quotes of its own: """a""""" is a and two quotes.
    if (long) while (this.#peek() === quote) this.#at++
    return this.#text.slice(start, end)
  }

  #dottedKey(): string[] {
    const words: string[] = []
    for (;;) {
      this.#skip(false)
      const first = this.#peek()
      if (first === '"' || first === "'") words.push(this.#string(first))
      else {
        const start = this.#at
        while (/[A-Za-z0-9_-]/.test(this.#peek())) this.#at++
        words.push(this.#text.slice(start, this.#at))
      }
      this.#skip(false)
      if (this.#peek() !== '.') return words
      this.#at++
    }
  }

  /** Skips blanks; with `lines` also line ends and comments. */
  #skip(lines: boolean): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#peek()
      if (lines && character === '#') {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = end === -1 ? this.#text.length : end
      } else if (character !== ' ' && character !== '\t' && !(lines && (character === '\n' || character === '\r')))
        return
    }
  }

  #peek(): string {
    return this.#text[this.#at] ?? ''
  }

  #note(path: string, key: number, value: number): void {
    if (!this.#places.has(path)) this.#places.set(path, { key: this.#place(key), value: this.#place(value) })
  }

  #place(offset: number): Place {
    let low = 0
    let high = this.#lines.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#lines[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - (this.#lines[low] ?? 0) + 1 }
  }
}
