/** The Redis that a contestant has for itself. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startRedis, type StartedRedis } from '@postroad/tooling-redis'

/**
 * Starts a Redis as a child of this process, with its data in a folder of its own.
 *
 * It does not rewrite its log by itself: a rewrite would fall into some turn of some contestant, and not be its own.
 *
 * @param fsync `always` or `everysec`.
 */
export async function ownRedis(folder: string, fsync: string): Promise<StartedRedis> {
  const data = join(folder, 'redis')
  await mkdir(data, { recursive: true })
  return startRedis({ folder: data, extraArgs: ['--appendfsync', fsync, '--auto-aof-rewrite-percentage', '0'] })
}
