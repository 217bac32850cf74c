/**
 * Watches the deadlines of all connections with one sleeper.
 *
 * Deadlines move with each command; nothing is armed or disarmed for that. The sleeper looks at all of them at most
 * four times within the shortest timeout, so a connection is cut off at most a quarter of that (and 5 seconds) late.
 *
 * It goes on whatever the end of a deadline throws, which is told: or nobody else would ever be cut off.
 */

import type { Clock } from '@postroad/runtime'

/** What can run out of time. */
export interface Watched {
  /** By `Clock.monotonic`. */
  readonly deadlineAt: number
  /** The deadline is over. Must move it, or unwatch. */
  expire(): void
}

/** One sleeper for many deadlines. */
export class Watchdog {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #onFault: (error: unknown) => void
  readonly #watched = new Set<Watched>()
  #sleeping: AbortController | undefined

  /**
   * @param shortestTimeoutMs The shortest timeout that a deadline may come from.
   * @param onFault Told what `expire` threw. What it throws itself is an unhandled rejection.
   */
  constructor(clock: Clock, shortestTimeoutMs: number, onFault: (error: unknown) => void) {
    this.#clock = clock
    this.#onFault = onFault
    this.#intervalMs = Math.min(5_000, Math.max(10, shortestTimeoutMs / 4))
  }

  watch(watched: Watched): void {
    this.#watched.add(watched)
    if (this.#sleeping === undefined) void this.#run()
  }

  unwatch(watched: Watched): void {
    this.#watched.delete(watched)
    // Nothing keeps the process alive when nobody is watched.
    if (this.#watched.size === 0) this.#sleeping?.abort()
  }

  async #run(): Promise<void> {
    while (this.#watched.size > 0) {
      const sleeping = new AbortController()
      this.#sleeping = sleeping
      await this.#clock.sleep(this.#intervalMs, sleeping.signal)
      const now = this.#clock.monotonic()
      for (const watched of this.#watched) if (watched.deadlineAt <= now) this.#expire(watched)
    }
    this.#sleeping = undefined
  }

  #expire(watched: Watched): void {
    try {
      watched.expire()
    } catch (error) {
      void this.#tell(error)
    }
  }

  /** Rejects where it throws: then nobody hears of it but the process. */
  async #tell(error: unknown): Promise<void> {
    this.#onFault(error)
  }
}
