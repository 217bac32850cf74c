/**
 * Reads command lines: octets up to CRLF, and nothing else ends a line (RFC 5321 §2.3.8).
 *
 * Keeps at most `maxBytes` of a line that is not complete; the rest of a longer one is read and forgotten. Every byte
 * is looked at a bounded number of times, however the input is cut.
 */

import { byteAt, toLatin1, toUtf8Strict } from '@postroad/bytes'
import type { InputBuffer } from './input-buffer.ts'

/** A line, or why what came is none. */
export type Line =
  /** Without CRLF. `bytes`: how long it was on the wire, CRLF counted. */
  | { readonly kind: 'line'; readonly text: string; readonly bytes: number }
  /** It is to be refused; the next line begins behind its CRLF. */
  | { readonly kind: 'fault'; readonly fault: LineFault; readonly bytes: number }

/** `bare-newline`: a CR or LF that is not part of CRLF. */
export type LineFault = 'too-long' | 'bare-newline' | 'nul' | 'not-utf8'

const NOTHING = new Uint8Array(0)
const LF = 10
const CR = 13

/** Cuts input into lines. */
export class LineReader {
  readonly #bareNewlines: 'refuse' | 'repair'
  /** The beginning of a line whose end has not come; its first `#length` bytes count. */
  #held: Uint8Array = NOTHING
  #length = 0
  /** A line was refused before its end had come: what follows up to CRLF belongs to it. */
  #skipping = false
  /** While skipping: the last byte seen was a CR. */
  #skippedCr = false
  #skippedBytes = 0

  /** @param bareNewlines `repair`: a bare LF ends a command line, too. */
  constructor(bareNewlines: 'refuse' | 'repair') {
    this.#bareNewlines = bareNewlines
  }

  /** Bytes kept of a line that is not complete. */
  get heldBytes(): number {
    return this.#length
  }

  /** Forgets a line that is not complete. */
  clear(): void {
    this.#held = NOTHING
    this.#length = 0
    this.#skipping = false
    this.#skippedCr = false
  }

  /** How many bytes were skipped since the last call: what followed a line that was refused before its end. */
  takeSkippedBytes(): number {
    const skipped = this.#skippedBytes
    this.#skippedBytes = 0
    return skipped
  }

  /** Skips what has come of a line that was refused before its end. */
  skipRest(input: InputBuffer): void {
    if (this.#skipping) this.#skip(input)
  }

  /** The next line; `undefined` until more input comes. Reads no further than the line's end. */
  read(input: InputBuffer, maxBytes: number): Line | undefined {
    if (this.#skipping && !this.#skip(input)) return undefined
    const { bytes, at } = input
    if (at === bytes.length) return undefined
    const lf = bytes.indexOf(LF, at)
    if (lf === -1) {
      if (this.#length + input.length > maxBytes) return this.#refuse(input, bytes.length, 'too-long')
      this.#hold(input)
      return undefined
    }
    const length = this.#length + lf + 1 - at
    if (length > maxBytes) return this.#refuse(input, lf + 1, 'too-long')
    const beforeLf = lf > at ? bytes[lf - 1] : this.#held[this.#length - 1]
    const endsWithCrlf = length > 1 && beforeLf === CR
    if (!endsWithCrlf && this.#bareNewlines === 'refuse') return this.#refuse(input, lf + 1, 'bare-newline')
    const ending = endsWithCrlf ? 2 : 1
    if (this.#length === 0) {
      input.at = lf + 1
      return judge(bytes, at, lf + 1 - ending, length)
    }
    input.at = lf + 1
    this.#append(bytes, at, lf + 1)
    const line = judge(this.#held, 0, length - ending, length)
    this.clear()
    return line
  }

  /** Refuses the line at once; unless its CRLF has been read, what follows up to CRLF is skipped. */
  #refuse(input: InputBuffer, end: number, fault: LineFault): Line {
    const { bytes, at } = input
    const last = bytes[end - 1]
    const beforeLast = end - 1 > at ? bytes[end - 2] : this.#held[this.#length - 1]
    const complete = last === LF && beforeLast === CR && this.#length + end - at > 1
    const length = this.#length + end - at
    input.at = end
    this.clear()
    this.#skipping = !complete
    this.#skippedCr = last === CR
    return { kind: 'fault', fault, bytes: length }
  }

  /** Skips to behind the next CRLF; false where it has not come. */
  #skip(input: InputBuffer): boolean {
    const { bytes } = input
    let from = input.at
    if (from === bytes.length) return false
    for (;;) {
      const lf = bytes.indexOf(LF, from)
      if (lf === -1) {
        this.#skippedCr = bytes[bytes.length - 1] === CR
        this.#skippedBytes += input.length
        input.at = bytes.length
        return false
      }
      if (lf > input.at ? bytes[lf - 1] === CR : this.#skippedCr) {
        this.#skippedBytes += lf + 1 - input.at
        input.at = lf + 1
        this.clear()
        return true
      }
      from = lf + 1
    }
  }

  #hold(input: InputBuffer): void {
    this.#append(input.bytes, input.at, input.bytes.length)
    input.at = input.bytes.length
  }

  /** Doubles what is held as it grows, so that a line given byte by byte costs no more than one given whole. */
  #append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#length + end - start
    if (length > this.#held.length) {
      const grown = new Uint8Array(Math.max(128, length, this.#held.length * 2))
      grown.set(this.#held.subarray(0, this.#length))
      this.#held = grown
    }
    this.#held.set(bytes.subarray(start, end), this.#length)
    this.#length = length
  }
}

/** Judges the bytes of a line before they become text. */
function judge(bytes: Uint8Array, start: number, end: number, length: number): Line {
  let seen = 0
  for (let index = start; index < end; index += 1) {
    const byte = byteAt(bytes, index)
    seen |= byte
    if (byte > CR) continue
    if (byte === 0) return { kind: 'fault', fault: 'nul', bytes: length }
    if (byte === CR) return { kind: 'fault', fault: 'bare-newline', bytes: length }
  }
  if (seen < 128) return { kind: 'line', text: toLatin1(bytes, start, end), bytes: length }
  const text = toUtf8Strict(bytes, start, end)
  return text === undefined
    ? { kind: 'fault', fault: 'not-utf8', bytes: length }
    : { kind: 'line', text, bytes: length }
}
