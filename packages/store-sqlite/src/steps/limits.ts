/** Rates, places and marks in the database. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Bucket, type LimitKey, refillBucket, waitForTokens } from '@postroad/queue'
import { integer, text } from '../row.ts'

/** How long until somebody refused a place asks again, at most. */
const ASK_AGAIN_MS = 1_000

/** The limits of one database. */
export class LimitRows {
  readonly #bucket: StatementSync
  readonly #putBucket: StatementSync
  readonly #holders: StatementSync
  readonly #firstOut: StatementSync
  readonly #putPlace: StatementSync
  readonly #extend: StatementSync
  readonly #give: StatementSync
  readonly #mark: StatementSync
  readonly #putMark: StatementSync

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => database.prepare(sql)
    this.#bucket = prepare('SELECT level, at FROM bucket WHERE name = ?')
    this.#putBucket = prepare(
      `INSERT INTO bucket (name, level, at, full_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
       level = excluded.level, at = excluded.at, full_at = excluded.full_at`,
    )
    this.#holders = prepare('SELECT count(*) AS holders FROM place WHERE name = ? AND until > ?')
    this.#firstOut = prepare('SELECT min(until) AS at FROM place WHERE name = ? AND until > ?')
    this.#putPlace = prepare('INSERT OR REPLACE INTO place (name, permit, until) VALUES (?, ?, ?)')
    this.#extend = prepare('UPDATE place SET until = ? WHERE name = ? AND permit = ? AND until > ?')
    this.#give = prepare('DELETE FROM place WHERE name = ? AND permit = ?')
    this.#mark = prepare('SELECT name FROM mark WHERE name = ? AND until > ?')
    this.#putMark = prepare('INSERT OR REPLACE INTO mark (name, until) VALUES (?, ?)')
  }

  /** Takes from every key, or says how long to wait, in milliseconds. */
  take(id: string, keys: readonly LimitKey[], cost: number, ttlMs: number, now: number): { readonly waitMs: number } {
    const buckets = new Map<string, Bucket>()
    let waitMs = 0
    for (const key of keys) {
      if (key.kind === 'concurrency') waitMs = Math.max(waitMs, this.#waitForPlace(key.name, key.places, now))
      else {
        const row = this.#bucket.get(key.name)
        const kept = row && { level: Number(row['level']), at: integer(row, 'at') }
        const bucket = buckets.get(key.name) ?? refillBucket(kept, key, now)
        waitMs = Math.max(waitMs, waitForTokens(bucket, key, cost))
        buckets.set(key.name, bucket)
        // A clock that was set back: nothing must wait until it has caught up.
        if (kept !== undefined && kept.at > now) this.#putBucket.run(key.name, bucket.level, now, now)
      }
    }
    if (waitMs > 0) return { waitMs }
    for (const key of keys) {
      if (key.kind === 'concurrency') this.#putPlace.run(key.name, id, now + ttlMs)
      else {
        const level = (buckets.get(key.name)?.level ?? 0) - cost
        buckets.set(key.name, { level, at: now })
        const missing = (key.burst ?? key.tokens) - level
        this.#putBucket.run(key.name, level, now, now + Math.ceil((missing * key.perMs) / key.tokens))
      }
    }
    return { waitMs: 0 }
  }

  /** Keeps the places of a permit that has not run out. */
  extend(id: string, names: readonly string[], ttlMs: number, now: number): void {
    for (const name of names) this.#extend.run(now + ttlMs, name, id, now)
  }

  /** Gives places back. */
  give(id: string, names: readonly string[]): void {
    for (const name of names) this.#give.run(name, id)
  }

  /** Marks a key unless it is marked. */
  mark(key: string, ttlMs: number, now: number): 'new' | 'seen' {
    const row = this.#mark.get(key, now)
    if (row !== undefined && text(row, 'name') === key) return 'seen'
    this.#putMark.run(key, now + ttlMs)
    return 'new'
  }

  #waitForPlace(name: string, places: number, now: number): number {
    const row = this.#holders.get(name, now)
    if (row !== undefined && integer(row, 'holders') < places) return 0
    const first = this.#firstOut.get(name, now)
    const at = first?.['at']
    return typeof at === 'number' ? Math.max(1, Math.min(ASK_AGAIN_MS, at - now)) : ASK_AGAIN_MS
  }
}
