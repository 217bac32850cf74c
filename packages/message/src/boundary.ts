/**
 * The boundaries a line may begin with (RFC 2046 §5.1.1), of a multipart and of all around it (RFC 2046 §5.1.2).
 *
 * A line is compared with all of them at once: its bytes are looked at once each, however many there are.
 */

import { byteAt, concat } from '@postroad/bytes'

const LF = 10
const HYPHEN = 45

/** RFC 2046 §5.1.1 allows 70 characters; longer ones are seen. */
const MOST_BYTES = 8_192

/** The most bytes of a line that `match` asks for: hyphens, boundary, hyphens. */
export const MOST_DELIMITER_BYTES: number = MOST_BYTES + 4

/**
 * The most bytes of boundaries that a needle has. Native search goes back over a long needle for each byte of a text
 * that is like it: 250 bytes and fewer it looks at in linear time.
 */
const MOST_NEEDLE_BYTES = 128

/** What stands at the start of a line. `more`: as far as the bytes go it may be a delimiter. */
export type DelimiterMatch =
  | { readonly kind: 'none' }
  | { readonly kind: 'more' }
  | {
      readonly kind: 'delimiter'
      /** Of the multipart whose it is. */
      readonly level: number
      readonly isClose: boolean
      /** Behind the boundary, and behind the two hyphens of a close-delimiter. */
      readonly end: number
    }

const NONE: DelimiterMatch = { kind: 'none' }
const MORE: DelimiterMatch = { kind: 'more' }

/** A boundary and the innermost multipart that has it. */
interface Entry {
  readonly bytes: Uint8Array
  readonly level: number
  /** The same boundary, of a multipart around that one. */
  readonly outer: Entry | undefined
}

/**
 * Whether these bytes can be a boundary: not empty, not too long, and without control characters, which no line can
 * have that it is to begin. More than RFC 2046 §5.1.1 allows, because more is seen.
 */
export function isBoundary(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.length <= MOST_BYTES && bytes.every((byte) => byte >= 32 && byte !== 127)
}

/** The boundaries of the multiparts that are open. */
export class BoundarySet {
  /** In the order of their bytes, each once: those that begin alike stand together, the shortest first. */
  readonly #entries: Entry[] = []
  #needle: Uint8Array = new Uint8Array()

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** What every delimiter begins with: LF, two hyphens, and what all boundaries have in common, or the start of it. */
  get needle(): Uint8Array {
    return this.#needle
  }

  /** Takes in the boundary of a multipart that lies in all those taken in before. */
  add(bytes: Uint8Array, level: number): void {
    const at = this.#placeOf(bytes)
    const entry = this.#entries[at]
    const outer = entry !== undefined && compare(entry.bytes, bytes) === 0 ? entry : undefined
    this.#entries.splice(at, outer === undefined ? 0 : 1, { bytes, level, outer })
    this.#renewNeedle()
  }

  /** Takes out a boundary that is in here: that of the innermost multipart that has it. */
  delete(bytes: Uint8Array): void {
    const at = this.#placeOf(bytes)
    const outer = this.#entries[at]?.outer
    this.#entries.splice(at, 1, ...(outer === undefined ? [] : [outer]))
    this.#renewNeedle()
  }

  /** Takes out all. */
  clear(): void {
    this.#entries.length = 0
  }

  /**
   * What stands at `start`, where a line begins.
   *
   * RFC 2046 §5.1.1: it is enough that the line begins with the boundary. Where it begins with several the longest is
   * meant: a boundary must not begin with that of a multipart around it, but some do. Of multiparts that have the same
   * one it is the innermost.
   *
   * @param isLast Whether no bytes follow: `more` is not given then.
   */
  match(bytes: Uint8Array, start: number, isLast: boolean): DelimiterMatch {
    const boundaryStart = start + 2
    for (let at = start; at < boundaryStart; at += 1) {
      if (at === bytes.length) return isLast ? NONE : MORE
      if (bytes[at] !== HYPHEN) return NONE
    }
    // The entries from low to high begin with the bytes up to `at`.
    let low = 0
    let high = this.#entries.length
    let best: Entry | undefined
    let bestEnd = boundaryStart
    let at = boundaryStart
    while (low < high) {
      const entry = this.#entries[low]
      if (entry?.bytes.length === at - boundaryStart) {
        best = entry
        bestEnd = at
        low += 1
      } else if (at < bytes.length) {
        const byte = byteAt(bytes, at)
        // Where the first and the last go on with it, so do those between.
        const last = this.#entries[high - 1]
        if (entry?.bytes[at - boundaryStart] !== byte || last?.bytes[at - boundaryStart] !== byte) {
          low = this.#firstFrom(byte, at - boundaryStart, low, high)
          high = this.#firstFrom(byte + 1, at - boundaryStart, low, high)
        }
        at += 1
      } else if (isLast) break
      else return MORE
    }
    if (best === undefined) return NONE
    const isHyphen = bytes[bestEnd] === HYPHEN
    if (!isLast && bestEnd + (isHyphen ? 1 : 0) >= bytes.length) return MORE
    const isClose = isHyphen && bytes[bestEnd + 1] === HYPHEN
    return { kind: 'delimiter', level: best.level, isClose, end: isClose ? bestEnd + 2 : bestEnd }
  }

  /** The first entry from `low` to `high` whose byte at `index` is `byte` or above; `high` where there is none. */
  #firstFrom(byte: number, index: number, low: number, high: number): number {
    let from = low
    let to = high
    while (from < to) {
      const middle = (from + to) >> 1
      const entry = this.#entries[middle]
      if (entry !== undefined && byteAt(entry.bytes, index) < byte) from = middle + 1
      else to = middle
    }
    return from
  }

  /** Where the boundary stands, or would. */
  #placeOf(bytes: Uint8Array): number {
    let from = 0
    let to = this.#entries.length
    while (from < to) {
      const middle = (from + to) >> 1
      const entry = this.#entries[middle]
      if (entry !== undefined && compare(entry.bytes, bytes) < 0) from = middle + 1
      else to = middle
    }
    return from
  }

  #renewNeedle(): void {
    const first = this.#entries.at(0)?.bytes ?? new Uint8Array()
    const last = this.#entries.at(-1)?.bytes ?? first
    const most = Math.min(first.length, MOST_NEEDLE_BYTES)
    let common = 0
    while (common < most && first[common] === last[common]) common += 1
    this.#needle = concat([Uint8Array.of(LF, HYPHEN, HYPHEN), first.subarray(0, common)])
  }
}

/** Below 0 where `a` comes before `b` in the order of bytes, 0 where they are equal. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at += 1) if (a[at] !== b[at]) return byteAt(a, at) - byteAt(b, at)
  return a.length - b.length
}
