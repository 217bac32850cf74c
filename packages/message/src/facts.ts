/**
 * Learns the facts about content in the one pass that accepts it.
 *
 * Looks at four bytes at a time and at single ones only around line ends, tabs, NUL and, until the first of them was
 * seen, bytes above 127. The same content gives the same facts however it is cut; memory does not grow.
 *
 * A line is what CRLF ends (RFC 5321 §2.3.8). Only the end of the header section is seen as `HeaderReader` and the
 * readers of stored mail see it, by bare LF too.
 */

import { byteAt } from '@postroad/bytes'
import type { ContentFacts } from '@postroad/envelope'

/** RFC 5322 §2.1.1, RFC 3030 §3. */
const MOST_OCTETS = 998

const LF = 10
const CR = 13
/** A byte in each of four places: below it lie NUL, tab, LF and CR. */
const SMALL = 0x0e0e0e0e
const HIGH_BITS = 0x80808080 | 0
const NONE = -2

/** Scans one message's content, chunk by chunk. */
export class ContentScanner {
  #size = 0
  /** Where the line began that has not ended (after CRLF). */
  #lineStart = 0
  /** Where the last CR stands that no LF followed yet; `NONE` where none waits. */
  #waitingCr = NONE
  /** Where the last LF stands, with or without a CR before it. */
  #lastLf = -1
  #dotMayFollow = true
  #longest = 0
  #dotLines = 0
  #eightBit = false
  #nul = false
  #bareNewlines = false
  #utf8Header = false
  #headerBytes = -1

  /** Takes the next bytes; they may be reused once it returns. */
  push(bytes: Uint8Array): void {
    const { length } = bytes
    if (length === 0) return
    if (this.#dotMayFollow) {
      if (bytes[0] === 46) this.#dotLines += 1
      this.#dotMayFollow = false
    }
    const words = length & ~3
    this.#scanWords(bytes, words)
    this.#scanBytes(bytes, words, length)
    this.#size += length
  }

  /** Whether a byte above 127 came so far. */
  get eightBit(): boolean {
    return this.#eightBit
  }

  /** Whether what came so far is binary, whatever follows; `finish` also sees what only the end shows. */
  get binary(): boolean {
    return this.#nul || this.#bareNewlines || this.#longest > MOST_OCTETS
  }

  /** Whether a CR or LF without the other came so far: one reason to be binary. A final CR counts from `finish` on. */
  get bareNewlines(): boolean {
    return this.#bareNewlines
  }

  /** The facts of all that was pushed. */
  finish(): ContentFacts {
    const sizeBytes = this.#size
    if (this.#waitingCr !== NONE) this.#bareNewlines = true
    const longestLineBytes = Math.max(this.#longest, sizeBytes - this.#lineStart)
    const inHeader = this.#headerBytes === -1
    return {
      sizeBytes,
      headerBytes: inHeader ? sizeBytes : this.#headerBytes,
      eightBit: this.#eightBit,
      binary: this.#nul || this.#bareNewlines || longestLineBytes > MOST_OCTETS,
      utf8Header: inHeader ? this.#eightBit : this.#utf8Header,
      longestLineBytes,
      dotLines: this.#dotLines,
      endsWithCrlf: this.#lineStart === sizeBytes,
    }
  }

  /** Scans up to `end`, which is a multiple of four. */
  #scanWords(bytes: Uint8Array, end: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, end)
    let high = this.#eightBit ? 0 : -1
    let at = 0
    while (at < end) {
      // A word passes where no byte is below 14 and, while `high` is set, none above 127.
      for (; at + 12 < end; at += 16) {
        const a = view.getInt32(at, true)
        const b = view.getInt32(at + 4, true)
        const c = view.getInt32(at + 8, true)
        const d = view.getInt32(at + 12, true)
        const small = ((a - SMALL) & ~a) | ((b - SMALL) & ~b) | ((c - SMALL) & ~c) | ((d - SMALL) & ~d)
        if (((small | ((a | b | c | d) & high)) & HIGH_BITS) !== 0) break
      }
      const stop = Math.min(end, at + 16)
      for (; at < stop; at += 4) {
        const word = view.getInt32(at, true)
        if (((((word - SMALL) & ~word) | (word & high)) & HIGH_BITS) === 0) continue
        this.#scanBytes(bytes, at, at + 4)
        high = this.#eightBit ? 0 : -1
      }
    }
  }

  #scanBytes(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += 1) {
      const byte = byteAt(bytes, at)
      if (byte > 127) this.#eightBit = true
      else if (byte === LF) this.#lineFeed(bytes, at)
      else if (byte === CR) {
        if (this.#waitingCr !== NONE) this.#bareNewlines = true
        this.#waitingCr = this.#size + at
      } else if (byte === 0) this.#nul = true
    }
  }

  #lineFeed(bytes: Uint8Array, at: number): void {
    const position = this.#size + at
    const crlf = this.#waitingCr === position - 1
    if (this.#headerBytes === -1 && position - this.#lastLf === (crlf ? 2 : 1)) {
      this.#headerBytes = position + 1
      this.#utf8Header = this.#eightBit
    }
    this.#lastLf = position
    if (!crlf) {
      this.#bareNewlines = true
      return
    }
    this.#waitingCr = NONE
    const length = position - 1 - this.#lineStart
    if (length > this.#longest) this.#longest = length
    this.#lineStart = position + 1
    if (at + 1 === bytes.length) this.#dotMayFollow = true
    else if (bytes[at + 1] === 46) this.#dotLines += 1
  }
}
