/** What the global setup provides to tests, by `inject` of vitest. Import it for its types. */

declare module 'vitest' {
  interface ProvidedContext {
    /** A Redis with `appendfsync always` and `maxmemory-policy noeviction`. Use a random key prefix; never flush it. */
    redisUrl: string
  }
}

export {}
