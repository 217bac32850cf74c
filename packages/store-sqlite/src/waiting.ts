/**
 * Leases that wait for work. What this process changes wakes them at once; what time brings, by a timer; what another
 * process on the same file adds, by its ring, and by a slow look while somebody waits.
 */

import type { Clock } from '@postroad/runtime'

/** Most waiting leases that are tried in one batch. */
const AT_A_TIME = 16

/** One look for work. */
export interface Look<Result> {
  readonly results: readonly Result[]
  /** When time alone may bring work: milliseconds since the epoch. */
  readonly wakeAt: number | undefined
}

interface Waiter<Result> {
  readonly look: () => Promise<Look<Result>>
  readonly end: (results: readonly Result[]) => void
  readonly fail: (error: unknown) => void
  /** A look is under way; what it finds is given, whatever happens meanwhile. */
  isLooking: boolean
  hasGivenUp: boolean
}

/** The waiting line of a store. */
export class WaitingLine<Result> {
  readonly #clock: Clock
  readonly #lookMs: () => number
  readonly #waiters = new Set<Waiter<Result>>()
  /** Counts what changed, so that nothing is missed between a first look and the wait. */
  #changes = 0
  #isServing = false
  #isEnded = false
  #mustServe = false
  #alarm: AbortController | undefined

  /** @param lookMs How long to wait until the next look, at most, in milliseconds. */
  constructor(clock: Clock, lookMs: () => number) {
    this.#clock = clock
    this.#lookMs = lookMs
  }

  /** To be read before the first look, for `wait`. */
  get changes(): number {
    return this.#changes
  }

  /**
   * Waits until a look gives something; an empty list after `waitMs`, when the signal fires, or at `endAll`.
   *
   * @param first The first look, which gave nothing, and `changes` as they were before it.
   */
  async wait(
    look: () => Promise<Look<Result>>,
    first: { readonly wakeAt: number | undefined; readonly changes: number },
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly Result[]> {
    if (this.#isEnded) return []
    const timeout = new AbortController()
    const waiter: Waiter<Result>[] = []
    const giveUp = (): void => waiter.forEach((one) => this.#giveUp(one))
    signal?.addEventListener('abort', giveUp, { once: true })
    void this.#clock.sleep(waitMs, timeout.signal).then(giveUp)
    try {
      return await new Promise((end, fail) => {
        const one: Waiter<Result> = { look, end, fail, isLooking: false, hasGivenUp: false }
        waiter.push(one)
        this.#waiters.add(one)
        if (signal?.aborted === true) this.#giveUp(one)
        if (this.#changes === first.changes) this.#arm(first.wakeAt)
        else this.serve()
      })
    } finally {
      signal?.removeEventListener('abort', giveUp)
      timeout.abort()
    }
  }

  /** To be called after anything changed that may bring work. */
  serve(): void {
    this.#changes += 1
    if (this.#waiters.size === 0) return
    this.#mustServe = true
    if (!this.#isServing) void this.#serve()
  }

  /** Ends all waiting with empty lists. */
  endAll(): void {
    this.#isEnded = true
    for (const waiter of this.#waiters) this.#giveUp(waiter)
  }

  async #serve(): Promise<void> {
    this.#isServing = true
    this.#alarm?.abort()
    let wakeAt: number | undefined
    do {
      this.#mustServe = false
      const trying = [...this.#waiters].slice(0, AT_A_TIME)
      const looks = await Promise.all(trying.map((waiter) => this.#try(waiter)))
      wakeAt = looks.find((look) => look?.wakeAt !== undefined)?.wakeAt
      if (looks.length > 0 && looks.every((look) => look !== undefined && look.results.length > 0))
        this.#mustServe = true
    } while (this.#mustServe && this.#waiters.size > 0)
    this.#isServing = false
    this.#arm(wakeAt)
  }

  async #try(waiter: Waiter<Result>): Promise<Look<Result> | undefined> {
    waiter.isLooking = true
    try {
      const look = await waiter.look()
      if (look.results.length > 0 || waiter.hasGivenUp) {
        this.#waiters.delete(waiter)
        waiter.end(look.results)
      }
      return look
    } catch (error) {
      this.#waiters.delete(waiter)
      waiter.fail(error)
      return undefined
    } finally {
      waiter.isLooking = false
    }
  }

  #giveUp(waiter: Waiter<Result>): void {
    waiter.hasGivenUp = true
    if (waiter.isLooking || !this.#waiters.delete(waiter)) return
    waiter.end([])
    if (this.#waiters.size === 0) this.#alarm?.abort()
  }

  #arm(wakeAt: number | undefined): void {
    if (this.#waiters.size === 0 || this.#isServing) return
    this.#alarm?.abort()
    const alarm = new AbortController()
    this.#alarm = alarm
    const delayMs = Math.min(this.#lookMs(), Math.max(0, (wakeAt ?? Infinity) - this.#clock.now()))
    void this.#clock.sleep(delayMs, alarm.signal).then(() => {
      if (!alarm.signal.aborted) this.serve()
      return undefined
    })
  }
}
