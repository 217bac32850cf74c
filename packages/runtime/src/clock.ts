/**
 * Time as a value.
 *
 * Nothing in Postroad reads the time from the language: what needs it is given a `Clock`. A test passes a manual one
 * (`createManualClock`) and moves it; five days of retries then take no time.
 */

/** The time, and waiting for it. */
export interface Clock {
  /** Milliseconds since the epoch. May step back or forward when the machine's clock is set. */
  now(): number
  /** Milliseconds from an arbitrary start; never steps back. For durations and deadlines within the process. */
  monotonic(): number
  /**
   * Resolves after `ms` milliseconds (0 and less: in a later turn).
   *
   * When `signal` fires it resolves at once: whoever waits looks at the signal. Never rejects. A timer of the system
   * clock does not keep the process alive once `signal` has fired.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Moves both readings forward and wakes sleepers in the order of their deadlines, letting each run before the next. */
  advance(ms: number): Promise<void>
  /** Steps `now` alone, as when an operator sets the machine's clock; sleepers and `monotonic` do not notice. */
  step(ms: number): void
  /** How many sleepers wait. */
  readonly sleeping: number
  /** How long until the next sleeper wakes, in milliseconds; `undefined` where nobody sleeps. */
  readonly nextWakeMs: number | undefined
}

interface Sleeper {
  readonly wakeAt: number
  readonly wake: () => void
}

/**
 * Creates a manual clock.
 *
 * @param startAt What `now` reads first; default 1,700,000,000,000 (14 November 2023).
 */
export function createManualClock(startAt = 1_700_000_000_000): ManualClock {
  let elapsed = 0
  let stepped = 0
  const sleepers = new Set<Sleeper>()

  const next = (): Sleeper | undefined => {
    let first: Sleeper | undefined
    for (const sleeper of sleepers) if (first === undefined || sleeper.wakeAt < first.wakeAt) first = sleeper
    return first
  }

  return {
    now: () => startAt + elapsed + stepped,
    monotonic: () => elapsed,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve()
        const wake = (): void => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const sleeper: Sleeper = { wakeAt: elapsed + Math.max(0, ms), wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', wake, { once: true })
      }),
    async advance(ms) {
      const until = elapsed + ms
      await settleTurns()
      for (let sleeper = next(); sleeper !== undefined && sleeper.wakeAt <= until; sleeper = next()) {
        elapsed = Math.max(elapsed, sleeper.wakeAt)
        sleeper.wake()
        await settleTurns()
      }
      elapsed = until
    },
    step(ms) {
      stepped += ms
    },
    get sleeping() {
      return sleepers.size
    },
    get nextWakeMs() {
      const sleeper = next()
      return sleeper && Math.max(0, sleeper.wakeAt - elapsed)
    },
  }
}

/** Lets chains of already resolved promises run. A chain longer than this needs another `advance`. */
async function settleTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}
