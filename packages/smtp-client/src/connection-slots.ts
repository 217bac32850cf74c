/**
 * A bound on how many connections to one destination are at work at a time.
 *
 * Who finds none free waits in line, first come, first served: a place that is left goes to who waits, never to who
 * comes later. The line holds as many as call at once; bounding that is the caller's.
 */

interface Place {
  busy: number
  readonly waiting: Set<(entered: boolean) => void>
}

/** Places; see the head of this file. */
export class ConnectionSlots {
  readonly #max: number
  readonly #places = new Map<string, Place>()

  /** @param max Most at a time for each destination; `Infinity`: nobody waits, and nothing is counted. */
  constructor(max: number) {
    this.#max = max
  }

  /** How many wait, over all destinations. */
  get waiting(): number {
    let count = 0
    for (const { waiting } of this.#places.values()) count += waiting.size
    return count
  }

  /** True with a place, to be left later; false where the signal fired before there was one. */
  enter(key: string, signal: AbortSignal): true | Promise<boolean> {
    if (this.#max === Number.POSITIVE_INFINITY) return true
    const place = this.#places.get(key) ?? { busy: 0, waiting: new Set() }
    this.#places.set(key, place)
    if (place.busy < this.#max) {
      place.busy += 1
      return true
    }
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const settle = (entered: boolean): void => {
        place.waiting.delete(settle)
        signal.removeEventListener('abort', giveUp)
        resolve(entered)
      }
      const giveUp = (): void => settle(false)
      place.waiting.add(settle)
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** Leaves a place; to be called once for each that was entered. */
  leave(key: string): void {
    const place = this.#places.get(key)
    if (place === undefined) return
    const [next] = place.waiting
    if (next !== undefined) return next(true)
    place.busy -= 1
    if (place.busy === 0) this.#places.delete(key)
  }
}
