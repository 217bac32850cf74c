/** What the global setup provides to tests. */

import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string
  }
}

/**
 * A Redis with `appendfsync always` and `maxmemory-policy noeviction`, shared by the whole run: use a random key prefix,
 * never flush it. Only in tests.
 */
export function redisUrl(): string {
  return inject('redisUrl')
}
