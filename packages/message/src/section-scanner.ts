/**
 * Finds where the header section of a part ends (RFC 2046 §5.1: MIME-part-headers), within bounds.
 *
 * As `HeaderReader` does for a message, and besides by a delimiter of a multipart around it: a part may have no body
 * (RFC 2046 §5.1.1). A first line that begins with `From ` or `>From ` is of a mailbox file the message was kept in; it
 * is a field without a name here, for what follows it is the header section to all readers.
 */

import { byteAt, concat, fromLatin1, indexOfByte } from '@postroad/bytes'
import type { BoundarySet } from './boundary.ts'
import { headerAt } from './header.ts'
import type { Header } from './header.ts'
import { kindOfLine } from './lines.ts'

const LF = 10
const FROM = fromLatin1('From ')

/** A header section that has ended. */
export interface Section {
  readonly header: Header
  /** Where its last field ends. */
  readonly end: number
  /** Behind the empty line; `end` where none came. */
  readonly bodyStart: number
  /** Whether a bound ended it, before the line that goes over it. */
  readonly isLimited: boolean
}

/** Scans one section after the other. Each byte is looked for a line end once. */
export class SectionScanner {
  readonly #boundaries: BoundarySet
  readonly #maxBytes: number
  readonly #maxFields: number
  #starts: number[] = []
  /** Where the line begins that has not ended, from the start of the section. */
  #lineStart = 0
  /** How far line ends were looked for, from the start of the section. */
  #searched = 0

  constructor(boundaries: BoundarySet, maxBytes: number, maxFields: number) {
    this.#boundaries = boundaries
    this.#maxBytes = maxBytes
    this.#maxFields = maxFields
  }

  /**
   * Looks at a section from its start on; `undefined` while it has not ended, to be called again with more bytes.
   *
   * @param isLast Whether no bytes follow.
   */
  scan(bytes: Uint8Array, start: number, isLast: boolean): Section | undefined {
    for (;;) {
      const lf = indexOfByte(bytes, LF, start + this.#searched)
      const lineEnd = lf === -1 ? bytes.length : lf + 1
      const lineStart = start + this.#lineStart
      if (lineEnd - start > this.#maxBytes) return this.#finish(bytes, start, lineStart, lineStart, true)
      if (lf === -1 && !isLast) {
        this.#searched = bytes.length - start
        return undefined
      }
      if (lineStart === lineEnd || this.#boundaries.match(bytes, lineStart, true).kind !== 'none')
        return this.#finish(bytes, start, lineStart, lineStart, false)
      const kind = lineStart === start && isFromLine(bytes, start) ? 'field' : kindOfLine(bytes, lineStart, lineEnd)
      if (kind === 'empty') return this.#finish(bytes, start, lineStart, lineEnd, false)
      if (kind === 'text' || (kind === 'continuation' && lineStart === start))
        return this.#finish(bytes, start, lineStart, lineStart, false)
      if (kind === 'field') {
        if (this.#starts.length === this.#maxFields) return this.#finish(bytes, start, lineStart, lineStart, true)
        this.#starts.push(this.#lineStart)
      }
      this.#lineStart = lineEnd - start
      this.#searched = this.#lineStart
    }
  }

  #finish(bytes: Uint8Array, start: number, end: number, bodyStart: number, isLimited: boolean): Section {
    // Not `slice`, which shares the memory where the chunk is a Buffer.
    const header = headerAt(concat([bytes.subarray(start, end)]), this.#starts)
    this.#starts = []
    this.#lineStart = 0
    this.#searched = 0
    return { header, end, bodyStart, isLimited }
  }
}

function isFromLine(bytes: Uint8Array, start: number): boolean {
  const from = byteAt(bytes, start) === 62 ? start + 1 : start
  return FROM.every((byte, index) => bytes[from + index] === byte)
}
