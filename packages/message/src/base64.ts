/**
 * Base64 as mail holds it (RFC 2045 §6.8): written in lines of 76 characters, read whatever else stands between.
 *
 * Linear; many lines are encoded at once, and then parted.
 */

import type { SyntaxFault } from '@postroad/address'
import { concat, fromLatin1, fromUtf8, toBase64, writeBase64 } from '@postroad/bytes'

const ALPHABET = fromLatin1('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')

/** Octets that make a line of 76 characters. */
const LINE_OCTETS = 57
/** A line and the CRLF before it. */
const LINE_SPAN = 78
const LONGEST_LINE = 76
const CRLF_WORD = 0x0d0a
const CRLF = Uint8Array.of(13, 10)
const NOTHING = new Uint8Array()

/** The most lines that are encoded at once, and where they lie before they are parted. */
const MOST_LINES = 512
const UNPARTED = new Uint8Array(MOST_LINES * LONGEST_LINE)
const UNPARTED_VIEW = new DataView(UNPARTED.buffer)

/** Encodes a stream: lines of 76 characters, CRLF between them, none after the last. Keeps less than a line. */
export class Base64Encoder {
  readonly #line = new Uint8Array(LINE_OCTETS)
  #held = 0
  #began = false

  /** Takes the next bytes and gives the lines that are full. */
  push(chunk: Uint8Array): Uint8Array {
    const lines = Math.floor((this.#held + chunk.length) / LINE_OCTETS)
    if (lines === 0) {
      this.#line.set(chunk, this.#held)
      this.#held += chunk.length
      return NOTHING
    }
    const output = new Uint8Array(lines * LINE_SPAN)
    const view = new DataView(output.buffer)
    let start = 0
    if (this.#held > 0) {
      start = LINE_OCTETS - this.#held
      this.#line.set(chunk.subarray(0, start), this.#held)
      writeLines(this.#line, 0, view, 0, LINE_SPAN)
    }
    writeLines(chunk, start, view, start === 0 ? 0 : LINE_SPAN, output.length)
    const rest = chunk.subarray(chunk.length - ((chunk.length - start) % LINE_OCTETS))
    this.#line.set(rest)
    this.#held = rest.length
    const first = !this.#began
    this.#began = true
    return first ? output.subarray(CRLF.length) : output
  }

  /** Gives the last line, where it is not full, with its padding. */
  finish(): Uint8Array {
    if (this.#held === 0) return NOTHING
    const last = fromLatin1(toBase64(this.#line.subarray(0, this.#held)))
    this.#held = 0
    return this.#began ? concat([CRLF, last]) : last
  }
}

/** Writes full lines of `source` from `at` on, each after its CRLF, into `view` from `start` to `end`. */
function writeLines(source: Uint8Array, at: number, view: DataView, start: number, end: number): void {
  let from = at
  for (let to = start; to < end;) {
    const lines = Math.min(MOST_LINES, (end - to) / LINE_SPAN)
    const next = from + lines * LINE_OCTETS
    writeBase64(source.subarray(from, next), UNPARTED)
    partLines(lines, view, to)
    from = next
    to += lines * LINE_SPAN
  }
}

/** Copies lines out of `UNPARTED`, eight characters at a time: no ASCII is a NaN, which a copy could change. */
function partLines(lines: number, view: DataView, start: number): void {
  let from = 0
  let to = start
  for (let line = 0; line < lines; line += 1) {
    view.setUint16(to, CRLF_WORD)
    to += 2
    for (const last = to + 72; to < last; to += 8) {
      view.setFloat64(to, UNPARTED_VIEW.getFloat64(from, true), true)
      from += 8
    }
    view.setUint32(to, UNPARTED_VIEW.getUint32(from, true), true)
    to += 4
    from += 4
  }
}

/** What `VALUES` says of bytes that are no digit. */
const PADDING = 64
const BLANK = 65
const CARRIAGE_RETURN = 66
const LINE_FEED = 67
const OTHER = 68

/** The value of each digit, 0 to 63; above that the kind of what is none. */
const VALUES = createValues()

function createValues(): DataView {
  const values = new Uint8Array(256).fill(OTHER)
  ALPHABET.forEach((byte, value) => {
    values[byte] = value
  })
  values[61] = PADDING
  values[9] = BLANK
  values[32] = BLANK
  values[13] = CARRIAGE_RETURN
  values[10] = LINE_FEED
  return new DataView(values.buffer)
}

/** Decodes a stream; what it does with what is no base64 stands at `createTransferDecoder`. Keeps one quantum. */
export class Base64Decoder {
  /** The digits of the quantum that is not whole, and how many. */
  #bits = 0
  #digits = 0
  /** How many `=` may still follow those that ended the last quantum. */
  #paddingDue = 0
  /** A quantum was padded: nothing but padding should follow. */
  #padded = false
  #offset = 0
  #lineStart = 0
  /** Where the last CR stands. */
  #carriageReturn = -1
  #fault: SyntaxFault | undefined

  /** The first departure from RFC 2045 §6.8, line lengths included; offset in encoded bytes. */
  get fault(): SyntaxFault | undefined {
    return this.#fault
  }

  /** Takes the next encoded bytes and gives the octets of the quanta that are whole. */
  push(chunk: Uint8Array): Uint8Array {
    const { length } = chunk
    // A padded quantum gives fewer octets than characters, so whole quanta are the most there can be.
    const output = new Uint8Array(Math.floor((this.#digits + length) / 4) * 3 + 2)
    const input = new DataView(chunk.buffer, chunk.byteOffset, length)
    let to = 0
    for (let at = 0; at < length; at += 1) {
      if (this.#digits === 0 && !this.#padded) {
        for (; at + 3 < length; at += 4) {
          const a = VALUES.getUint8(input.getUint8(at))
          const b = VALUES.getUint8(input.getUint8(at + 1))
          const c = VALUES.getUint8(input.getUint8(at + 2))
          const d = VALUES.getUint8(input.getUint8(at + 3))
          if ((a | b | c | d) > 63) break
          output[to] = (a << 2) | (b >> 4)
          output[to + 1] = (b << 4) | (c >> 2)
          output[to + 2] = (c << 6) | d
          to += 3
        }
        if (at === length) break
      }
      to = this.#take(VALUES.getUint8(input.getUint8(at)), this.#offset + at, output, to)
    }
    this.#offset += length
    return output.subarray(0, to)
  }

  /** Gives the octets of a last quantum whose padding is missing. */
  finish(): Uint8Array {
    this.#endLine(this.#offset)
    if (this.#paddingDue > 0) this.#report(this.#offset, '"="')
    if (this.#digits === 0) return NOTHING
    this.#report(this.#offset, 'a whole quantum')
    const output = new Uint8Array(2)
    return output.subarray(0, this.#endQuantum(this.#offset, output, 0))
  }

  /** Takes one byte, given as its value; gives where the output goes on. */
  #take(value: number, offset: number, output: Uint8Array, to: number): number {
    if (value < PADDING) {
      if (this.#padded) this.#report(offset, 'nothing after the padding')
      this.#padded = false
      this.#paddingDue = 0
      this.#bits = (this.#bits << 6) | value
      this.#digits += 1
      if (this.#digits < 4) return to
      output[to] = this.#bits >> 16
      output[to + 1] = this.#bits >> 8
      output[to + 2] = this.#bits
      this.#bits = 0
      this.#digits = 0
      return to + 3
    }
    if (value === PADDING) return this.#pad(offset, output, to)
    if (value === CARRIAGE_RETURN) this.#carriageReturn = offset
    else if (value === LINE_FEED) {
      this.#endLine(this.#carriageReturn === offset - 1 ? offset - 1 : offset)
      this.#lineStart = offset + 1
    } else if (value === OTHER) this.#report(offset, 'a character of the base64 alphabet')
    return to
  }

  #pad(offset: number, output: Uint8Array, to: number): number {
    if (this.#digits < 2) {
      if (this.#paddingDue === 0) this.#report(offset, 'a character of the base64 alphabet')
      this.#paddingDue = 0
      this.#digits = 0
      this.#bits = 0
      return to
    }
    this.#paddingDue = 3 - this.#digits
    this.#padded = true
    return this.#endQuantum(offset, output, to)
  }

  /** Gives the whole octets of a quantum of one, two or three digits. */
  #endQuantum(offset: number, output: Uint8Array, to: number): number {
    const octets = this.#digits - 1
    const spare = this.#digits * 6 - octets * 8
    // RFC 2045 §6.8: zero bits are added on the right.
    if (octets > 0 && (this.#bits & ((1 << spare) - 1)) !== 0) this.#report(offset, 'zero bits before the padding')
    const whole = this.#bits >> spare
    if (octets === 2) output[to] = whole >> 8
    output[to + Math.max(0, octets - 1)] = whole
    this.#bits = 0
    this.#digits = 0
    return to + octets
  }

  #endLine(offset: number): void {
    if (offset - this.#lineStart > LONGEST_LINE) this.#report(offset, 'lines of at most 76 characters')
  }

  #report(offset: number, expected: string): void {
    this.#fault ??= { rule: 'base64', offset, expected }
  }
}

/**
 * The bytes of base64 text. What is not of the alphabet is passed over, padding may be missing and ends a quantum where
 * it stands, bits left over fall away.
 */
export function decodeBase64(text: string): Uint8Array {
  const decoder = new Base64Decoder()
  return concat([decoder.push(fromUtf8(text)), decoder.finish()])
}
