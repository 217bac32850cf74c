/** The ids of entries that have ended, for as long as they are remembered: compact, and forgotten in the order they came. */

import type { EntryId } from '@postroad/envelope'
import { FEW_FORGOTTEN_IDS } from './sizes.ts'
import { Slab } from './slab.ts'
import { TextIndex } from './text-index.ts'
import { decodeFirstText, encodeTexts, firstTextIs } from './texts.ts'

/** How many are looked at with each that comes: more than one, so that they become fewer again. */
const LOOK_AT = 4

/** Ids, and until when each is remembered. */
export class SettledIds {
  readonly #texts = new Slab()
  readonly #index: TextIndex
  /** In the order they came, the first with the number `#first`: where the text lies, and until when it matters. */
  readonly #addresses: number[] = []
  readonly #untils: number[] = []
  #first = 0
  /** How many of them have been forgotten. */
  #gone = 0

  /** @param seed As for a `TextIndex`. */
  constructor(seed: number) {
    this.#index = new TextIndex(seed, (number, text) => {
      return firstTextIs(this.#texts.view(this.#addresses[number - this.#first] ?? 0), text)
    })
  }

  /** How many are kept, those among them that matter no more. */
  get size(): number {
    return this.#addresses.length - this.#gone
  }

  /** Whether an id is remembered. */
  has(id: EntryId, now: number): boolean {
    const number = this.#index.find(id)
    return number !== undefined && (this.#untils[number - this.#first] ?? -Infinity) > now
  }

  /** Remembers an id until an instant: milliseconds since the epoch. What ends later is to be added later. */
  add(id: EntryId, until: number, now: number): void {
    for (let count = 0; count < LOOK_AT && (this.#untils[this.#gone] ?? Infinity) < now; count += 1) this.#forget()
    const before = this.#index.find(id)
    if (before !== undefined) this.#index.remove(id, before)
    this.#index.add(id, this.#first + this.#addresses.length)
    this.#addresses.push(this.#texts.put([encodeTexts([id])]))
    this.#untils.push(until)
  }

  /** Forgets the oldest. */
  #forget(): void {
    const address = this.#addresses[this.#gone]
    if (address === undefined) return
    this.#index.remove(decodeFirstText(this.#texts.view(address)), this.#first + this.#gone)
    this.#texts.give(address)
    this.#gone += 1
    // Now and then, so that each pays for a few places at most.
    if (this.#gone < FEW_FORGOTTEN_IDS || this.#gone * 2 < this.#addresses.length) return
    this.#addresses.splice(0, this.#gone)
    this.#untils.splice(0, this.#gone)
    this.#first += this.#gone
    this.#gone = 0
  }
}
