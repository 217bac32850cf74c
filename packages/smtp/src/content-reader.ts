/**
 * Reads the content that follows DATA: removes dot-stuffing (RFC 5321 §4.5.2) and finds its end.
 *
 * The end of data is exactly CRLF.CRLF (RFC 5321 §4.1.1.4), where the CRLF that ended the DATA command counts as the
 * first; a bare CR or LF beside the dot never ends anything. Content that holds a bare CR, a bare LF or a NUL is
 * refused (RFC 5321 §2.3.8), or its line ends are repaired; a NUL is always refused.
 *
 * Gives slices of the input, copies nothing, keeps no byte between calls, looks at each byte once.
 */

import { CRLF, GivenContent, ONLY_LF } from './given-content.ts'
import type { ContentFault, ContentPart, ContentRules } from './given-content.ts'
import type { InputBuffer } from './input-buffer.ts'
import { OrdinaryBytes } from './ordinary-bytes.ts'

const NUL = 0
const LF = 10
const CR = 13
const DOT = 46
const END: ContentPart = { kind: 'end' }

// Where in a line the reader stands: numbers, because this is looked at twice a line.
const LINE_START = 0
const IN_LINE = 1
/** Behind a CR that is given out with the bytes before it. */
const AFTER_CR = 2
/** Behind a dot at the start of a line; neither it nor the CR of `AFTER_DOT_CR` is given out. */
const AFTER_DOT = 3
const AFTER_DOT_CR = 4

/** Reads one content. */
export class ContentReader {
  readonly #maxLineBytes: number
  readonly #given: GivenContent
  readonly #ordinary = new OrdinaryBytes()
  #place = LINE_START
  #lineBytes = 0

  constructor(rules: ContentRules) {
    this.#maxLineBytes = rules.maxLineBytes
    this.#given = new GivenContent(rules)
  }

  /** Bytes given out so far. */
  get sizeBytes(): number {
    return this.#given.sizeBytes
  }

  /** Gives nothing more but the end. */
  refuse(): void {
    this.#given.refuse()
  }

  /** The next part; `undefined` until more input comes. Not to be called again after `end`. */
  read(input: InputBuffer): ContentPart | undefined {
    const given = this.#given
    const repair = given.takeRepair()
    if (repair !== undefined) return repair
    const { bytes } = input
    const end = bytes.length
    /** The first byte that was not given out. */
    let from = input.at
    let at = from
    while (at < end) {
      switch (this.#place) {
        case AFTER_CR:
          if (bytes[at] === LF) {
            at += 1
            this.#place = LINE_START
            this.#lineBytes = 0
            continue
          }
          // A bare CR; it has been given out or will be with what stands before `at`.
          this.#place = IN_LINE
          this.#lineBytes = 0
          if (given.refused) continue
          input.at = at
          return given.bareNewline(bytes.subarray(from, at), ONLY_LF)
        case LINE_START:
          this.#place = IN_LINE
          if (bytes[at] !== DOT) continue
          if (at > from && !given.refused) {
            this.#place = LINE_START
            input.at = at
            return given.give(bytes.subarray(from, at))
          }
          at += 1
          from = at
          this.#place = AFTER_DOT
          continue
        case AFTER_DOT:
          // A dot followed by anything but CRLF was stuffed: it is left out (RFC 5321 §4.5.2).
          this.#place = IN_LINE
          if (bytes[at] !== CR) continue
          at += 1
          from = at
          this.#place = AFTER_DOT_CR
          continue
        case AFTER_DOT_CR:
          if (bytes[at] === LF) {
            input.at = at + 1
            this.#ordinary.release()
            return END
          }
          this.#place = IN_LINE
          if (given.refused) continue
          input.at = at
          return given.bareNewline(bytes.subarray(at, at), CRLF)
      }
      // In a line.
      at = this.#passLines(bytes, at, end)
      if (this.#lineBytes > this.#maxLineBytes && !given.refused) return this.#refuse(input, at, 'line-too-long')
      if (at === end) break
      const byte = bytes[at]
      at += 1
      if (byte === CR) this.#place = AFTER_CR
      else if (byte === LF) {
        this.#lineBytes = 0
        if (given.refused) continue
        input.at = at
        return given.bareNewline(bytes.subarray(from, at - 1), CRLF)
      } else if (byte === NUL && !given.refused) return this.#refuse(input, at, 'nul')
      else this.#lineBytes += 1
    }
    input.at = end
    this.#ordinary.release()
    return given.refused || from === end ? undefined : given.give(bytes.subarray(from, end))
  }

  /**
   * From within a line to the first byte that is not ordinary. The ends of lines that nothing has to be decided about, for
   * neither a dot nor the end of the input follows, are passed with them: most of them are, and this loop is shorter.
   */
  #passLines(bytes: Uint8Array, from: number, end: number): number {
    let lineBytes = this.#lineBytes
    let start = from
    let at: number
    for (;;) {
      at = this.#ordinary.pass(bytes, start, end)
      lineBytes += at - start
      if (lineBytes > this.#maxLineBytes || at + 2 >= end) break
      if (bytes[at] !== CR || bytes[at + 1] !== LF || bytes[at + 2] === DOT) break
      start = at + 2
      lineBytes = 0
    }
    this.#lineBytes = lineBytes
    return at
  }

  #refuse(input: InputBuffer, at: number, fault: ContentFault): ContentPart {
    input.at = at
    return this.#given.fault(fault)
  }
}
