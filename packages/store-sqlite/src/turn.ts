/**
 * The write lock between processes: one takes it for each transaction, and they take turns.
 *
 * SQLite would sleep up to 100 ms between its tries, while somebody busy takes the lock again in much less than one: then
 * who waits comes too late for seconds. Here who waits tries twice in a millisecond, and who comes straight from its last
 * transaction lets a millisecond pass first where others write too.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { isLocked } from './faults.ts'
import { integer } from './row.ts'

/** Between two tries to take the lock, in milliseconds. */
const TRY_MS = 0.5
/** Between two transactions of one process at least where others write too, in milliseconds. */
const PAUSE_MS = 1
/** For so many transactions others count as writing after one of theirs was seen. */
const ATTENTIVE = 8
/** Once in so many transactions the lock is left alone although nobody was seen writing: somebody may wait for the first time. */
const ONCE_IN = 16

/** The write lock as one connection takes it. */
export class Turn {
  readonly #lockWaitMs: number
  readonly #begin: StatementSync
  readonly #version: StatementSync
  #seenVersion = 0
  #attentive = 0
  #sincePause = 0
  #endedAt = 0

  constructor(database: DatabaseSync, lockWaitMs: number) {
    this.#lockWaitMs = lockWaitMs
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#version = database.prepare('PRAGMA data_version')
  }

  /**
   * Begins a transaction. Blocks the thread until the lock is there.
   *
   * @param isShared Whether other processes have the database open.
   * @throws What SQLite says where somebody else has held the lock for too long.
   */
  begin(isShared: boolean): void {
    if (isShared) this.#giveWay()
    const until = performance.now() + this.#lockWaitMs
    for (;;) {
      try {
        this.#begin.run()
        return
      } catch (error) {
        if (!isLocked(error) || performance.now() >= until) throw error
        wait(TRY_MS)
      }
    }
  }

  /** To be called after each transaction. */
  end(): void {
    this.#endedAt = performance.now()
  }

  #giveWay(): void {
    const version = integer(this.#version.get() ?? {}, 'data_version')
    if (version !== this.#seenVersion) this.#attentive = ATTENTIVE
    this.#seenVersion = version
    this.#sincePause += 1
    if (this.#attentive === 0 && this.#sincePause < ONCE_IN) return
    this.#attentive = Math.max(0, this.#attentive - 1)
    this.#sincePause = 0
    const restMs = PAUSE_MS - (performance.now() - this.#endedAt)
    if (restMs > 0) wait(restMs)
  }
}

/** Blocks the thread. */
export function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
