/**
 * Reads the content that follows DATA: removes dot-stuffing (RFC 5321 §4.5.2) and finds its end.
 *
 * The end of data is exactly CRLF.CRLF (RFC 5321 §4.1.1.4), where the CRLF that ended the DATA command counts as the
 * first; a bare CR or LF beside the dot never ends anything. Content that holds a bare CR, a bare LF or a NUL is
 * refused (RFC 5321 §2.3.8), or its line ends are repaired; a NUL is always refused.
 *
 * Gives slices of the input, copies nothing, keeps no byte between calls, looks at each byte once. Four bytes are
 * looked at together: all that matters here is below 14, and a word without such a byte is passed in one step.
 */

import { fromLatin1 } from '@postroad/bytes'
import type { InputBuffer } from './input-buffer.ts'

/** What came next. */
export type ContentPart =
  /** Valid as long as the input it is a slice of. Never empty. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Once, at the first fault; what follows is read to its end and not given. */
  | { readonly kind: 'fault'; readonly fault: ContentFault }
  | { readonly kind: 'end' }

/** Why content is refused. */
export type ContentFault = 'bare-newline' | 'nul' | 'too-big' | 'line-too-long'

/** Limits and rules for one content. */
export interface ContentRules {
  readonly bareNewlines: 'refuse' | 'repair'
  /** As given out: dot-stuffing removed, repairs counted. */
  readonly maxBytes: number
  /** Without CRLF. */
  readonly maxLineBytes: number
}

const NUL = 0
const LF = 10
const CR = 13
const DOT = 46
const CRLF = fromLatin1('\r\n')
const ONLY_LF = CRLF.subarray(1)
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
  readonly #rules: ContentRules
  #place = LINE_START
  #refused = false
  #sizeBytes = 0
  #lineBytes = 0
  /** What repairs the newline just met, to be given before the input goes on. */
  #repair: Uint8Array | undefined
  /** The chunk that `#words` shows, four bytes at a time from its first aligned byte. */
  #chunk: Uint8Array | undefined
  #words: Uint32Array = new Uint32Array(0)
  #firstWordAt = 0

  constructor(rules: ContentRules) {
    this.#rules = rules
  }

  /** Bytes given out so far. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Gives nothing more but the end. */
  refuse(): void {
    this.#refused = true
    this.#repair = undefined
  }

  /** The next part; `undefined` until more input comes. Not to be called again after `end`. */
  read(input: InputBuffer): ContentPart | undefined {
    if (this.#repair !== undefined) {
      const repair = this.#repair
      this.#repair = undefined
      return this.#give(repair)
    }
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
          if (this.#refused) continue
          input.at = at
          return this.#bareNewline(bytes.subarray(from, at), ONLY_LF)
        case LINE_START:
          this.#place = IN_LINE
          if (bytes[at] !== DOT) continue
          if (at > from && !this.#refused) {
            this.#place = LINE_START
            input.at = at
            return this.#give(bytes.subarray(from, at))
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
            this.#chunk = undefined
            return END
          }
          this.#place = IN_LINE
          if (this.#refused) continue
          input.at = at
          return this.#bareNewline(bytes.subarray(at, at), CRLF)
      }
      // In a line.
      const ordinary = at
      at = this.#passOrdinary(bytes, at, end)
      this.#lineBytes += at - ordinary
      if (this.#lineBytes > this.#rules.maxLineBytes && !this.#refused) return this.#refuse(input, at, 'line-too-long')
      if (at === end) break
      const byte = bytes[at]
      at += 1
      if (byte === CR) this.#place = AFTER_CR
      else if (byte === LF) {
        this.#lineBytes = 0
        if (this.#refused) continue
        input.at = at
        return this.#bareNewline(bytes.subarray(from, at - 1), CRLF)
      } else if (byte === NUL && !this.#refused) return this.#refuse(input, at, 'nul')
      else this.#lineBytes += 1
    }
    input.at = end
    return this.#refused || from === end ? undefined : this.#give(bytes.subarray(from, end))
  }

  /** The index of the first byte below 14 at or after `at`, or `end`. */
  #passOrdinary(bytes: Uint8Array, at: number, end: number): number {
    if (bytes !== this.#chunk) {
      this.#chunk = bytes
      this.#firstWordAt = Math.min(end, (4 - (bytes.byteOffset & 3)) & 3)
      const first = this.#firstWordAt
      this.#words = new Uint32Array(bytes.buffer, (bytes.byteOffset + first) & ~3, (end - first) >> 2)
    }
    const words = this.#words
    const first = this.#firstWordAt
    let index = at
    while (index < end && (index < first || ((index - first) & 3) !== 0)) {
      if (isSpecial(bytes[index])) return index
      index += 1
    }
    let word = (index - first) >> 2
    while (word < words.length) {
      const four = words[word] ?? 0
      // Some byte of the four is below 14: subtracting borrows into its high bit, which was not set before.
      if (((four - 0x0e0e0e0e) & ~four & 0x80808080) !== 0) break
      word += 1
    }
    index = Math.max(index, first + (word << 2))
    while (index < end && !isSpecial(bytes[index])) index += 1
    return index
  }

  #give(bytes: Uint8Array): ContentPart {
    this.#sizeBytes += bytes.length
    if (this.#sizeBytes <= this.#rules.maxBytes) return { kind: 'bytes', bytes }
    this.#refused = true
    return { kind: 'fault', fault: 'too-big' }
  }

  #bareNewline(before: Uint8Array, repair: Uint8Array): ContentPart {
    if (this.#rules.bareNewlines === 'refuse') {
      this.#refused = true
      return { kind: 'fault', fault: 'bare-newline' }
    }
    if (before.length === 0) return this.#give(repair)
    const part = this.#give(before)
    if (part.kind === 'bytes') this.#repair = repair
    return part
  }

  #refuse(input: InputBuffer, at: number, fault: ContentFault): ContentPart {
    input.at = at
    this.#refused = true
    return { kind: 'fault', fault }
  }
}

function isSpecial(byte: number | undefined): boolean {
  return byte !== undefined && byte < 14
}
