/** How much time a client may still waste while its content comes in: what ends one that drips. */

/** What a pace is measured by. */
export interface PaceLimits {
  /** Never is there more time to waste than this. */
  readonly contentTimeoutMs: number
  /** 0: nothing is demanded. */
  readonly minContentBytesPerSecond: number
  /** What all waiting for one content may come to. */
  readonly maxMessageMs: number
}

/** The pace of one content, of all its chunks. Time passes only between `wait` and `came`. */
export class ContentPace {
  readonly #limits: PaceLimits
  #spareMs: number
  #leftMs: number
  #waitingSince: number | undefined

  constructor(limits: PaceLimits) {
    this.#limits = limits
    this.#spareMs = limits.contentTimeoutMs
    this.#leftMs = limits.maxMessageMs
  }

  /** The client is waited for from now on; how long at most, in milliseconds. */
  wait(now: number): number {
    this.#waitingSince ??= now
    return Math.max(0, Math.min(this.#spareMs, this.#leftMs) - (now - this.#waitingSince))
  }

  /** Bytes have come. */
  came(now: number, bytes: number): void {
    const waited = this.#waitingSince === undefined ? 0 : now - this.#waitingSince
    const { contentTimeoutMs, minContentBytesPerSecond } = this.#limits
    const earned = minContentBytesPerSecond > 0 ? (bytes * 1_000) / minContentBytesPerSecond : contentTimeoutMs
    this.#waitingSince = undefined
    this.#leftMs -= waited
    this.#spareMs = Math.min(contentTimeoutMs, this.#spareMs - waited + earned)
  }
}
