/**
 * Passes over the bytes of content that mean nothing to who looks for line ends: all but NUL, LF, CR and what lies between
 * them. Eight are looked at together, and passed in one step where there is none among them.
 */

import { byteAt } from '@postroad/bytes'

/** The high bit of each byte of a word. */
const SIGNS = 0x80808080 | 0

const NONE = new Uint8Array(0)
const NO_VIEW = new DataView(NONE.buffer)

/** The pass; keeps a view of the last chunk it was given. */
export class OrdinaryBytes {
  #chunk: Uint8Array = NONE
  #view: DataView = NO_VIEW

  /** Lets go of the chunk, which somebody may need the memory of. */
  release(): void {
    this.#chunk = NONE
    this.#view = NO_VIEW
  }

  /** The index of the first byte below 14 at or after `at`, or `end`. */
  pass(bytes: Uint8Array, at: number, end: number): number {
    if (bytes !== this.#chunk) {
      this.#chunk = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    const view = this.#view
    let index = at
    // Some byte of a word is below 14: subtracting borrows into its high bit, which was not set before.
    for (; index + 8 <= end; index += 8) {
      const one = view.getInt32(index, true)
      const other = view.getInt32(index + 4, true)
      if (((((one - 0x0e0e0e0e) & ~one) | ((other - 0x0e0e0e0e) & ~other)) & SIGNS) !== 0) break
    }
    while (index < end && byteAt(bytes, index) >= 14) index += 1
    return index
  }
}
