/** Looks at the lines of a message's structure: header sections, delimiters, and what surrounds body parts. */

/** RFC 5322 §2.1.1. */
const MOST_OCTETS = 998
const LF = 10
const CR = 13

/** What stands in a run of lines; the same however it is cut. */
export class LineScanner {
  /** A byte above 127 stands there. */
  eightBit = false
  /** A NUL, a CR without LF, or a line over 998 octets stands there. */
  unsendable = false
  /** A LF without CR stands there. */
  bareLf = false
  /** How many bytes the first line has, its end included; -1 while it has not ended. */
  firstLineBytes = -1
  #size = 0
  #lineStart = 0
  #carriageReturn = false

  /** Takes the next bytes. */
  push(bytes: Uint8Array): this {
    let at = this.#size
    for (const byte of bytes) {
      if (byte === LF) {
        this.#endLine(at)
        if (this.firstLineBytes === -1) this.firstLineBytes = at + 1
        if (!this.#carriageReturn) this.bareLf = true
      } else {
        if (this.#carriageReturn || byte === 0) this.unsendable = true
        if (byte > 127) this.eightBit = true
      }
      this.#carriageReturn = byte === CR
      at += 1
    }
    this.#size = at
    return this
  }

  /** The run has ended. */
  finish(): this {
    if (this.#carriageReturn) this.unsendable = true
    this.#endLine(this.#size)
    return this
  }

  #endLine(end: number): void {
    const length = end - this.#lineStart - (this.#carriageReturn ? 1 : 0)
    if (length > MOST_OCTETS) this.unsendable = true
    this.#lineStart = end + 1
  }
}
