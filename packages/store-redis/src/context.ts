/** What every port of one store shares. */

import type { ShardKeys } from './keys.ts'
import type { Route } from './route.ts'

/** One shard and how it is reached. */
export interface Context {
  readonly connection: Route
  readonly keys: ShardKeys
  /** The first argument of every script that reads the time: empty for Redis's clock, or a test's time. */
  readonly time: () => string
  /** The time by which content that lies in this process grows old. Milliseconds, of any start. */
  readonly now: () => number
  /** Of one group in this shard: its part of the limit over all shards, rounded up. */
  readonly groupConcurrency: number
  readonly poisonDeaths: number
  readonly settledMemoryMs: number
  readonly journalRecords: number
}

/** How long the journal of a message is kept from its last record. */
export const JOURNAL_MS: number = 7 * 86_400_000

/** How many messages of one shard have a journal, at most; beyond that the oldest go. */
export const JOURNAL_MESSAGES = 100_000
