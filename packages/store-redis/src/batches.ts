/**
 * What concurrent callers ask of one shard within a turn of the event loop goes to Redis in few scripts: each call of a
 * script costs as much as many of the commands in it, on both sides.
 */

/** The most bytes of arguments that go into one script together. */
const MOST_BYTES = 1_048_576
/** The most scripts of one kind that are under way for a shard. */
const UNDER_WAY = 2

/** One thing that is asked. */
export interface Ask {
  /** How many bytes it brings, about. */
  readonly sizeBytes: number
  /** Whether it must be the only one of its script. */
  readonly alone: boolean
}

/**
 * Gathers and sends, in the order of asking. Few are under way at a time: what is asked meanwhile goes with the next, so
 * that Redis works on one batch while this process works on the answer to another. What is gathered is bounded by its
 * callers: each waits for its answer.
 */
export class Batches<Asked extends Ask> {
  readonly #most: number
  readonly #send: (batch: readonly Asked[]) => Promise<void>
  #gathered: Asked[] = []
  #underWay = 0
  #isScheduled = false

  /**
   * @param most The most that go into one script.
   * @param send Sends a batch, and answers those who asked; resolves then. Must not throw or reject.
   */
  constructor(most: number, send: (batch: readonly Asked[]) => Promise<void>) {
    this.#most = most
    this.#send = send
  }

  /** Sends it with what else is asked before this turn ends, or later. */
  add(asked: Asked): void {
    this.#gathered.push(asked)
    this.#schedule()
  }

  /** Sends all that is gathered at once: the store is about to close. */
  flush(): void {
    while (this.#gathered.length > 0) this.#begin()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#gathered.length === 0 || this.#underWay >= UNDER_WAY) return
    this.#isScheduled = true
    // After all that is ready to run has run: of a hundred callers who were waked together, each has asked by then.
    process.nextTick(() => {
      this.#isScheduled = false
      while (this.#gathered.length > 0 && this.#underWay < UNDER_WAY) this.#begin()
    })
  }

  #begin(): void {
    this.#underWay += 1
    void this.#send(this.#take()).then(() => {
      this.#underWay -= 1
      this.#schedule()
      return undefined
    })
  }

  /** The next batch, taken away from what is gathered. */
  #take(): readonly Asked[] {
    let sizeBytes = 0
    let count = 0
    for (const asked of this.#gathered) {
      const before = this.#gathered[count - 1]
      const isFull = count === this.#most || sizeBytes + asked.sizeBytes > MOST_BYTES
      if (before !== undefined && (isFull || asked.alone || before.alone)) break
      count += 1
      sizeBytes += asked.sizeBytes
    }
    return this.#gathered.splice(0, count)
  }
}
