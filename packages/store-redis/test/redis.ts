/** What the tests of this package share: the Redis of the run, and names of their own in it. */

import { randomUUID } from 'node:crypto'

declare module 'vitest' {
  interface ProvidedContext {
    /** The Redis of the run, shared with other packages: use a random prefix, never flush it. */
    redisUrl: string
  }
}

/** A prefix that nobody else uses. */
export function randomPrefix(): string {
  return `test-${randomUUID()}`
}
