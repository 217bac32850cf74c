/**
 * Envelopes, recipients, replies, outcomes and the branded ids that every other package speaks of.
 *
 * @packageDocumentation
 */

// Envelopes
export type { BodyType, DeliverBy, Envelope, Notify, OriginalRecipient, Recipient, ValidSince } from './envelope.ts'

// Replies and status codes
export { formatReply, isPositive, reply, splitStatus } from './reply.ts'
export type { Reply } from './reply.ts'
export { isPermanent, isStatus, isTransient } from './status.ts'
export type { EnhancedStatusCode, PermanentStatus, SuccessStatus, TransientStatus } from './status.ts'

// Outcomes
export type { Deferred, Delivered, Failed, RecipientOutcome, Unknown } from './outcome.ts'

// Content
export type { ContentFacts, ContentSource } from './content.ts'

// Ids
export { contentId, createEntryId, createMessageId, entryId, groupId, leaseToken, messageId, messageOf } from './ids.ts'
export type { ContentId, EntryId, GroupId, LeaseToken, MessageId } from './ids.ts'
