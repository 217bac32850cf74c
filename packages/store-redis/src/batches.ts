/**
 * What concurrent callers ask of one shard within a turn of the event loop goes to Redis in few scripts: each call of a
 * script costs as much as many of the commands in it, on both sides.
 */

/** The most bytes of arguments that go into one script together. */
const MOST_BYTES = 1_048_576

/** One thing that is asked. */
export interface Ask {
  /** How many bytes it brings, about. */
  readonly sizeBytes: number
  /** Whether it must be the only one of its script. */
  readonly alone: boolean
}

/** Gathers and sends, in the order of asking. What is gathered is bounded by its callers: each waits for its answer. */
export class Batches<Asked extends Ask> {
  readonly #most: number
  readonly #send: (batch: readonly Asked[]) => void
  #gathered: Asked[] = []

  /**
   * @param most The most that go into one script.
   * @param send Sends a batch, and answers those who asked. Must not throw.
   */
  constructor(most: number, send: (batch: readonly Asked[]) => void) {
    this.#most = most
    this.#send = send
  }

  /** Sends it with what else is asked before this turn ends. */
  add(asked: Asked): void {
    // After all that is ready to run has run: of a hundred callers who were waked together, each has asked by then.
    if (this.#gathered.length === 0) process.nextTick(() => this.flush())
    this.#gathered.push(asked)
  }

  /** Sends what is gathered at once: the store is about to close. */
  flush(): void {
    const gathered = this.#gathered
    if (gathered.length === 0) return
    this.#gathered = []
    let batch: Asked[] = []
    let sizeBytes = 0
    for (const asked of gathered) {
      const last = batch.at(-1)
      const full = batch.length === this.#most || sizeBytes + asked.sizeBytes > MOST_BYTES
      if (last !== undefined && (full || asked.alone || last.alone)) {
        this.#send(batch)
        batch = []
        sizeBytes = 0
      }
      batch.push(asked)
      sizeBytes += asked.sizeBytes
    }
    this.#send(batch)
  }
}
