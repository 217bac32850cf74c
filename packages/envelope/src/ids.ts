/**
 * Ids, branded so that one kind cannot be passed for another.
 *
 * Ids are made by the caller before the first byte is written (the Received field names the message), so that a
 * repeated enqueue is harmless.
 */

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** One message from acceptance to its last delivery; the thread through every log. Letters and digits, 20 long. */
export type MessageId = Branded<'MessageId'>
/** One queue entry, `MessageId.n`: the message for one destination. */
export type EntryId = Branded<'EntryId'>
/** Content on a spool. Opaque: each spool makes its own. */
export type ContentId = Branded<'ContentId'>
/** The key of a route's destination; work of one group shares limits and connections. Printable ASCII or UTF-8. */
export type GroupId = Branded<'GroupId'>
/** The right to settle one entry, until it runs out. Opaque: each store makes its own. */
export type LeaseToken = Branded<'LeaseToken'>

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * Makes a message id: 9 characters of time (milliseconds, so ids sort by age), 11 of randomness (55 bits).
 *
 * @param now Milliseconds since the epoch.
 * @param random 11 bytes or more; the low 5 bits of each are used.
 */
export function createMessageId(now: number, random: Uint8Array): MessageId {
  let time = ''
  for (let rest = Math.max(0, Math.trunc(now)), digit = 0; digit < 9; digit += 1, rest = Math.floor(rest / 32)) {
    time = ALPHABET.charAt(rest % 32) + time
  }
  let tail = ''
  for (let index = 0; index < 11; index += 1) tail += ALPHABET.charAt((random[index] ?? 0) & 31)
  return messageId(time + tail)
}

/** The id of a message's n-th entry, from 0. */
export function createEntryId(message: MessageId, index: number): EntryId {
  return entryId(`${message}.${index}`)
}

/** The message an entry belongs to: what stands before the last dot. */
export function messageOf(entry: EntryId): MessageId {
  const dot = entry.lastIndexOf('.')
  return messageId(dot === -1 ? entry : entry.slice(0, dot))
}

// The functions below brand what a store or codec has kept; nothing else asserts.

/** Brands text that is known to be a message id. */
// oxlint-disable-next-line typescript/consistent-type-assertions -- brands
export const messageId = (text: string): MessageId => text as MessageId
/** Brands text that is known to be an entry id. */
// oxlint-disable-next-line typescript/consistent-type-assertions -- brands
export const entryId = (text: string): EntryId => text as EntryId
/** Brands text that is known to be a content id. */
// oxlint-disable-next-line typescript/consistent-type-assertions -- brands
export const contentId = (text: string): ContentId => text as ContentId
/** Brands text that is known to be a group id. */
// oxlint-disable-next-line typescript/consistent-type-assertions -- brands
export const groupId = (text: string): GroupId => text as GroupId
/** Brands text that is known to be a lease token. */
// oxlint-disable-next-line typescript/consistent-type-assertions -- brands
export const leaseToken = (text: string): LeaseToken => text as LeaseToken
