/** The store under test, as it is told to child processes. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { openRedisStore } from '@postroad/store-redis'
import { openSqliteStore } from '@postroad/store-sqlite'
import { type Job, jobCodec } from './job.ts'

/** Where the store is. */
export type Target =
  | { readonly kind: 'sqlite'; readonly folder: string }
  | {
      readonly kind: 'redis'
      readonly url: string
      readonly prefix: string
      readonly durability?: 'strict' | 'relaxed'
      /** Replicas that must have what is acknowledged; absent: none. */
      readonly acknowledge?: number
    }

/** The database's file in a folder. */
export function databaseIn(folder: string): string {
  return join(folder, 'postroad.sqlite')
}

/**
 * Opens the store.
 *
 * @param aheadMs How far ahead of the machine's clock the store's is; for what only time brings.
 */
export async function openTarget(target: Target, aheadMs = 0): Promise<Store<Job>> {
  if (target.kind === 'sqlite') {
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs }
    return openSqliteStore({ path: databaseIn(target.folder), codec: jobCodec, clock })
  }
  const { url, prefix, durability = 'strict', acknowledge } = target
  return openRedisStore({
    url,
    prefix,
    codec: jobCodec,
    durability,
    commandTimeoutMs: 2_000,
    ...(acknowledge === undefined ? {} : { replicas: { acknowledge, timeoutMs: 1_000 } }),
    ...(aheadMs === 0 ? {} : { now: () => systemClock.now() + aheadMs }),
  })
}

/** How long the log of a SQLite store is now, in bytes; `undefined` for other stores. */
export function logBytesOf(target: Target): number | undefined {
  if (target.kind !== 'sqlite') return undefined
  return statSync(`${databaseIn(target.folder)}-wal`, { throwIfNoEntry: false })?.size ?? 0
}
