/**
 * Workers of this process that wait for work.
 *
 * One is woken at a time, the one that waits longest; who then finds work wakes the next, so that nobody looks in vain.
 * They are woken when Redis tells that work came to be due, at the time when something will be (one timer for all), and
 * at the latest after five seconds, should a word from Redis be lost.
 */

import { systemClock } from '@postroad/runtime/system'

/** The longest time between two looks. */
export const LOOK_AGAIN_MS: number = 5_000

/**
 * How long Redis tells of work after somebody looked in vain. Set anew where a second of it has passed, so that not each
 * look is a write that must come to the disk; what is left is always more than the time to the next look.
 */
export const TELL_MS: number = LOOK_AGAIN_MS + 2_000

/** The shortest, where something should be due by Redis's clock and is not. */
const SHORTEST_MS = 10

/** Those who wait. */
export class Waiting {
  readonly #waiters = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #timerAt = Infinity
  #closed = false
  /** Counts words of work, and the times they told of in advance. Who looked in vain and finds another count than before the look, looks again. */
  words = 0

  /** Work came to be due, or may have, or will in `ms` milliseconds. */
  word(ms: number): void {
    if (ms > 0) return this.#wakeOneIn(Math.max(SHORTEST_MS, ms))
    this.words += 1
    this.wakeOne()
  }

  /** Wakes who waits longest, where somebody does. */
  wakeOne(): void {
    const [first] = this.#waiters
    first?.()
  }

  /**
   * Waits for a word, for `nextMs`, for `signal`, or for the end.
   *
   * @param nextMs When there may be work, in milliseconds from now; `NaN` where nobody knows.
   * @param longestMs When to give up, in milliseconds from now.
   */
  async wait(nextMs: number, longestMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed || signal?.aborted === true) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiters.delete(wake)
        clearTimeout(giveUp)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const giveUp = setTimeout(wake, Math.min(longestMs, LOOK_AGAIN_MS))
      signal?.addEventListener('abort', wake, { once: true })
      this.#waiters.add(wake)
      if (!Number.isNaN(nextMs)) this.#wakeOneIn(Math.max(SHORTEST_MS, nextMs))
    })
  }

  /** Ends all waiting, now and later. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const wake of this.#waiters) wake()
  }

  get closed(): boolean {
    return this.#closed
  }

  #wakeOneIn(ms: number): void {
    const at = systemClock.monotonic() + ms
    if (this.#closed || ms > LOOK_AGAIN_MS || at >= this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity
      // Who is looking just now may get an answer from before what this was told for.
      this.words += 1
      this.wakeOne()
    }, ms)
  }
}
