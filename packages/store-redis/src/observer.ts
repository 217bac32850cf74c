/** What a store on Redis reports. */

/** Told of each event, synchronously. Must not throw. */
export type RedisStoreObserver = (event: RedisStoreEvent) => void

/** One event. `error` names host and port of Redis, never its password. */
export type RedisStoreEvent =
  /** The connection is lost, or could not be made again: every call rejects until `store.available`. Once per outage. */
  | { readonly type: 'store.unavailable'; readonly error: unknown }
  /** The connection is there again. */
  | { readonly type: 'store.available' }
  /** Redis came back and does not promise what it must (see `durability`): every call rejects, until it is set right. */
  | { readonly type: 'store.refused'; readonly error: unknown }
  /** A lease was taken whose job cannot be decoded; the entry is held. */
  | { readonly type: 'store.undecodable'; readonly entry: string; readonly error: unknown }
