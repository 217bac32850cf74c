/** Numbers that a column of integers keeps as they are. */

/** An instant or a duration in whole milliseconds; what is out of range, at its end. */
export function instant(ms: number): number {
  if (Number.isNaN(ms)) return 0
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(2 ** 52, Math.ceil(ms)))
}
