/**
 * The names of all keys: a table that the README shows.
 *
 * A shard's keys share one hash tag (`{postroad:0}`), so that a script may touch all of them, in a Redis Cluster too. The
 * shard's number stands in keys, tokens and content ids, so that each finds its way.
 *
 * Scripts are given the key of the shard's counter and build the others from what stands before `seq`: which entries,
 * groups and content they touch is known only inside them.
 */

/** The keys that one shard's scripts are called with, and those that are read without a script. */
export interface ShardKeys {
  readonly shard: number
  /** String: counts arrivals and leases. What stands before `seq` begins every key of the shard. */
  readonly seq: string
  /** String: the version of this table, and the number of shards where there are several. */
  readonly format: string
  /** Channel: told when work comes to be due while somebody waits. */
  readonly work: string
  /** Never exists. A script that names it beside `seq` is refused by a node of a cluster that has only a part of the slot. */
  readonly moving: string
  /** String: content in one piece; hash: content in chunks. */
  content(id: string): string
  /** List: records of a message, as JSON. */
  journal(message: string): string
}

/** The version of the key table. A store with another one is not opened. */
export const FORMAT = '2'

/** What `format` holds: the version, and the number of shards where there are several (so that older releases refuse it). */
export function formatOf(shards: number): string {
  return shards === 1 ? FORMAT : `${FORMAT}/${shards}`
}

/** The keys of one shard. */
export function shardKeys(prefix: string, shard: number): ShardKeys {
  const base = `{${prefix}:${shard}}:`
  return {
    shard,
    seq: `${base}seq`,
    format: `${base}format`,
    work: `${base}work`,
    moving: `${base}moving`,
    content: (id) => `${base}content:${id}`,
    journal: (message) => `${base}journal:${message}`,
  }
}

/** What begins every key of limits: rates, places and marks. They are apart from the shards, under a tag of their own. */
export function limitsBase(prefix: string): string {
  return `{${prefix}:limits}:`
}
