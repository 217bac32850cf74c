/**
 * Reads quoted-printable (RFC 2045 §6.7), by its rules for robust readers.
 *
 * What is whole in a chunk is decoded where it lies; only what the end of a chunk or of a line may still change goes
 * byte by byte through a small state. Keeps at most 998 blanks.
 */

import type { SyntaxFault } from '@postroad/address'

const LF = 10
const CR = 13
const CRLF = 0x0d0a
const EQUALS = 61

/** RFC 2045 §6.7, rule 5. */
const LONGEST_LINE = 76
/** The most blanks that can end a line (RFC 5322 §2.1.1); more are no padding and stay. */
const MOST_PADDING = 998
/** Nothing of an escape was seen. */
const NONE = -1

/** What `KINDS` says of bytes that are no digit: below it are the values of hexadecimal digits. */
const SAFE = 16
const LOWER_CASE = 32
const BLANK = 64
const SPECIAL = 65
const UNSAFE = 66

/** Hexadecimal digits have their value in the low four bits, those in lower case have `LOWER_CASE` too. */
const KINDS = createKinds()

function createKinds(): DataView {
  const kinds = new Uint8Array(256).fill(UNSAFE)
  kinds.fill(SAFE, 33, 127)
  for (let digit = 0; digit < 10; digit += 1) kinds[48 + digit] = digit
  for (let digit = 10; digit < 16; digit += 1) {
    kinds[55 + digit] = digit
    kinds[87 + digit] = LOWER_CASE + digit
  }
  kinds[9] = BLANK
  kinds[32] = BLANK
  for (const special of [LF, CR, EQUALS]) kinds[special] = SPECIAL
  return new DataView(kinds.buffer)
}

const isDigit = (kind: number): boolean => (kind & ~LOWER_CASE) < SAFE

/** Decodes a stream; what it does with what is no quoted-printable stands at `createTransferDecoder`. */
export class QuotedPrintableDecoder {
  /** A `=` waits: for a digit, or for the end of its line. */
  #equals = false
  /** The digit behind that `=`, as it was written. */
  #digit = NONE
  /** Blanks that fall away if the line ends behind them. */
  readonly #blanks = new Uint8Array(MOST_PADDING)
  #blankCount = 0
  /** The run of blanks is too long for padding: the rest of it stays too. */
  #keepsBlanks = false
  /** A CR waits for its LF. */
  #carriageReturn = false
  #offset = 0
  #lineStart = 0
  #fault: SyntaxFault | undefined
  #output: Uint8Array = new Uint8Array()
  #length = 0

  /** The first departure from the grammar of RFC 2045 §6.7; offset in encoded bytes. */
  get fault(): SyntaxFault | undefined {
    return this.#fault
  }

  /** Takes the next encoded bytes and gives what they decode to. */
  push(chunk: Uint8Array): Uint8Array {
    this.#begin(chunk.length)
    const { length } = chunk
    const source = new DataView(chunk.buffer, chunk.byteOffset, length)
    let at = 0
    while (at < length) {
      if (this.#isOpen()) {
        this.#take(source.getUint8(at), this.#offset + at)
        at += 1
        continue
      }
      at = this.#decode(source, at)
      // What was left could be another thing with what follows.
      if (at < length) {
        this.#take(source.getUint8(at), this.#offset + at)
        at += 1
      }
    }
    this.#offset += length
    return this.#output.subarray(0, this.#length)
  }

  /** Gives what was still open: the end of the data ends a line too. */
  finish(): Uint8Array {
    this.#begin(0)
    const end = this.#offset
    if (this.#carriageReturn || this.#digit !== NONE) this.#flush(end)
    // An encoder that broke its last line, or a boundary that took the line end: no text was meant.
    else if (this.#equals) this.#report('qp-segment', end, 'CRLF')
    this.#endLine(end - this.#blankCount)
    this.#equals = false
    this.#blankCount = 0
    return this.#output.subarray(0, this.#length)
  }

  #begin(length: number): void {
    // All that waits, and a CR, may come out with the chunk.
    this.#output = new Uint8Array(length + this.#blankCount + 3)
    this.#length = 0
  }

  #isOpen(): boolean {
    return this.#equals || this.#blankCount > 0 || this.#carriageReturn || this.#keepsBlanks
  }

