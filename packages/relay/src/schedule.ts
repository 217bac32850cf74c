/** When to try again, and when to give up (RFC 5321 §4.5.4.1). */

import { randomFraction, type Random } from '@postroad/runtime'

/** The plan of retries. */
export interface RetrySchedule {
  /**
   * Waits after the first, second ... failed attempt, in milliseconds; the last one repeats. One at least. The default
   * follows RFC 5321 §4.5.4.1: quick at first, then hours.
   */
  readonly retryMs: readonly number[]
  /** Age at which what is still deferred fails, in milliseconds; RFC 5321 §4.5.4.1 asks for 4 to 5 days. */
  readonly giveUpAfterMs: number
  /** Age at which the sender is told of a delay, once, in milliseconds. */
  readonly delayNoticeAfterMs: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** 1, 5, 15 and 30 minutes, 1, 2 and then every 4 hours; notice after 4 hours, an end after 5 days. */
export const DEFAULT_SCHEDULE: RetrySchedule = {
  retryMs: [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR],
  giveUpAfterMs: 5 * 24 * HOUR,
  delayNoticeAfterMs: 4 * HOUR,
}

/**
 * When the next attempt is due, in milliseconds since the epoch.
 *
 * Up to a tenth is added by chance, so that what failed together does not come back together. Where an answer is
 * missing (`unknown`) the wait is one step longer: the peer may have the message.
 */
export function nextAttemptAt(
  schedule: RetrySchedule,
  attempt: number,
  unknown: boolean,
  now: number,
  random: Random,
): number {
  const step = Math.min(attempt + (unknown ? 1 : 0), schedule.retryMs.length - 1)
  const wait = schedule.retryMs[step] ?? HOUR
  return Math.round(now + wait * (1 + randomFraction(random) / 10))
}
