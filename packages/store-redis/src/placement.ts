/** Which shard an entry or content belongs to. */

import type { ContentId, MessageId } from '@postroad/envelope'
import type { Context } from './context.ts'

/** The shard of a message: a format constant, FNV-1a of 32 bits over its UTF-16 units, modulo the number of shards. */
export function shardOfMessage(message: MessageId, shards: number): number {
  let hash = 0x81_1c_9d_c5
  for (let at = 0; at < message.length; at += 1) {
    hash = Math.imul(hash ^ message.charCodeAt(at), 0x01_00_01_93)
  }
  return (hash >>> 0) % shards
}

/** The shard that a content id names; `undefined` where this store did not make it. */
export function shardOfContent(content: ContentId): number | undefined {
  const dash = content.indexOf('-')
  const shard = content.slice(0, Math.max(0, dash))
  return /^[0-9]{1,2}$/.test(shard) ? Number(shard) : undefined
}

/** The shard of a message. */
export function contextOf(message: MessageId, shards: readonly Context[]): Context {
  return at(shards, shardOfMessage(message, shards.length))
}

/** What belongs to one of the shards, which there is. */
export function at<Item>(shards: readonly Item[], shard: number): Item {
  const item = shards[shard]
  if (item === undefined) throw new RangeError(`there is no shard ${shard}`)
  return item
}
