/** Faults that only a store on Redis has. That Redis is away is `QueueUnavailableError` of the port. */

/** Stable codes; `docs/errors.md` has a heading for each. */
export type RedisStoreErrorCode = 'REDIS_NOT_DURABLE' | 'REDIS_FORMAT_UNKNOWN' | 'REDIS_SHARDS_DIFFER'

/** What lies in Redis, or how Redis is set, is not what this store may work with. A person must act. */
export class RedisStoreError extends Error {
  override readonly name = 'RedisStoreError'
  /**
   * `REDIS_NOT_DURABLE`: Redis is set so that it may lose what was acknowledged. `REDIS_FORMAT_UNKNOWN`: a release that
   * this one does not know wrote the keys. `REDIS_SHARDS_DIFFER`: the store was made with another number of shards.
   */
  readonly code: RedisStoreErrorCode

  constructor(code: RedisStoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
