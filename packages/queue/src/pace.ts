/** How fast a group may be worked, the same in every store that reckons in JavaScript: limit, feedback, pause, parking. */

import { PARKED_MS } from './entry-rules.ts'
import type { Feedback } from './queue.ts'

/** What bounds the leases of one group. */
export interface GroupPace {
  /** Leases out now. */
  leased: number
  /** By control; milliseconds since the epoch, 0 for never. */
  pausedUntil: number
  /** By `down`; milliseconds since the epoch, 0 for never. */
  parkedUntil: number
  /** Set by control; `undefined`: the default of the queue. */
  limit: number | undefined
  /** Where feedback moved the concurrency; `undefined`: nowhere. */
  window: number | undefined
  /** When feedback last came; 0 for never. */
  feedbackAt: number
}

/** How many entries may be leased at a time; a pause aside. */
export function concurrencyOf(pace: GroupPace, byDefault: number, now: number): number {
  const limit = pace.limit ?? byDefault
  return Math.min(limit, now < pace.parkedUntil ? 1 : (pace.window ?? limit))
}

/** Whether one more may be leased. */
export function isOpen(pace: GroupPace, byDefault: number, now: number): boolean {
  return now >= pace.pausedUntil && pace.leased < concurrencyOf(pace, byDefault, now)
}

/** Until when it is paused or parked, the later of both; 0 where it is neither. */
export function closedUntil({ pausedUntil, parkedUntil }: GroupPace, now: number): number {
  return Math.max(now < pausedUntil ? pausedUntil : 0, now < parkedUntil ? parkedUntil : 0)
}

/** When a pause or parking ends next; infinite where there is none. */
export function reopensAt({ pausedUntil, parkedUntil }: GroupPace, now: number): number {
  return Math.min(now < pausedUntil ? pausedUntil : Infinity, now < parkedUntil ? parkedUntil : Infinity)
}

/** Moves the concurrency by how the destination behaved. */
export function feedPace(pace: GroupPace, feedback: Feedback, byDefault: number, now: number): void {
  const limit = pace.limit ?? byDefault
  const window = Math.min(limit, pace.window ?? limit)
  pace.feedbackAt = now
  pace.parkedUntil = feedback === 'down' ? now + PARKED_MS : 0
  if (feedback === 'ok') pace.window = window + 1 >= limit ? undefined : window + 1
  if (feedback === 'slow') pace.window = Math.max(1, Math.floor(window / 2))
}
