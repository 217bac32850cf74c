/** What waits to be written: slices, joined where they are short. */

import { concat } from '@postroad/bytes'

/** A slice of so many bytes is given out as it is: one more write costs less than to copy it. */
const LONG_BYTES = 16_384

/** Slices in order. */
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

  /** All that waits; `undefined` where nothing does. One slice is given out as it is, several are copied into one. */
  take(): Uint8Array | undefined {
    const [first] = this.#slices
    const taken = this.#slices.length > 1 ? concat(this.#slices) : first
    this.clear()
    return taken
  }

  /** All that waits, in order: short slices joined with their neighbours, long ones as they are. */
  takeParts(): readonly Uint8Array[] {
    const slices = this.#slices
    this.clear()
    if (slices.length < 2) return slices
    const parts: Uint8Array[] = []
    let short: Uint8Array[] = []
    const join = (): void => {
      if (short.length > 0) parts.push(concat(short))
      short = []
    }
    for (const slice of slices) {
      if (slice.length < LONG_BYTES) short.push(slice)
      else {
        join()
        parts.push(slice)
      }
    }
    join()
    return parts
  }

  /** Forgets what waits. */
  clear(): void {
    this.#slices = []
    this.#bytes = 0
  }
}
