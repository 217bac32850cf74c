/** The one deadline of a connection: moved on with every step, watched by one sleeper that looks now and then. */

import type { Clock } from '@postroad/runtime'

/** The sleeper looks at least this often, so that moving the deadline costs no timer. */
const LONGEST_SLEEP_MS = 15_000

/** Calls back once when its time has come. */
export class Deadline {
  readonly #clock: Clock
  readonly #expired: () => void
  #expiresAt = Number.POSITIVE_INFINITY
  #wakesAt = Number.POSITIVE_INFINITY
  #sleep: AbortController | undefined
  #ended = false

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock
    this.#expired = expired
  }

  /** From now `ms` milliseconds; 0: no deadline. */
  set(ms: number): void {
    if (this.#ended) return
    this.#expiresAt = ms > 0 ? this.#clock.monotonic() + ms : Number.POSITIVE_INFINITY
    if (this.#expiresAt >= this.#wakesAt) return
    this.#sleep?.abort()
    this.#sleep = new AbortController()
    void this.#watch(this.#sleep.signal)
  }

  /** Never calls back any more. */
  end(): void {
    this.#ended = true
    this.#sleep?.abort()
  }

  /** `Clock.sleep` never rejects, so neither does this. */
  async #watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#clock.monotonic()
      if (now >= this.#expiresAt) {
        this.#ended = true
        this.#expired()
        return
      }
      const ms = Math.min(this.#expiresAt - now, LONGEST_SLEEP_MS)
      this.#wakesAt = now + ms
      await this.#clock.sleep(ms, signal)
    }
  }
}
