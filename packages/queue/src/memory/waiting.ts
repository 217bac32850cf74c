/** Workers that wait for work: served in the order they came, woken by what changes and by one timer for what time brings. */

import type { Clock } from '@postroad/runtime'
import { StopSignal } from './stop-signal.ts'

/** The longest sleep before a look at the clock, which may have been set. */
const LOOK_MS = 60_000

/** Someone who waits. */
interface Waiter<Result> {
  readonly attempt: () => readonly Result[]
  readonly end: (results: readonly Result[]) => void
}

/** The waiting line of a store. */
export class WaitingLine<Result> {
  readonly #clock: Clock
  readonly #wakeAt: () => number
  readonly #waiters = new Set<Waiter<Result>>()
  #alarm: { readonly at: number; readonly stop: StopSignal } | undefined

  /** @param wakeAt When time alone may bring work: milliseconds since the epoch. */
  constructor(clock: Clock, wakeAt: () => number) {
    this.#clock = clock
    this.#wakeAt = wakeAt
  }

  /** Waits until `attempt` gives something; an empty list after `waitMs`, when the signal fires, or at `endAll`. */
  wait(attempt: () => readonly Result[], waitMs: number, signal: AbortSignal | undefined): Promise<readonly Result[]> {
    return new Promise((resolve) => {
      const stop = new StopSignal()
      const waiter: Waiter<Result> = {
        attempt,
        end: (results) => {
          this.#waiters.delete(waiter)
          signal?.removeEventListener('abort', giveUp)
          stop.stop()
          if (this.#waiters.size === 0) this.#disarm()
          resolve(results)
        },
      }
      const giveUp = (): void => waiter.end([])
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', giveUp, { once: true })
      void this.#after(waitMs, stop, giveUp)
      this.#arm()
    })
  }

  /** To be called after anything changed that may bring work. */
  serve(): void {
    for (const waiter of this.#waiters) {
      const results = waiter.attempt()
      if (results.length === 0) break
      waiter.end(results)
    }
    this.#arm()
  }

  /** Ends all waiting with empty lists. */
  endAll(): void {
    for (const waiter of this.#waiters) waiter.end([])
  }

  #arm(): void {
    if (this.#waiters.size === 0) return
    const at = this.#wakeAt()
    if (this.#alarm?.at === at) return
    this.#disarm()
    const stop = new StopSignal()
    this.#alarm = { at, stop }
    const delayMs = Math.min(LOOK_MS, Math.max(0, at - this.#clock.now()))
    void this.#after(delayMs, stop, () => {
      this.#alarm = undefined
      this.serve()
    })
  }

  async #after(delayMs: number, stop: StopSignal, act: () => void): Promise<void> {
    await this.#clock.sleep(delayMs, stop)
    if (!stop.aborted) act()
  }

  #disarm(): void {
    this.#alarm?.stop.stop()
    this.#alarm = undefined
  }
}
