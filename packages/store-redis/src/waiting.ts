/**
 * Workers of this process that wait for work.
 *
 * One is woken at a time, the one that waits longest; who then finds work wakes the next, so that nobody looks in vain.
 * They are woken when Redis tells that work came to be due, at the time when something will be (one timer for each shard),
 * and at the latest after five seconds, should a word from Redis be lost. What wakes them says which shard to look into.
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

/** What ended a wait: work in a shard, or the time, the signal or the end. */
export type Wake = { readonly shard: number } | undefined

/** What is known of one shard. */
interface Shard {
  /** Counts words of work, and the times they told of in advance. */
  words: number
  timer: NodeJS.Timeout | undefined
  timerAt: number
}

/** Those who wait. */
export class Waiting {
  readonly #waiters = new Set<(wake: Wake) => void>()
  readonly #shards: readonly Shard[]
  #closed = false

  constructor(shards = 1) {
    this.#shards = Array.from({ length: shards }, () => ({ words: 0, timer: undefined, timerAt: Infinity }))
  }

  /** Who looked into a shard in vain and finds another count than before the look, looks again. */
  wordsOf(shard: number): number {
    return this.#shards[shard]?.words ?? 0
  }

  /** Work came to be due in a shard, or may have, or will in `ms` milliseconds. */
  word(shard: number, ms: number): void {
    if (ms > 0) return this.wakeIn(shard, ms)
    const told = this.#shards[shard]
    if (told !== undefined) told.words += 1
    this.wakeOne(shard)
  }

  /** Wakes who waits longest, where somebody does, to look into a shard. */
  wakeOne(shard: number): void {
    const [first] = this.#waiters
    first?.({ shard })
  }

  /** Wakes somebody when there may be work in a shard: in `ms` milliseconds, not at all where nobody knows (`NaN`). */
  wakeIn(shard: number, ms: number): void {
    const told = this.#shards[shard]
    const afterMs = Math.max(SHORTEST_MS, ms)
    const at = systemClock.monotonic() + afterMs
    if (told === undefined || this.#closed || !(afterMs <= LOOK_AGAIN_MS) || at >= told.timerAt) return
    clearTimeout(told.timer)
    told.timerAt = at
    told.timer = setTimeout(() => {
      told.timerAt = Infinity
      // Who is looking just now may get an answer from before what this was told for.
      this.word(shard, 0)
    }, afterMs)
    // Who waits has a timer of their own.
    told.timer.unref()
  }

  /**
   * Waits for a word, for `signal`, or for the end.
   *
   * @param longestMs When to give up, in milliseconds from now; five seconds at most.
   */
  async wait(longestMs: number, signal: AbortSignal | undefined): Promise<Wake> {
    if (this.#closed || signal?.aborted === true) return undefined
    return new Promise((resolve) => {
      const wake = (reason: Wake): void => {
        this.#waiters.delete(wake)
        clearTimeout(giveUp)
        signal?.removeEventListener('abort', stop)
        resolve(reason)
      }
      const stop = (): void => wake(undefined)
      const giveUp = setTimeout(stop, Math.min(longestMs, LOOK_AGAIN_MS))
      signal?.addEventListener('abort', stop, { once: true })
      this.#waiters.add(wake)
    })
  }

  /** Ends all waiting, now and later. */
  close(): void {
    this.#closed = true
    for (const { timer } of this.#shards) clearTimeout(timer)
    for (const wake of this.#waiters) wake(undefined)
  }

  get closed(): boolean {
    return this.#closed
  }
}
