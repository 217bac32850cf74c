/**
 * The entries of a lane by `notBefore`, then arrival. Most mail is due when it comes, behind all that came before it: that
 * is appended to a list, at a cost that does not grow. What comes out of that order (retries, mostly) lies in a heap.
 */

import { NOT_BEFORE, PLACE } from './entry-row.ts'
import type { EntryTable } from './entry-table.ts'
import { Heap } from './heap.ts'
import { Roll } from './roll.ts'

/** Rows of entries in their order. */
export class LaneEntries<Job> {
  readonly #table: EntryTable<Job>
  readonly #inOrder = new Roll()
  readonly #others: Heap<number>

  constructor(table: EntryTable<Job>) {
    this.#table = table
    this.#others = new Heap((a, b) => table.comesBefore(a, b), table.heapPlaces)
  }

  get size(): number {
    return this.#inOrder.size + this.#others.size
  }

  /** The first, which stays. */
  first(): number | undefined {
    const inOrder = this.#inOrder.first()
    const other = this.#others.peek()
    if (inOrder === undefined || other === undefined) return inOrder ?? other
    return this.#table.comesBefore(other, inOrder) ? other : inOrder
  }

  /** Adds an entry that is not here. */
  put(row: number, now: number): void {
    const last = this.#inOrder.last()
    const isLast = last === undefined || this.#table.comesBefore(last, row)
    if (isLast && this.#table.get(row, NOT_BEFORE) <= now) this.#table.set(row, PLACE, this.#inOrder.add(row))
    else this.#others.put(row)
  }

  remove(row: number): void {
    const place = this.#table.get(row, PLACE)
    if (place === 0) return this.#others.remove(row)
    this.#inOrder.remove(place)
    this.#table.set(row, PLACE, 0)
  }

  /** How many are due; looks at few others, unless the clock was set back. */
  countDue(now: number): number {
    let count = this.#others.count((row) => this.#table.get(row, NOT_BEFORE) <= now)
    const last = this.#inOrder.last()
    if (last === undefined || this.#table.get(last, NOT_BEFORE) <= now) return count + this.#inOrder.size
    for (const [, row] of this.#inOrder.after(0)) {
      if (this.#table.get(row, NOT_BEFORE) > now) break
      count += 1
    }
    return count
  }
}
