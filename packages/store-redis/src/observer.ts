/** What a store on Redis reports. */

/** Told of each event, synchronously. Must not throw. */
export type RedisStoreObserver = (event: RedisStoreEvent) => void

/** One event. `error` names host and port of Redis, never its password. */
export type RedisStoreEvent =
  /**
   * Redis is away, or the node of a cluster that has these shards (none: it has the limits alone): every call that concerns
   * them rejects until `store.available`. Once per outage.
   */
  | { readonly type: 'store.unavailable'; readonly error: unknown; readonly shards: readonly number[] }
  /** These shards can be used again. */
  | { readonly type: 'store.available'; readonly shards: readonly number[] }
  /** Redis came back and does not promise what it must (see `durability`): every call rejects, until it is set right. */
  | { readonly type: 'store.refused'; readonly error: unknown }
  /** A lease was taken whose job cannot be decoded; the entry is held. */
  | { readonly type: 'store.undecodable'; readonly entry: string; readonly error: unknown }
