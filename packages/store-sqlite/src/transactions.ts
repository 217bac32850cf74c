/**
 * Batches as transactions of the writer: one for each batch, committed with `synchronous=FULL` where anything in it must
 * be durable; and what is done where one fails.
 *
 * A request that cannot be done takes no other with it. What is damaged is blamed on the smallest thing that can be
 * passed over (an entry, a lane, a group, a table's housekeeping), and the batch is tried again without it. After a sync
 * that failed nothing is committed until the log, of which nobody knows what lies on the disk, has been moved whole.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Bounds } from './bounds.ts'
import { refuseNewer } from './database.ts'
import { blamesRequest, faultOf, isDamaged, isSyncFailure, LogDoubtful } from './faults.ts'
import { FileGuard } from './guard.ts'
import type { Outcome } from './protocol.ts'
import { integer } from './row.ts'
import type { IncomingBatch, RunOne } from './thread.ts'
import { Turn, wait } from './turn.ts'

/** How often a batch, with all its requests, is tried again without what was blamed; the next goes on from there. */
const BLAMES = 64
/** Tries to move a doubtful log, and the milliseconds between them: somebody may be reading. */
const MOVES = 50
const MOVE_MS = 10

/** What takes part in every transaction. */
export interface Transactor {
  readonly path: string
  readonly bounds: Bounds
  /** Called before each transaction. */
  readonly begin: () => void
  /** Called before each commit. */
  readonly end: (now: number) => void
  /** Called after a transaction that met damage; say whether it may go better now. */
  readonly blame: readonly (() => boolean)[]
}

/** The transactions of one connection. */
export class Transactions {
  readonly #database: DatabaseSync
  readonly #transactor: Transactor
  readonly #turn: Turn
  readonly #guard: FileGuard
  readonly #commit: StatementSync
  /** Asked within each transaction: a newer release may have brought the file up under this process. */
  readonly #version: StatementSync
  #isFull = true
  #isDoubtful = false
  #isDamaged = false
  #moveAtBytes: number

  constructor(database: DatabaseSync, transactor: Transactor) {
    this.#database = database
    this.#transactor = transactor
    const { path, bounds } = transactor
    this.#turn = new Turn(database, bounds.lockWaitMs)
    this.#guard = new FileGuard(path)
    this.#commit = database.prepare('COMMIT')
    this.#version = database.prepare('PRAGMA user_version')
    this.#moveAtBytes = bounds.longestLogBytes
  }

  /** Runs a batch; never throws. */
  run(batch: IncomingBatch, runOne: RunOne): readonly Outcome[] {
    return this.#run(batch, runOne, { left: BLAMES })
  }

  #run(batch: IncomingBatch, runOne: RunOne, blames: { left: number }): readonly Outcome[] {
    const { asked } = batch
    for (;;) {
      try {
        return this.#transact(batch, runOne)
      } catch (error) {
        if (isDamaged(error)) {
          this.#isDamaged = true
          blames.left -= 1
          if (blames.left >= 0 && this.#blame()) continue
        }
        if (isSyncFailure(error)) this.#isDoubtful = true
        if (asked.length === 1 || !(blamesRequest(error) || isDamaged(error)))
          return asked.map(() => ({ kind: 'fault', fault: faultOf(error) }))
        return asked.flatMap((one) => this.#run({ ...batch, asked: [one] }, runOne, blames))
      }
    }
  }

  /** Whether damage was met since the last call. */
  takeDamage(): boolean {
    const isMet = this.#isDamaged
    this.#isDamaged = false
    return isMet
  }

  /** The length of the log in bytes. Where it has grown too long beside the traffic, it is moved here and now. */
  trimLog(): number {
    const { logBytes } = this.#guard
    const { checkpointBytes, longestLogBytes } = this.#transactor.bounds
    if (logBytes > this.#moveAtBytes) {
      // Between two batches nobody adds to the log, so it is moved whole unless somebody reads what is older.
      try {
        if (this.#moveBeside()) this.#moveAtBytes = logBytes + checkpointBytes
      } catch (error) {
        this.#moveAtBytes = logBytes + checkpointBytes
        // A disk that did not keep it says so once.
        if (isSyncFailure(error)) this.#isDoubtful = true
        // Else a full disk, mostly. What was asked is done; the log waits, and what comes next hears of the disk itself.
      }
    } else if (logBytes <= longestLogBytes) this.#moveAtBytes = longestLogBytes
    return logBytes
  }

  /**
   * Moves what nobody reads any more. While somebody else does that, it waits for them, for a while: what they do not come
   * to (their thread, or their disk, is slow) must not grow. False where they are at it still.
   */
  #moveBeside(): boolean {
    const move = this.#database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
    for (let tries = 0; tries < MOVES; tries += 1) {
      if (integer(move.get() ?? {}, 'busy') === 0) return true
      wait(MOVE_MS)
    }
    return false
  }

  /** Whether the batch may go better now. */
  #blame(): boolean {
    try {
      return this.#transactor.blame.some((blame) => blame())
    } catch {
      // What was met cannot even be looked at: whoever asked is told of that.
      return false
    }
  }

  /** Runs requests in one transaction; throws where that fails, and then nothing is done, or nobody may rely on it. */
  #transact({ asked, now, durable, isShared }: IncomingBatch, runOne: RunOne): readonly Outcome[] {
    if (this.#guard.isGone) this.#guard.check()
    if (this.#isDoubtful) this.#moveLog()
    // Not to be changed inside a transaction.
    if (durable !== this.#isFull) this.#setSynchronous(durable)
    this.#transactor.begin()
    this.#turn.begin(isShared)
    try {
      refuseNewer(integer(this.#version.get() ?? {}, 'user_version'))
      const outcomes = asked.map((one) => runOne(one))
      this.#transactor.end(now)
      this.#commit.run()
      this.#guard.check()
      return outcomes
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    } finally {
      this.#turn.end()
    }
  }

  /** What a failed sync left in the log may never reach the disk, though it can still be read: it goes elsewhere, whole. */
  #moveLog(): void {
    for (let tries = 0; tries < MOVES; tries += 1) {
      const row = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {}
      if (integer(row, 'busy') === 0) {
        this.#isDoubtful = false
        return
      }
      wait(MOVE_MS)
    }
    throw new LogDoubtful('the disk did not keep the log, and it cannot be moved while others read')
  }

  #setSynchronous(full: boolean): void {
    this.#database.exec(`PRAGMA synchronous = ${full ? 'FULL' : 'NORMAL'}`)
    this.#isFull = full
  }
}
