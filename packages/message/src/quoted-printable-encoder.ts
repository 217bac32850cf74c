/**
 * Writes quoted-printable (RFC 2045 §6.7).
 *
 * Lines are at most 76 characters. No line ends with a blank, and none begins with what a gateway or a reader could
 * take for something else: a dot, `From ` (RFC 2049 §3), or the `--` of a boundary. Keeps at most two bytes of input.
 */

import { byteAt, concat } from '@postroad/bytes'

const TAB = 9
const LF = 10
const CR = 13
const SPACE = 32
const HYPHEN = 45
const EQUALS = 61

/** A line is broken before it has more than these; with the `=` of the soft break they are 76. */
const ROOM = 75
/** Input is encoded in pieces of this size. */
const PIECE = 16_384
/** How much of what was written last stands before what is written: as long as `From`. */
const LOOK_BACK = 4

const LITERAL = 0
const ESCAPED = 1
const BLANK = 2
const BREAK = 3
const DOT = 4
const DASH = 5

const TEXT_KINDS = createKinds('text')
const BINARY_KINDS = createKinds('binary')
const HEX = '0123456789ABCDEF'
const NOTHING = new Uint8Array()

function createKinds(content: 'text' | 'binary'): DataView {
  const kinds = new Uint8Array(256).fill(ESCAPED)
  kinds.fill(LITERAL, 33, 127)
  kinds[EQUALS] = ESCAPED
  kinds[TAB] = BLANK
  kinds[SPACE] = BLANK
  kinds[46] = DOT
  kinds[HYPHEN] = DASH
  if (content === 'text') kinds[CR] = BREAK
  return new DataView(kinds.buffer)
}

/** Encodes a stream; what is a line break to it is said to the constructor. */
export class QuotedPrintableEncoder {
  readonly #kinds: DataView
  /** A blank and a CR at the end of the input: what they become is not known yet. */
  #held: Uint8Array = NOTHING
  #column = 0
  /** What was written last, and room for a piece. */
  #output = new Uint8Array(LOOK_BACK)
  #length = LOOK_BACK

  constructor(content: 'text' | 'binary') {
    this.#kinds = content === 'text' ? TEXT_KINDS : BINARY_KINDS
  }

  /** Takes the next bytes and gives what they are written as. */
  push(chunk: Uint8Array): Uint8Array {
    const input = this.#held.length === 0 ? chunk : concat([this.#held, chunk])
    let end = input.length
    if (this.#kind(input, end - 1) === BREAK) end -= 1
    if (this.#kind(input, end - 1) === BLANK) end -= 1
    // Not `slice`, which shares the memory where the chunk is a Buffer.
    this.#held = concat([input.subarray(end)])
    return this.#encode(input, end)
  }

  /** Gives what was still open. */
  finish(): Uint8Array {
    const input = this.#held
    this.#held = NOTHING
    return this.#encode(input, input.length)
  }

  #kind(input: Uint8Array, at: number): number {
    const byte = byteAt(input, at)
    return byte === -1 ? ESCAPED : this.#kinds.getUint8(byte)
  }

  /** Encodes `input` up to `end`; what stands behind tells what ends a line. */
  #encode(input: Uint8Array, end: number): Uint8Array {
    const pieces: Uint8Array[] = []
    for (let at = 0; at < end;) {
      const pieceEnd = Math.min(end, at + PIECE)
      this.#reserve(pieceEnd - at)
      at = this.#encodePiece(input, at, pieceEnd)
      pieces.push(this.#output.slice(LOOK_BACK, this.#length))
      this.#output.copyWithin(0, this.#length - LOOK_BACK, this.#length)
      this.#length = LOOK_BACK
    }
    const [only] = pieces
    return only === undefined || pieces.length > 1 ? concat(pieces) : only
  }

  /** Room for so many bytes, each written as three, and for the soft line breaks between them. */
  #reserve(octets: number): void {
    const needed = LOOK_BACK + octets * 3 + (Math.ceil(octets / 25) + 2) * 3
    if (needed <= this.#output.length) return
    const grown = new Uint8Array(needed)
    grown.set(this.#output.subarray(0, LOOK_BACK))
    this.#output = grown
  }

  /** Encodes from `start` up to `end`, or to the LF behind it; gives where it stopped. */
  #encodePiece(input: Uint8Array, start: number, end: number): number {
    const output = this.#output
    const kinds = this.#kinds
    const source = new DataView(input.buffer, input.byteOffset, input.length)
    let to = this.#length
    let column = this.#column
    let at = start
    while (at < end) {
      const byte = source.getUint8(at)
      const kind = kinds.getUint8(byte)
      // A blank before a character that is printed ends no line; in column 4 it could make a From.
      const isPlainBlank = kind === BLANK && column !== 4 && at + 1 < input.length && source.getUint8(at + 1) > SPACE
      if ((kind === LITERAL || isPlainBlank) && column < ROOM) {
        output[to] = byte
        to += 1
        column += 1
        at += 1
        continue
      }
      if (kind === BREAK && byteAt(input, at + 1) === LF) {
        output[to] = CR
        output[to + 1] = LF
        to += 2
        column = 0
        at += 2
        continue
      }
      at += 1
      const width = kind === LITERAL || (kind !== ESCAPED && this.#isPlain(kind, input, at, column, to)) ? 1 : 3
      if (column + width > ROOM) {
        output[to] = EQUALS
        output[to + 1] = CR
        output[to + 2] = LF
        to += 3
        column = 0
      }
      // A dot that came to the start of a line by the break above is written as one there.
      if (width === 1 && (kind !== DOT || column > 0)) {
        output[to] = byte
        to += 1
        column += 1
      } else {
        output[to] = EQUALS
        output[to + 1] = HEX.charCodeAt(byte >> 4)
        output[to + 2] = HEX.charCodeAt(byte & 15)
        to += 3
        column += 3
      }
    }
    this.#length = to
    this.#column = column
    return at
  }

  /** Whether a byte that is neither literal nor escaped as such stands for itself here; `next` is behind it. */
  #isPlain(kind: number, input: Uint8Array, next: number, column: number, to: number): boolean {
    switch (kind) {
      case BLANK:
        return !this.#endsLine(input, next) && !(column === 4 && isFrom(this.#output, to - 4))
      case DASH:
        return column !== 1 || byteAt(this.#output, to - 1) !== HYPHEN
      default:
        return kind === DOT
    }
  }

  /** Whether the line, or the input, ends at `at`. */
  #endsLine(input: Uint8Array, at: number): boolean {
    return at >= input.length || (this.#kind(input, at) === BREAK && byteAt(input, at + 1) === LF)
  }
}

/** Whether `From` stands at `at`. */
function isFrom(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 70 && bytes[at + 1] === 114 && bytes[at + 2] === 111 && bytes[at + 3] === 109
}
