/**
 * The names of all keys: a table that the README shows.
 *
 * A shard's keys share one hash tag (`{postroad:0}`), so that a script may touch all of them, in a Redis Cluster too.
 * There is one shard; its number stands in keys, tokens and content ids, so that there can be more.
 *
 * Scripts are given the key of the shard's counter and build the others from what stands before `seq`: which entries,
 * groups and content they touch is known only inside them.
 */

/** The keys that one shard's scripts are called with, and those that are read without a script. */
export interface ShardKeys {
  readonly shard: number
  /** String: counts arrivals and leases. What stands before `seq` begins every key of the shard. */
  readonly seq: string
  /** String: the version of this table. */
  readonly format: string
  /** Channel: told when work comes to be due while somebody waits. */
  readonly work: string
  /** Hash: chunks of content. */
  content(id: string): string
  /** List: records of a message, as JSON. */
  journal(message: string): string
}

/** The version of the key table. A store with another one is not opened. */
export const FORMAT = '1'

/** The keys of one shard. */
export function shardKeys(prefix: string, shard: number): ShardKeys {
  const base = `{${prefix}:${shard}}:`
  return {
    shard,
    seq: `${base}seq`,
    format: `${base}format`,
    work: `${base}work`,
    content: (id) => `${base}content:${id}`,
    journal: (message) => `${base}journal:${message}`,
  }
}

/** What begins every key of limits: rates, places and marks. They are apart from the shards, under a tag of their own. */
export function limitsBase(prefix: string): string {
  return `{${prefix}:limits}:`
}
