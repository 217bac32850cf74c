/** Finds `redis-server`: on the PATH, in the project's cache, or in the distribution's packages. */

import { onPath, unpackDebian } from '@postroad/tooling-debian'

/** How to run a Redis server. */
export interface RedisBinary {
  readonly path: string
  /** Folders of shared libraries that the system itself may lack; empty for an installed server. */
  readonly libraries: readonly string[]
}

/**
 * Finds or unpacks a server.
 *
 * @throws Where there is none and none can be had; the message says what to do.
 */
export async function findRedis(): Promise<RedisBinary> {
  const installed = await onPath('redis-server')
  if (installed !== undefined) return { path: installed, libraries: [] }
  const { path, libraries } = await unpackDebian('redis', ['redis-server', 'redis-tools']).catch((cause: unknown) => {
    throw absent(cause)
  })
  return { path: path('usr/bin/redis-server'), libraries }
}

function absent(cause: unknown): Error {
  return new Error(
    'The tests need a Redis and there is none: install redis-server (7.0 or later), or set REDIS_URL to one that may be ' +
      `used (appendonly yes, appendfsync always, maxmemory-policy noeviction). ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  )
}
