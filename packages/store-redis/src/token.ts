/** Lease tokens and content ids: opaque to callers; the shard stands in front, so that each finds its way. */

import { type ContentId, contentId, type EntryId, entryId, type LeaseToken, leaseToken } from '@postroad/envelope'
import { systemRandom } from '@postroad/runtime/system'

/** What a token says. */
export interface TokenParts {
  readonly shard: number
  /** A number that no other lease of the shard has. */
  readonly fence: string
  readonly id: EntryId
}

/** Makes the token of one lease. */
export function formatToken(shard: number, fence: string, id: string): LeaseToken {
  return leaseToken(`${shard}:${fence}:${id}`)
}

/** Reads a token; `undefined` where this store did not make it. */
export function parseToken(token: LeaseToken): TokenParts | undefined {
  const first = token.indexOf(':')
  const second = token.indexOf(':', first + 1)
  if (first < 1 || second === -1) return undefined
  const shard = Number(token.slice(0, first))
  if (!Number.isInteger(shard)) return undefined
  return { shard, fence: token.slice(first + 1, second), id: entryId(token.slice(second + 1)) }
}

/** What no other process has, and what no other content of this one has. */
const OWN = Buffer.from(systemRandom.bytes(15)).toString('base64url')
let made = 0

/**
 * Makes an id for new content, which says how that lies in Redis.
 *
 * @param how `w`: whole, as a string; `h`: in chunks, as a hash.
 */
export function createContentId(shard: number, how: 'w' | 'h'): ContentId {
  made += 1
  return contentId(`${shard}-${how}${OWN}${made.toString(36)}`)
}

/** Whether content lies in chunks. */
export function isChunked(content: ContentId): boolean {
  return content[content.indexOf('-') + 1] === 'h'
}