  /** Decodes from `start` on while nothing waits; gives where it stopped. */
  #decode(source: DataView, start: number): number {
    const output = this.#output
    const length = source.byteLength
    let to = this.#length
    let at = start
    while (at < length) {
      const byte = source.getUint8(at)
      const kind = KINDS.getUint8(byte)
      if (kind < BLANK) {
        output[to] = byte
        to += 1
        at += 1
        continue
      }
      if (kind === BLANK) {
        // Only a character that is printed, and an escape, tell at once that the line does not end.
        if (at + 3 >= length) break
        const next = source.getUint8(at + 1)
        if (next === EQUALS) {
          if (!isDigit(KINDS.getUint8(source.getUint8(at + 2))) || !isDigit(KINDS.getUint8(source.getUint8(at + 3))))
            break
        } else if (KINDS.getUint8(next) >= BLANK) break
        output[to] = byte
        to += 1
        at += 1
        continue
      }
      if (kind === UNSAFE) {
        this.#unsafe(this.#offset + at)
        output[to] = byte
        to += 1
        at += 1
        continue
      }
      if (byte === EQUALS) {
        if (at + 2 >= length) break
        if (source.getUint16(at + 1) === CRLF) {
          // RFC 2045 §6.7, rule 5.
          this.#endLine(this.#offset + at + 1)
          this.#lineStart = this.#offset + at + 3
          at += 3
          continue
        }
        const high = KINDS.getUint8(source.getUint8(at + 1))
        const low = KINDS.getUint8(source.getUint8(at + 2))
        if (!isDigit(high) || !isDigit(low)) break
        output[to] = this.#value(high, low, this.#offset + at)
        to += 1
        at += 3
        continue
      }
      if (byte !== CR || at + 1 === length || source.getUint8(at + 1) !== LF) break
      this.#endLine(this.#offset + at)
      this.#lineStart = this.#offset + at + 2
      output[to] = CR
      output[to + 1] = LF
      to += 2
      at += 2
    }
    this.#length = to
    return at
  }

  /** Takes one byte where something waits, or where it begins to. */
  #take(byte: number, offset: number): void {
    const kind = KINDS.getUint8(byte)
    if (byte === LF) return this.#lineFeed(offset)
    if (this.#carriageReturn) this.#flush(offset)
    if (this.#digit !== NONE) {
      const high = KINDS.getUint8(this.#digit)
      if (isDigit(kind)) {
        this.#equals = false
        this.#digit = NONE
        return this.#put(this.#value(high, kind, offset - 2))
      }
      this.#flush(offset)
    }
    if (this.#equals && this.#blankCount === 0 && isDigit(kind)) {
      this.#digit = byte
      return
    }
    if (kind === BLANK) return this.#blank(byte, offset)
    this.#keepsBlanks = false
    if (byte === CR) {
      this.#carriageReturn = true
      return
    }
    this.#flush(offset)
    if (byte === EQUALS) {
      this.#equals = true
      return
    }
    if (kind === UNSAFE) this.#unsafe(offset)
    this.#put(byte)
  }

  #lineFeed(offset: number): void {
    const crlf = this.#carriageReturn
    if (this.#digit !== NONE) this.#flush(offset)
    const lineEnd = crlf ? offset - 1 : offset
    if (!crlf) this.#report('qp-line', offset, 'CRLF')
    this.#endLine(lineEnd - this.#blankCount)
    this.#lineStart = offset + 1
    // RFC 2045 §6.7, rule 3: blanks at the end of a line were added on the way; rule 5: soft line breaks.
    this.#blankCount = 0
    this.#carriageReturn = false
    this.#keepsBlanks = false
    if (this.#equals) {
      this.#equals = false
      return
    }
    if (crlf) this.#put(CR)
    this.#put(LF)
  }

  #blank(byte: number, offset: number): void {
    if (this.#blankCount === MOST_PADDING) {
      this.#flush(offset)
      this.#keepsBlanks = true
    }
    if (this.#keepsBlanks) {
      this.#put(byte)
      return
    }
    this.#blanks[this.#blankCount] = byte
    this.#blankCount += 1
  }

  /** What waits stands for itself. */
  #flush(offset: number): void {
    if (this.#equals) {
      const waiting = 1 + (this.#digit === NONE ? 0 : 1) + this.#blankCount + (this.#carriageReturn ? 1 : 0)
      this.#report('hex-octet', offset - waiting, 'two hexadecimal digits, or the end of the line')
      this.#put(EQUALS)
      if (this.#digit !== NONE) this.#put(this.#digit)
    }
    this.#output.set(this.#blanks.subarray(0, this.#blankCount), this.#length)
    this.#length += this.#blankCount
    if (this.#carriageReturn) {
      this.#unsafe(offset - 1)
      this.#put(CR)
    }
    this.#equals = false
    this.#digit = NONE
    this.#blankCount = 0
    this.#carriageReturn = false
  }

  #put(byte: number): void {
    this.#output[this.#length] = byte
    this.#length += 1
  }

  #value(high: number, low: number, offset: number): number {
    // RFC 2045 §6.7, note 1.
    if (((high | low) & LOWER_CASE) !== 0) this.#report('hex-octet', offset, 'digits in upper case')
    return ((high & 15) << 4) | (low & 15)
  }

  #unsafe(offset: number): void {
    this.#report('safe-char', offset, 'a printable character of ASCII, or "=" and two digits')
  }

  #endLine(end: number): void {
    if (end - this.#lineStart > LONGEST_LINE) this.#report('qp-part', end, 'lines of at most 76 characters')
  }

  #report(rule: string, offset: number, expected: string): void {
    this.#fault ??= { rule, offset, expected }
  }
}
