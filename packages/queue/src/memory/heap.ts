/** A binary heap whose items know their place, so that any of them can be taken out or moved in logarithmic time. */

/** An item of at most one heap at a time. */
export interface HeapItem {
  /** Its place; -1 while it is in none. Written by the heap alone. */
  heapIndex: number
}

/** The first item by `before` is on top. */
export class Heap<Item extends HeapItem> {
  readonly #items: Item[] = []
  readonly #before: (a: Item, b: Item) => boolean

  constructor(before: (a: Item, b: Item) => boolean) {
    this.#before = before
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
    if (item.heapIndex === -1) {
      item.heapIndex = this.#items.length
      this.#items.push(item)
    }
    this.#rise(item)
    this.#sink(item)
  }

  /** Takes an item out; one that is in no heap is passed over. */
  remove(item: Item): void {
    const hole = item.heapIndex
    if (hole === -1) return
    item.heapIndex = -1
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    this.#place(last, hole)
    this.#rise(last)
    this.#sink(last)
  }

  #place(item: Item, index: number): void {
    this.#items[index] = item
    item.heapIndex = index
  }

  #rise(item: Item): void {
    while (item.heapIndex > 0) {
      const index = item.heapIndex
      const parentIndex = (index - 1) >> 1
      const parent = this.#items[parentIndex]
      if (parent === undefined || !this.#before(item, parent)) return
      this.#place(parent, index)
      this.#place(item, parentIndex)
    }
  }

  #sink(item: Item): void {
    for (;;) {
      const index = item.heapIndex
      const left = this.#items[2 * index + 1]
      const right = this.#items[2 * index + 2]
      const child = left !== undefined && right !== undefined && this.#before(right, left) ? right : left
      if (child === undefined || !this.#before(child, item)) return
      const childIndex = child.heapIndex
      this.#place(child, index)
      this.#place(item, childIndex)
    }
  }
}
