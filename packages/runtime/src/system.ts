/** The machine's clock and randomness: the one place of the repository that reads them. */

import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** Longest delay a Node timer takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's clock. Sleeps longer than 24.8 days end after 24.8 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const wake = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, Math.min(Math.max(0, ms), LONGEST_TIMER_MS))
      signal?.addEventListener('abort', wake, { once: true })
    }),
}

/** The machine's cryptographic randomness. */
export const systemRandom: Random = { bytes: (length) => randomBytes(length) }
