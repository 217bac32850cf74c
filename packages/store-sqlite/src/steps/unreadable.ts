/**
 * Rows of a table that cannot be read, or not written, by their serials. What lies on a damaged page, or behind one, is a
 * stretch of serials without a gap: the stretch is found from one of them by few reads.
 */

import { isDamaged } from '../faults.ts'

/** Most stretches that are remembered. */
const STRETCHES = 10_000
/** Far beyond every serial. */
const FAR = 2 ** 40

/** Rows that are passed over. */
export class Unreadable {
  readonly #read: (serial: number) => unknown
  readonly #stretches: { readonly first: number; readonly last: number }[] = []

  /** @param read Reads a row by its serial; throws what SQLite says. Never called inside a transaction. */
  constructor(read: (serial: number) => unknown) {
    this.#read = read
  }

  /** Whether none is. */
  get isEmpty(): boolean {
    return this.#stretches.length === 0
  }

  /** Whether a row is. */
  has(serial: number): boolean {
    return this.#stretches.some(({ first, last }) => first <= serial && serial <= last)
  }

  /** Passes a row over from now on, and what lies on its page where that cannot be read; `false` where it was already. */
  add(serial: number): boolean {
    if (this.has(serial) || this.#stretches.length >= STRETCHES) return false
    const isBroken = this.#isBroken(serial)
    this.#stretches.push({
      first: isBroken ? this.#end(serial, -1) : serial,
      last: isBroken ? this.#end(serial, 1) : serial,
    })
    return true
  }

  /** The last that cannot be read, from one that cannot, in one direction. */
  #end(from: number, direction: 1 | -1): number {
    let near = 0
    let far = 1
    while (far < FAR && this.#isBroken(from + direction * far)) {
      near = far
      far *= 2
    }
    while (far < FAR && far - near > 1) {
      const middle = Math.floor((near + far) / 2)
      if (this.#isBroken(from + direction * middle)) near = middle
      else far = middle
    }
    return from + direction * (far < FAR ? near : far)
  }

  #isBroken(serial: number): boolean {
    try {
      this.#read(serial)
      return false
    } catch (error) {
      if (isDamaged(error)) return true
      throw error
    }
  }
}
