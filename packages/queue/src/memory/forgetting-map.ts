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

  get(key: Key): Value | undefined {
    return this.#map.get(key)
  }

  set(key: Key, value: Value, now: number): void {
    this.#map.set(key, value)
    if (this.#map.size < this.#lookAt) return
    for (const [key, value] of this.#map) if (this.#forget(value, now)) this.#map.delete(key)
    this.#lookAt = Math.max(1_000, this.#map.size * 2)
  }

  delete(key: Key): void {
    this.#map.delete(key)
  }

  values(): IterableIterator<Value> {
    return this.#map.values()
  }
}
