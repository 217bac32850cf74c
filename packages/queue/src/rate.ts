/** The arithmetic of a rate, the same in every store that counts in JavaScript: a bucket that refills with time. */

/** What lies in the bucket of a rate. Below 0 is debt. */
export interface Bucket {
  /** In tokens, fractions too; never above the burst. */
  readonly level: number
  /** When the level was reckoned: milliseconds since the epoch. */
  readonly at: number
}

/** A rate's numbers, as in `LimitKey`. */
export interface Rate {
  /** How many come back in `perMs`, evenly; above 0. */
  readonly tokens: number
  /** Milliseconds, above 0. */
  readonly perMs: number
  /** The most that can lie ready; absent: as many as `tokens`. */
  readonly burst?: number
}

/** Far below any token; absorbs the rounding of fractions. */
const EPSILON = 1e-9

/** The bucket as it stands now; a new one is full. Nothing comes back while the clock is behind. */
export function refillBucket(bucket: Bucket | undefined, rate: Rate, now: number): Bucket {
  const burst = rate.burst ?? rate.tokens
  if (bucket === undefined) return { level: burst, at: now }
  const elapsed = Math.max(0, now - bucket.at)
  return { level: Math.min(burst, bucket.level + (elapsed * rate.tokens) / rate.perMs), at: now }
}

/**
 * How long until `cost` can be taken from a refilled bucket, in whole milliseconds; 0 for now. A cost above the burst
 * needs a full bucket.
 */
export function waitForTokens(bucket: Bucket, rate: Rate, cost: number): number {
  const missing = Math.min(cost, rate.burst ?? rate.tokens) - bucket.level
  return missing <= EPSILON ? 0 : Math.max(1, Math.ceil((missing * rate.perMs) / rate.tokens - EPSILON))
}
