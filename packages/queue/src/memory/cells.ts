/**
 * Cells of one size in pages of bytes: what the memory store keeps of each entry, so that a million entries are not
 * millions of objects, which the garbage collector would visit again and again.
 *
 * Taking and giving back cost the same however many there are. A page whose cells have all been given back is let go,
 * but for a few that are kept for what comes next.
 */

import { MOST_SPARE_PAGES, PAGE_BYTES } from './sizes.ts'

/** The end of a page's chain of free cells. */
const NONE = -1

interface Page {
  readonly bytes: Uint8Array
  /** The same bytes. */
  readonly numbers: Float64Array
  /** How many of its cells are taken. */
  used: number
  /** The first of those given back; each names the next in its first number. */
  free: number
  /** The first of those never taken; all behind it are none either. */
  fresh: number
}

/** Hands out cells. A cell is known by its number: an integer from 0, given again once the cell was given back. */
export class Cells {
  readonly #cellBytes: number
  readonly #cellNumbers: number
  readonly #shift: number
  readonly #mask: number
  readonly #pages: (Page | undefined)[] = []
  /** Numbers of pages that were let go. */
  readonly #gone: number[] = []
  /** Numbers of pages with room, the one to take from last; among them some that were let go. */
  readonly #open: number[] = []
  readonly #spare: Page[] = []
  #size = 0

  /** @param cellBytes A multiple of 8. What a cell holds when it is taken is anything. */
  constructor(cellBytes: number) {
    this.#cellBytes = cellBytes
    this.#cellNumbers = cellBytes / 8
    this.#shift = Math.max(0, 31 - Math.clz32(PAGE_BYTES / cellBytes))
    this.#mask = (1 << this.#shift) - 1
  }

  /** How many cells are taken. */
  get size(): number {
    return this.#size
  }

  /** How many pages there are, spare ones among them. */
  get pages(): number {
    return this.#pages.length - this.#gone.length + this.#spare.length
  }

  /** How many bytes they have. */
  get bytes(): number {
    return this.pages * (this.#cellBytes << this.#shift)
  }

  take(): number {
    const number = this.#openPage()
    const page = this.#page(number)
    let index = page.free
    if (index === NONE) {
      index = page.fresh
      page.fresh += 1
    } else page.free = page.numbers[index * this.#cellNumbers] ?? NONE
    page.used += 1
    if (page.used > this.#mask) this.#open.pop()
    this.#size += 1
    return number * (this.#mask + 1) + index
  }

  /** Gives a cell back, once. */
  give(cell: number): void {
    const number = this.#pageOf(cell)
    const page = this.#page(number)
    const index = cell & this.#mask
    const wasFull = page.used > this.#mask
    page.used -= 1
    this.#size -= 1
    if (page.used === 0) {
      this.#pages[number] = undefined
      this.#gone.push(number)
      page.free = NONE
      page.fresh = 0
      if (this.#spare.length < MOST_SPARE_PAGES) this.#spare.push(page)
      return
    }
    page.numbers[index * this.#cellNumbers] = page.free
    page.free = index
    if (wasFull) this.#open.push(number)
  }

  /** The bytes of a cell, in place. */
  view(cell: number): Uint8Array {
    const at = (cell & this.#mask) * this.#cellBytes
    return this.#page(this.#pageOf(cell)).bytes.subarray(at, at + this.#cellBytes)
  }

  /** One of the numbers that a cell holds, by its place from 0. */
  get(cell: number, place: number): number {
    return this.#page(this.#pageOf(cell)).numbers[(cell & this.#mask) * this.#cellNumbers + place] ?? 0
  }

  set(cell: number, place: number, value: number): void {
    this.#page(this.#pageOf(cell)).numbers[(cell & this.#mask) * this.#cellNumbers + place] = value
  }

  /** Cells are numbered beyond 32 bits where there are so many. */
  #pageOf(cell: number): number {
    return cell <= 0x7fff_ffff ? cell >> this.#shift : Math.floor(cell / (this.#mask + 1))
  }

  #page(number: number): Page {
    const page = this.#pages[number]
    if (page === undefined) throw new RangeError('a cell was used that is not taken')
    return page
  }

  /** The number of a page with room. */
  #openPage(): number {
    for (let number = this.#open.at(-1); number !== undefined; number = this.#open.at(-1)) {
      if (this.#pages[number] !== undefined) return number
      this.#open.pop()
    }
    // No page that was let go is among the open ones now, so that its number may be used again.
    const number = this.#gone.pop() ?? this.#pages.length
    this.#pages[number] = this.#spare.pop() ?? this.#makePage()
    this.#open.push(number)
    return number
  }

  #makePage(): Page {
    const bytes = new Uint8Array(this.#cellBytes << this.#shift)
    return { bytes, numbers: new Float64Array(bytes.buffer), used: 0, free: NONE, fresh: 0 }
  }
}
