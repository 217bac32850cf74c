/** A map that forgets what no longer matters: a look over all entries each time it has doubled, so never much too large. */

/** Nobody counts on forgetting: values say themselves whether they still hold. */
export class ForgettingMap<Key, Value> {
  readonly #map = new Map<Key, Value>()
  readonly #forget: (value: Value, now: number) => boolean
  #lookAt = 1_000

  /** @param forget Whether a value may go. */
  constructor(forget: (value: Value, now: number) => boolean) {
    this.#forget = forget
  }

  get size(): number {
    return this.#map.size
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key)
  }

  set(key: Key, value: Value, now: number): void {
    // Before the value is there: a new one holds nothing yet, and is about to be given to somebody.
    if (this.#map.size >= this.#lookAt && !this.#map.has(key)) {
      for (const [key, value] of this.#map) if (this.#forget(value, now)) this.#map.delete(key)
      this.#lookAt = Math.max(1_000, this.#map.size * 2)
    }
    this.#map.set(key, value)
  }

  delete(key: Key): void {
    this.#map.delete(key)
  }

  values(): IterableIterator<Value> {
    return this.#map.values()
  }
}
