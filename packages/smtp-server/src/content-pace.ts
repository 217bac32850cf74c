/** How much time a client may still waste while its content comes in: what ends one that drips. */

/** The pace of one content. Time passes only between `wait` and `came`. */
export class ContentPace {
  readonly #maxSpareMs: number
  readonly #msPerByte: number
  #spareMs: number
  #waitingSince: number | undefined

  /** @param bytesPerSecond 0: nothing is demanded. */
  constructor(maxSpareMs: number, bytesPerSecond: number) {
    this.#maxSpareMs = maxSpareMs
    this.#msPerByte = bytesPerSecond > 0 ? 1_000 / bytesPerSecond : Number.POSITIVE_INFINITY
    this.#spareMs = maxSpareMs
  }

  /** The client is waited for from now on; how long at most, in milliseconds. */
  wait(now: number): number {
    this.#waitingSince ??= now
    return Math.max(0, this.#spareMs - (now - this.#waitingSince))
  }

  /** Bytes have come. */
  came(now: number, bytes: number): void {
    const waited = this.#waitingSince === undefined ? 0 : now - this.#waitingSince
    this.#waitingSince = undefined
    this.#spareMs = Math.min(this.#maxSpareMs, this.#spareMs - waited + bytes * this.#msPerByte)
  }
}
