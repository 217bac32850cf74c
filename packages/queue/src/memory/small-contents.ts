/**
 * Content of 4 KiB and less that entries name, compact: the id and the bytes of each lie in one cell. So a million small
 * messages are no objects, and what went leaves room for what comes.
 */

import type { ContentId } from '@postroad/envelope'
import { Cells } from './cells.ts'
import { Slab } from './slab.ts'
import { TextIndex } from './text-index.ts'
import { encodeTexts, endOfTexts, firstTextIs } from './texts.ts'

/** The longest content that is kept here, in bytes. */
export const SMALL_BYTES = 4_096

/** The numbers of a row: where the id and the bytes lie, how many bytes, how many entries name it, whether a log has it. */
const ADDRESS = 0
const SIZE_BYTES = 1
const NAMES = 2
const KEPT = 3
const ROW_BYTES = 32

/** Small content by id. */
export class SmallContents {
  readonly #rows = new Cells(ROW_BYTES)
  readonly #slab = new Slab()
  readonly #index: TextIndex

  /** @param seed As for a `TextIndex`. */
  constructor(seed: number) {
    this.#index = new TextIndex(seed, (row, text) => firstTextIs(this.#slab.view(this.#rows.get(row, ADDRESS)), text))
  }

  get size(): number {
    return this.#rows.size
  }

  /** How many bytes there is memory for. */
  get bytes(): number {
    return this.#rows.bytes + this.#slab.bytes
  }

  has(id: ContentId): boolean {
    return this.#index.find(id) !== undefined
  }

  /** Keeps content that is new here and named by one entry; copies its bytes. */
  add(id: ContentId, chunks: readonly Uint8Array[], isKept: boolean): void {
    const row = this.#rows.take()
    this.#rows.set(row, ADDRESS, this.#slab.put([encodeTexts([id]), ...chunks]))
    this.#rows.set(
      row,
      SIZE_BYTES,
      chunks.reduce((sum, { length }) => sum + length, 0),
    )
    this.#rows.set(row, NAMES, 1)
    this.#rows.set(row, KEPT, isKept ? 1 : 0)
    this.#index.add(id, row)
  }

  /** One more entry names it; gives whether it is here. */
  name(id: ContentId): boolean {
    const row = this.#index.find(id)
    if (row !== undefined) this.#rows.set(row, NAMES, this.#rows.get(row, NAMES) + 1)
    return row !== undefined
  }

  /** One entry that named it is gone; with the last it goes. Gives whether it was here. */
  release(id: ContentId): boolean {
    const row = this.#index.find(id)
    if (row === undefined) return false
    const names = this.#rows.get(row, NAMES) - 1
    this.#rows.set(row, NAMES, names)
    if (names > 0) return true
    this.#index.remove(id, row)
    this.#slab.give(this.#rows.get(row, ADDRESS))
    this.#rows.give(row)
    return true
  }

  /** A copy of its bytes, for they may go while somebody reads; `undefined` where it is not here. */
  read(id: ContentId): Uint8Array | undefined {
    const row = this.#index.find(id)
    if (row === undefined) return undefined
    const bytes = this.#slab.view(this.#rows.get(row, ADDRESS))
    const start = endOfTexts(bytes)
    return bytes.slice(start, start + this.#rows.get(row, SIZE_BYTES))
  }

  /** The same for the log, where it was not given before. */
  takeUnkept(id: ContentId): Uint8Array | undefined {
    const row = this.#index.find(id)
    if (row === undefined || this.#rows.get(row, KEPT) === 1) return undefined
    this.#rows.set(row, KEPT, 1)
    return this.read(id)
  }
}
