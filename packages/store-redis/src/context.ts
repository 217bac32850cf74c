/** What every port of one store shares. */

import type { Connection } from './connection.ts'
import type { ShardKeys } from './keys.ts'

/** One shard and how it is reached. */
export interface Context {
  readonly connection: Connection
  readonly keys: ShardKeys
  readonly limitsBase: string
  /** The first argument of every script that reads the time: empty for Redis's clock, or a test's time. */
  readonly time: () => string
  /** The time by which content that lies in this process grows old. Milliseconds, of any start. */
  readonly now: () => number
  readonly groupConcurrency: number
  readonly poisonDeaths: number
  readonly settledMemoryMs: number
  readonly journalRecords: number
}

/** How long the journal of a message is kept from its last record. */
export const JOURNAL_MS: number = 7 * 86_400_000
