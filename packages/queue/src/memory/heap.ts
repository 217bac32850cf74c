/** A binary heap whose items know their place, so that any of them can be taken out or moved in logarithmic time. */

/** An item of at most one heap at a time. */
export interface HeapItem {
  /** Its place; -1 while it is in none. Written by the heap alone. */
  heapIndex: number
}

/** Where items keep their places. */
export interface HeapPlaces<Item> {
  readonly of: (item: Item) => number
  readonly set: (item: Item, index: number) => void
}

/** Items that are objects keep theirs themselves. */
export const OWN_PLACES: HeapPlaces<HeapItem> = {
  of: (item) => item.heapIndex,
  set: (item, index) => (item.heapIndex = index),
}

/** The first item by `before` is on top. */
export class Heap<Item> {
  readonly #items: Item[] = []
  readonly #before: (a: Item, b: Item) => boolean
  readonly #places: HeapPlaces<Item>

  constructor(before: (a: Item, b: Item) => boolean, places: HeapPlaces<Item>) {
    this.#before = before
    this.#places = places
  }

  get size(): number {
    return this.#items.length
  }

  /** All items, in no order. */
  values(): IterableIterator<Item> {
    return this.#items.values()
  }

  /** The first item, which stays. */
  peek(): Item | undefined {
    return this.#items[0]
  }

  /** How many items meet a condition that none meets behind one that does not; looks at few others. */
  count(meets: (item: Item) => boolean): number {
    let count = 0
    const open = [0]
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const item = this.#items[index]
      if (item === undefined || !meets(item)) continue
      count += 1
      open.push(2 * index + 1, 2 * index + 2)
    }
    return count
  }

  /** Adds an item, or moves it to its right place where it is in this heap already. */
  put(item: Item): void {
    let index = this.#places.of(item)
    if (index === -1) index = this.#items.push(item) - 1
    this.#settle(item, index)
  }

  /** Takes an item out; one that is in no heap is passed over. */
  remove(item: Item): void {
    const hole = this.#places.of(item)
    if (hole === -1) return
    this.#places.set(item, -1)
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#settle(last, hole)
  }

  /** Puts an item where it belongs, up or down from a place that is free. */
  #settle(item: Item, free: number): void {
    const index = this.#rise(item, free)
    this.#place(item, index === free ? this.#sink(item, free) : index)
  }

  #place(item: Item, index: number): void {
    this.#items[index] = item
    this.#places.set(item, index)
  }

  /** Moves those down that come after the item, and gives the place that is free then. */
  #rise(item: Item, free: number): number {
    let index = free
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#items[parentIndex]
      if (parent === undefined || !this.#before(item, parent)) break
      this.#place(parent, index)
      index = parentIndex
    }
    return index
  }

  /** Moves those up that come before the item, and gives the place that is free then. */
  #sink(item: Item, free: number): number {
    let index = free
    for (;;) {
      const left = 2 * index + 1
      const [first, second] = [this.#items[left], this.#items[left + 1]]
      const isSecond = first !== undefined && second !== undefined && this.#before(second, first)
      const child = isSecond ? second : first
      if (child === undefined || !this.#before(child, item)) return index
      this.#place(child, index)
      index = isSecond ? left + 1 : left
    }
  }
}
