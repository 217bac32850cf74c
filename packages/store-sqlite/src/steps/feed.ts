/**
 * Which groups have changed, for those who follow: each transaction that changes counts has a number, which its groups
 * keep. Nothing is numbered unless somebody follows, so mail pays one look at a single row for each transaction.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { integer, type Row, text } from '../row.ts'

/** How long nobody need ask before the feed is given up, in milliseconds; it is prolonged at half of that. */
export const FOLLOWED_MS = 120_000
/** How long an emptied group is kept for followers after its last change, in milliseconds. */
const KEPT_MS = 60_000

/** From where a follower goes on. */
export interface FeedPlace {
  readonly epoch: string
  readonly number: number
  /** Of the last group seen among those of the same number. */
  readonly serial: number
}

/** The feed as the writer keeps it. */
export class Feed {
  readonly #select: StatementSync
  readonly #count: StatementSync
  readonly #follow: StatementSync
  readonly #raise: StatementSync
  readonly #epoch: () => string
  /** Of this transaction; `undefined` until it is asked for, 0 where nobody follows. */
  #number: number | undefined
  /** What the number was at each housekeeping of the last minute. */
  #marks: { readonly at: number; readonly number: number }[] = []

  /** @param epoch Makes a text unlike all before. */
  constructor(database: DatabaseSync, epoch: () => string) {
    this.#epoch = epoch
    this.#select = database.prepare('SELECT * FROM feed WHERE serial = 1')
    this.#count = database.prepare('UPDATE feed SET number = ? WHERE serial = 1')
    this.#follow = database.prepare('UPDATE feed SET epoch = ?, number = ?, base = ?, until = ? WHERE serial = 1')
    this.#raise = database.prepare('UPDATE feed SET base = max(base, ?) WHERE serial = 1')
  }

  /** To be called before each transaction. */
  begin(): void {
    this.#number = undefined
  }

  /** The number for what this transaction changes; `undefined` where nobody follows. */
  number(now: number): number | undefined {
    if (this.#number === undefined) {
      const row = this.#row()
      this.#number = isFollowed(row, now) ? integer(row, 'number') + 1 : 0
      if (this.#number > 0) this.#count.run(this.#number)
    }
    return this.#number === 0 ? undefined : this.#number
  }

  /** Begins to be followed, or goes on; gives the place from which nothing is missed. */
  follow(now: number): string {
    const row = this.#row()
    const isNew = !isFollowed(row, now)
    const number = integer(row, 'number') + (isNew ? 1 : 0)
    const epoch = isNew ? this.#epoch() : text(row, 'epoch')
    this.#follow.run(epoch, number, isNew ? number : integer(row, 'base'), now + FOLLOWED_MS)
    if (isNew) this.#number = undefined
    return formatPlace({ epoch, number, serial: Number.MAX_SAFE_INTEGER })
  }

  /** For housekeeping, now and then: groups with a number up to this need not be kept for followers. */
  forgettable(now: number): number {
    const row = this.#row()
    if (!isFollowed(row, now)) {
      this.#marks = []
      return Number.MAX_SAFE_INTEGER
    }
    if ((this.#marks.at(-1)?.at ?? 0) > now) this.#marks = []
    this.#marks.push({ at: now, number: integer(row, 'number') })
    const old = this.#marks.findLastIndex(({ at }) => at <= now - KEPT_MS)
    if (old > 0) this.#marks.splice(0, old)
    const floor = old < 0 ? 0 : (this.#marks[0]?.number ?? 0)
    if (floor > integer(row, 'base')) this.#raise.run(floor)
    return floor
  }

  #row(): Row {
    return this.#select.get() ?? {}
  }
}

/** Whether somebody has asked of late; a clock that was set back ends it. */
export function isFollowed(feed: Row, now: number): boolean {
  const until = integer(feed, 'until')
  return now < until && until <= now + 2 * FOLLOWED_MS
}

/** A place as the text that followers hand back. */
export function formatPlace({ epoch, number, serial }: FeedPlace): string {
  return `${epoch}.${number}.${serial}`
}

/** The place; `undefined` where the text is none of ours. */
export function parsePlace(cursor: string): FeedPlace | undefined {
  const [epoch = '', number = '', serial = '', ...more] = cursor.split('.', 4)
  const place = { epoch, number: Number(number), serial: Number(serial) }
  const isOurs = more.length === 0 && number !== '' && serial !== ''
  return isOurs && Number.isSafeInteger(place.number) && Number.isSafeInteger(place.serial) ? place : undefined
}
