/**
 * Finds what is kept of a text by that text: a table of hashes with open addressing, in two integers for each place. It keeps
 * no text itself; who uses it compares.
 */

import { FEWEST_INDEX_PLACES } from './sizes.ts'

/** Marks a place as empty: what is kept is numbered from 0, and shifted by one here. */
const EMPTY = 0

/** What is kept of texts, by number. Each text is added once, until it is removed. */
export class TextIndex {
  readonly #seed: number
  readonly #is: (kept: number, text: string) => boolean
  #hashes = new Int32Array(FEWEST_INDEX_PLACES)
  #kept = new Float64Array(FEWEST_INDEX_PLACES)
  #size = 0

  /**
   * @param seed Makes hashes unlike those of other stores, so that nobody who does not know it can choose texts that meet.
   *   An integer; 32 bits of it count.
   * @param is Whether what is kept under a number is of the text.
   */
  constructor(seed: number, is: (kept: number, text: string) => boolean) {
    this.#seed = seed
    this.#is = is
  }

  get size(): number {
    return this.#size
  }

  /** How many places there are: between one and a half and eight times as many as are taken, or `FEWEST_INDEX_PLACES`. */
  get places(): number {
    return this.#kept.length
  }

  /** The number kept for a text; `undefined` where there is none. */
  find(text: string): number | undefined {
    const hash = this.#hash(text)
    const mask = this.#kept.length - 1
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const kept = this.#kept[place] ?? EMPTY
      if (kept === EMPTY) return undefined
      if (this.#hashes[place] === hash && this.#is(kept - 1, text)) return kept - 1
    }
  }

  /** Adds a text that is not there. */
  add(text: string, number: number): void {
    if ((this.#size + 1) * 3 > this.#kept.length * 2) this.#resize(this.#kept.length * 2)
    this.#put(this.#hash(text), number + 1)
    this.#size += 1
  }

  /** Removes the number that was added for a text. */
  remove(text: string, number: number): void {
    const mask = this.#kept.length - 1
    let place = this.#hash(text) & mask
    while (this.#kept[place] !== number + 1) {
      if (this.#kept[place] === EMPTY) return
      place = (place + 1) & mask
    }
    this.#close(place, mask)
    this.#size -= 1
    const isMuchTooLong = this.#size * 8 < this.#kept.length
    if (isMuchTooLong && this.#kept.length > FEWEST_INDEX_PLACES) this.#resize(this.#kept.length / 2)
  }

  /** Empties a place, and moves those behind it that would not be found any more. */
  #close(place: number, mask: number): void {
    let hole = place
    for (let next = (hole + 1) & mask; this.#kept[next] !== EMPTY; next = (next + 1) & mask) {
      const home = (this.#hashes[next] ?? 0) & mask
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      this.#hashes[hole] = this.#hashes[next] ?? 0
      this.#kept[hole] = this.#kept[next] ?? EMPTY
      hole = next
    }
    this.#kept[hole] = EMPTY
  }

  #put(hash: number, kept: number): void {
    const mask = this.#kept.length - 1
    let place = hash & mask
    while (this.#kept[place] !== EMPTY) place = (place + 1) & mask
    this.#hashes[place] = hash
    this.#kept[place] = kept
  }

  #resize(places: number): void {
    const hashes = this.#hashes
    const all = this.#kept
    this.#hashes = new Int32Array(places)
    this.#kept = new Float64Array(places)
    for (let place = 0; place < all.length; place += 1) {
      const kept = all[place] ?? EMPTY
      if (kept !== EMPTY) this.#put(hashes[place] ?? 0, kept)
    }
  }

  #hash(text: string): number {
    let hash = this.#seed
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x5bd1_e995)
      hash ^= hash >>> 15
    }
    return hash
  }
}
