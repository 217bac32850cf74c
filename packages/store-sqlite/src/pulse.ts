/** A beat that whoever waits can hear: something was written here. */

import type { Clock } from '@postroad/runtime'

/** Beats, and waits for beats. */
export class Pulse {
  readonly #clock: Clock
  readonly #listening = new Set<AbortController>()
  #count = 0
  #isEnded = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How often it has beaten: to be read before a look, for `wait`. */
  get count(): number {
    return this.#count
  }

  /** Whether nobody can wait any more. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Wakes whoever waits. */
  beat(): void {
    this.#count += 1
    for (const controller of this.#listening) controller.abort()
    this.#listening.clear()
  }

  /** Wakes whoever waits, and nobody waits from now on. */
  end(): void {
    this.#isEnded = true
    this.beat()
  }

  /** Waits for a beat after the one counted, for `ms` at most, or until the signal fires. */
  async wait(counted: number, ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#count !== counted || this.#isEnded || signal?.aborted === true) return
    const controller = new AbortController()
    const stop = (): void => controller.abort()
    signal?.addEventListener('abort', stop, { once: true })
    this.#listening.add(controller)
    await this.#clock.sleep(ms, controller.signal)
    this.#listening.delete(controller)
    signal?.removeEventListener('abort', stop)
  }
}
