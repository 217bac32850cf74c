/**
 * Memory that two threads see: blocks for content on its way to the writer, which reads them where they lie.
 *
 * Slabs of 1 MiB, each of four quarters, each of sixteen leaves of 16 KiB. A block is one leaf or two, four, eight or
 * sixteen that lie in a row at a multiple of their number, so what is free joins by itself, and slabs serve blocks of all
 * sizes: never more is held than the bound, however sizes change.
 *
 * A slab that is let go is freed only once both threads have collected their garbage, which the engine does not hurry for
 * memory that it did not allocate itself: callers that come and go in crowds, a slab made and let go for each, would hold
 * hundreds of megabytes. So empty slabs are kept while they are needed now and then, and go a few at a time.
 */

const SLAB_BYTES = 1_048_576
const LEAF_BYTES = 16_384
const QUARTERS = 4
const LEAVES = 16
const ALL_FREE = 0xffff
/** Empty slabs that are always kept for what comes next. */
const SPARE_SLABS = 4
/** After so many blocks were taken, half of the slabs that stayed empty meanwhile are let go. */
const SPAN_BLOCKS = 4_096

interface Slab {
  readonly memory: SharedArrayBuffer
  /** A bit for each free leaf of each quarter. */
  readonly free: number[]
  taken: number
}

/** A piece of a slab, for one owner until it is given back. */
export interface Block {
  /** Whatever its last owner left in it. */
  readonly bytes: Uint8Array
  readonly slab: Slab
  readonly quarter: number
  /** Its leaves among those of the quarter, as bits. */
  readonly leaves: number
}

/** The slabs of one store. */
export class Slabs {
  readonly #most: number
  readonly #slabs = new Set<Slab>()
  #empty = 0
  /** The fewest that were empty at once in this span, and the blocks that were taken in it. */
  #leastEmpty = 0
  #spanBlocks = 0

  /** @param limitBytes What all slabs hold at most; there may always be one. */
  constructor(limitBytes: number) {
    this.#most = Math.max(1, Math.floor(limitBytes / SLAB_BYTES))
  }

  /** What the slabs hold now, free blocks among it. */
  get bytes(): number {
    return this.#slabs.size * SLAB_BYTES
  }

  /** A block of so many bytes or more, 256 KiB at most; `undefined` where there is no room for it. */
  take(bytes: number): Block | undefined {
    let count = 1
    while (count < LEAVES && count * LEAF_BYTES < bytes) count *= 2
    this.#spanBlocks += 1
    if (this.#spanBlocks >= SPAN_BLOCKS) this.#trim()
    for (const slab of this.#slabs) {
      const block = this.#takeFrom(slab, count)
      if (block !== undefined) return block
    }
    if (this.#slabs.size >= this.#most) return undefined
    const slab: Slab = {
      memory: new SharedArrayBuffer(SLAB_BYTES),
      free: Array.from({ length: QUARTERS }, () => ALL_FREE),
      taken: 0,
    }
    this.#slabs.add(slab)
    this.#empty += 1
    return this.#takeFrom(slab, count)
  }

  /** Gives a block back: nobody may read or write it any more, in any thread. To be called once. */
  give({ bytes, slab, quarter, leaves }: Block): void {
    slab.free[quarter] = (slab.free[quarter] ?? 0) | leaves
    slab.taken -= bytes.length
    if (slab.taken === 0) this.#empty += 1
  }

  /** Lets go of what a whole span did not need, half of it at a time. */
  #trim(): void {
    let surplus = Math.ceil((this.#leastEmpty - SPARE_SLABS) / 2)
    for (const slab of this.#slabs) {
      if (surplus <= 0) break
      if (slab.taken > 0) continue
      this.#slabs.delete(slab)
      this.#empty -= 1
      surplus -= 1
    }
    this.#leastEmpty = this.#empty
    this.#spanBlocks = 0
  }

  #takeFrom(slab: Slab, count: number): Block | undefined {
    if (slab.taken + count * LEAF_BYTES > SLAB_BYTES) return undefined
    for (let quarter = 0; quarter < QUARTERS; quarter += 1) {
      const free = slab.free[quarter] ?? 0
      for (let at = 0; at < LEAVES; at += count) {
        const leaves = (2 ** count - 1) << at
        if ((free & leaves) !== leaves) continue
        if (slab.taken === 0) this.#empty -= 1
        this.#leastEmpty = Math.min(this.#leastEmpty, this.#empty)
        slab.free[quarter] = free & ~leaves
        slab.taken += count * LEAF_BYTES
        const from = (quarter * LEAVES + at) * LEAF_BYTES
        return { bytes: new Uint8Array(slab.memory, from, count * LEAF_BYTES), slab, quarter, leaves }
      }
    }
    return undefined
  }
}
