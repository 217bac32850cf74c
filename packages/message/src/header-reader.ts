/**
 * Takes the header section off the front of a stream (RFC 5322 §2.1), within bounds.
 *
 * The same content gives the same answer however it is cut. Keeps at most `maxBytes` and a chunk; linear in what is
 * pushed, a byte at a time too.
 */

import { concat } from '@postroad/bytes'
import { parseHeader } from './header.ts'
import type { Header } from './header.ts'
import { endOfLine, kindOfLine } from './lines.ts'

/** Bounds of a header section. */
export interface HeaderReaderOptions {
  /** The most bytes the section may have, its empty line included; default 262,144 (256 KiB). */
  readonly maxBytes?: number
  /** The most fields; default 1,000. */
  readonly maxFields?: number
  /**
   * The most bytes of one field with its continuation lines and line ends; default as `maxBytes`. A line counts before
   * it is known whether it is a field.
   */
  readonly maxFieldBytes?: number
}

/** What is known so far. */
export type HeaderProgress =
  | { readonly kind: 'more' }
  | {
      readonly kind: 'header'
      readonly header: Header
      /**
       * The empty line that ended the section: CRLF, or a bare LF. Empty where the content ended in the section, or
       * where a line came that is no field: the body begins with it then, and who writes the message puts CRLF there.
       */
      readonly separator: Uint8Array
      /** The first bytes of the body: a slice of the chunk pushed last where it can be. */
      readonly rest: Uint8Array
    }
  | {
      readonly kind: 'too-large'
      /** Which bound was met first: `maxBytes`, `maxFields` or `maxFieldBytes`. */
      readonly limit: 'bytes' | 'fields' | 'field-bytes'
    }

const MORE: HeaderProgress = { kind: 'more' }
const NOTHING = new Uint8Array()

/** Reads one header section. The header lies on bytes of its own; chunks may be reused once `push` returned. */
export class HeaderReader {
  readonly #maxBytes: number
  readonly #maxFields: number
  readonly #maxFieldBytes: number
  /** What was kept of earlier chunks, and how much of it counts. */
  #kept: Uint8Array = NOTHING
  #length = 0
  /** Where the line begins that has no end yet. */
  #lineStart = 0
  /** How far line ends were looked for. */
  #searched = 0
  /** Where the last field begins, and how many there are. */
  #fieldStart = 0
  #fields = 0
  #done: HeaderProgress | undefined

  constructor(options: HeaderReaderOptions = {}) {
    this.#maxBytes = options.maxBytes ?? 262_144
    this.#maxFields = options.maxFields ?? 1_000
    this.#maxFieldBytes = options.maxFieldBytes ?? this.#maxBytes
  }

  /**
   * Takes the next bytes. Once the section has ended they are all `rest`, with the same header; once it was too large
   * it stays so.
   */
  push(chunk: Uint8Array): HeaderProgress {
    if (this.#done !== undefined) return this.#done.kind === 'header' ? { ...this.#done, rest: chunk } : this.#done
    const before = this.#length
    if (before === 0) {
      // Most sections come in one chunk: looked at where it lies, copied once it is whole.
      const progress = this.#scan(chunk)
      if (progress === MORE) this.#keep(chunk)
      return progress
    }
    this.#keep(chunk.subarray(0, Math.max(0, this.#maxBytes + 1 - before)))
    const progress = this.#scan(this.#kept.subarray(0, this.#length))
    if (progress.kind !== 'header') return progress
    // A body that began in an earlier chunk (a line without an end there) is not all in this one.
    const earlier = progress.rest.length - (this.#length - before)
    const rest = earlier > 0 ? concat([progress.rest.subarray(0, earlier), chunk]) : chunk.subarray(-earlier)
    return { ...progress, rest }
  }

  /** The content has ended: what came is the header section, or the section and a line that is no field. */
  end(): HeaderProgress {
    if (this.#done !== undefined) return this.#done
    const bytes = this.#kept.subarray(0, this.#length)
    const progress = this.#lineStart < bytes.length ? this.#line(bytes, bytes.length) : undefined
    return progress ?? this.#finish(bytes, bytes.length, bytes.length)
  }

  #scan(bytes: Uint8Array): HeaderProgress {
    for (let end = endOfLine(bytes, this.#searched); end !== undefined; end = endOfLine(bytes, end)) {
      const progress = this.#line(bytes, end)
      if (progress !== undefined) return progress
    }
    const limit = this.#limitMet(bytes, bytes.length)
    if (limit !== undefined) return this.#tooLarge(limit)
    this.#searched = bytes.length
    return MORE
  }

  /** Takes the line up to `end`; gives the answer where it ends the section. */
  #line(bytes: Uint8Array, end: number): HeaderProgress | undefined {
    const limit = this.#limitMet(bytes, end)
    if (limit !== undefined) return this.#tooLarge(limit)
    const start = this.#lineStart
    switch (kindOfLine(bytes, start, end)) {
      case 'empty':
        return this.#finish(bytes, start, end)
      case 'text':
        return this.#finish(bytes, start, start)
      case 'continuation':
        if (start === 0) return this.#finish(bytes, start, start)
        break
      case 'field':
        if (this.#fields >= this.#maxFields) return this.#tooLarge('fields')
        this.#fields += 1
        this.#fieldStart = start
    }
    this.#lineStart = end
    return undefined
  }

  /** The bound that the section meets first where its last line reaches to `end`; `undefined` where it keeps them. */
  #limitMet(bytes: Uint8Array, end: number): 'bytes' | 'field-bytes' | undefined {
    const start = this.#lineStart
    const fieldStart = isContinued(bytes[start]) ? this.#fieldStart : start
    const mostOfField = fieldStart + this.#maxFieldBytes
    if (end > this.#maxBytes && this.#maxBytes <= mostOfField) return 'bytes'
    return start < end && end > mostOfField ? 'field-bytes' : undefined
  }

  #finish(bytes: Uint8Array, headerEnd: number, bodyStart: number): HeaderProgress {
    // Not `slice`, which shares the memory where the chunk is a Buffer.
    const own = concat([bytes.subarray(0, bodyStart)])
    const header = parseHeader(own.subarray(0, headerEnd))
    const separator = own.subarray(headerEnd)
    this.#kept = NOTHING
    this.#done = { kind: 'header', header, separator, rest: NOTHING }
    return { kind: 'header', header, separator, rest: bytes.subarray(bodyStart) }
  }

  #tooLarge(limit: 'bytes' | 'fields' | 'field-bytes'): HeaderProgress {
    this.#kept = NOTHING
    this.#done = { kind: 'too-large', limit }
    return this.#done
  }

  #keep(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length
    if (needed > this.#kept.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#kept.length, 1_024))
      grown.set(this.#kept.subarray(0, this.#length))
      this.#kept = grown
    }
    this.#kept.set(chunk, this.#length)
    this.#length = needed
  }
}

/** Whether a line that begins so belongs to the field above it (RFC 5322 §2.2.3). */
const isContinued = (byte: number | undefined): boolean => byte === 32 || byte === 9
