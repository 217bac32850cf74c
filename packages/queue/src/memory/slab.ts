/**
 * Bytes of any length, kept in cells of some sixty sizes: at most an eighth of a cell is not used, or 15 bytes. What is longer
 * than the largest cell is kept by itself.
 */

import { Cells } from './cells.ts'

/** Up to here the sizes are 16 apart, from there on eight between a power of two and the next. */
const EVEN_BYTES = 256
const EVEN_SIZES = EVEN_BYTES / 16
/** The longest that goes into a cell. */
const LARGEST_BYTES = 16_384
const SIZES = 64

/** Keeps bytes by address. */
export class Slab {
  readonly #cells: (Cells | undefined)[] = Array.from({ length: SIZES }, () => undefined)
  /** What is longer than any cell, by addresses below 0. */
  readonly #large = new Map<number, Uint8Array>()
  #serial = 0

  /** How many are kept. */
  get size(): number {
    return this.#cells.reduce((sum, cells) => sum + (cells?.size ?? 0), this.#large.size)
  }

  /** How many bytes there is memory for. */
  get bytes(): number {
    const large = [...this.#large.values()].reduce((sum, { length }) => sum + length, 0)
    return this.#cells.reduce((sum, cells) => sum + (cells?.bytes ?? 0), large)
  }

  /** Keeps a copy of the parts, one behind the other, and gives its address. */
  put(parts: readonly Uint8Array[]): number {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const address = this.#take(length)
    const target = this.view(address)
    let at = 0
    for (const part of parts) {
      target.set(part, at)
      at += part.length
    }
    return address
  }

  /** What is kept, in place: valid until it is given back. Some bytes may follow it that mean nothing. */
  view(address: number): Uint8Array {
    if (address < 0) return this.#large.get(address) ?? missing(address)
    return this.#cellsOf(address % SIZES).view(Math.floor(address / SIZES))
  }

  /** Forgets what is kept, once. */
  give(address: number): void {
    if (address < 0) this.#large.delete(address)
    else this.#cellsOf(address % SIZES).give(Math.floor(address / SIZES))
  }

  #take(length: number): number {
    if (length <= LARGEST_BYTES) {
      const size = sizeFor(length)
      return this.#cellsOf(size).take() * SIZES + size
    }
    this.#serial -= 1
    this.#large.set(this.#serial, new Uint8Array(length))
    return this.#serial
  }

  #cellsOf(size: number): Cells {
    return (this.#cells[size] ??= new Cells(bytesOf(size)))
  }
}

/** Which of the sizes is the least for a length, up to `LARGEST_BYTES`. */
export function sizeFor(length: number): number {
  if (length <= EVEN_BYTES) return Math.max(0, Math.ceil(length / 16) - 1)
  const power = 31 - Math.clz32(length - 1)
  return EVEN_SIZES + (power - 8) * 8 + Math.ceil((length - 2 ** power) / 2 ** (power - 3)) - 1
}

/** How long the cells of a size are. */
export function bytesOf(size: number): number {
  if (size < EVEN_SIZES) return (size + 1) * 16
  const power = 8 + ((size - EVEN_SIZES) >> 3)
  return 2 ** power + (((size - EVEN_SIZES) & 7) + 1) * 2 ** (power - 3)
}

function missing(address: number): never {
  throw new RangeError(`nothing is kept at ${address}`)
}
