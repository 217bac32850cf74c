/** What waits to be written: slices, joined when they are taken. */

import { concat } from '@postroad/bytes'

/** Slices in order. One alone is given out as it is; several are copied into one. */
export class ClientOutput {
  #slices: Uint8Array[] = []
  #bytes = 0

  /** How many bytes wait. */
  get bytes(): number {
    return this.#bytes
  }

  push(slice: Uint8Array): void {
    if (slice.length === 0) return
    this.#slices.push(slice)
    this.#bytes += slice.length
  }

  /** All that waits; `undefined` where nothing does. */
  take(): Uint8Array | undefined {
    const [first] = this.#slices
    const taken = this.#slices.length > 1 ? concat(this.#slices) : first
    this.clear()
    return taken
  }

  /** Forgets what waits. */
  clear(): void {
    this.#slices = []
    this.#bytes = 0
  }
}
