/**
 * What cannot be read or written for being damaged, as far as this connection has met it. A step says what it is about to
 * touch; where a transaction met damage, that is blamed, and passed over when the transaction is tried again. (SQLite
 * writes nothing more in a transaction that met damage, though it was only reading.)
 */

import { Unreadable } from './unreadable.ts'

/** What a step is about to touch. */
type Place =
  /** The first entry of a lane; from then on its entries are read one by one. */
  | { readonly kind: 'lane'; readonly lane: string }
  /** The index of a lane's entries; none of them can be found then. */
  | { readonly kind: 'index'; readonly lane: string }
  /** An entry that is read, or written. */
  | { readonly kind: 'entry'; readonly serial: number }
  /** An entry that is removed: it is held instead. */
  | { readonly kind: 'removal'; readonly serial: number }
  /** Leases that ran out; from then on they are read one by one. */
  | { readonly kind: 'expiry' }

/** What is blamed. */
export class Blamed {
  readonly #lanes: Set<string> = new Set()
  readonly #indexes: Set<string> = new Set()
  readonly #entries: Unreadable
  readonly #removals: Set<number> = new Set()
  #expiry = false
  #at: Place | undefined

  /** @param read Reads an entry by its serial. */
  constructor(read: (serial: number) => unknown) {
    this.#entries = new Unreadable(read)
  }

  /** Whether leases that ran out are to be read one by one. */
  get hasExpiry(): boolean {
    return this.#expiry
  }

  /** Says what is touched next; `undefined`: nothing that could be passed over. */
  touch(place: Place | undefined): void {
    this.#at = place
  }

  /** To be called after a transaction that met damage; `false` where nothing can be passed over that was not before. */
  blame(): boolean {
    const at = this.#at
    this.#at = undefined
    switch (at?.kind) {
      case undefined:
        return false
      case 'lane':
        return grows(this.#lanes, at.lane)
      case 'index':
        return grows(this.#indexes, at.lane)
      case 'entry':
        return this.#entries.add(at.serial)
      case 'removal':
        return grows(this.#removals, at.serial)
      case 'expiry': {
        const was = this.#expiry
        this.#expiry = true
        return !was
      }
    }
  }

  /** Whether the entries of a lane are to be read one by one. */
  hasLane(lane: string): boolean {
    return this.#lanes.has(lane)
  }

  /** Whether the entries of a lane cannot be found. */
  hasIndex(lane: string): boolean {
    return this.#indexes.has(lane)
  }

  /** Has the entries of a lane read one by one. */
  addLane(lane: string): void {
    this.#lanes.add(lane)
  }

  /** Whether an entry is to be passed over. */
  hasEntry(serial: number): boolean {
    return !this.#entries.isEmpty && this.#entries.has(serial)
  }

  /** Whether any entry is to be passed over. */
  get hasEntries(): boolean {
    return !this.#entries.isEmpty
  }

  /** Whether an entry cannot be removed. */
  hasRemoval(serial: number): boolean {
    return this.#removals.has(serial)
  }
}

function grows<Item>(set: Set<Item>, item: Item): boolean {
  if (set.has(item)) return false
  set.add(item)
  return true
}
