/** What a relay reports: the facts operators live by. */

import type { PeerRecord } from '@postroad/delivery'
import type { EntryId, GroupId, MessageId, Recipient, RecipientOutcome } from '@postroad/envelope'

/** Told of each event, synchronously. Must not throw. */
export type RelayObserver = (event: RelayEvent) => void

/** One event. */
export type RelayEvent =
  /** One recipient in one attempt. */
  | {
      readonly type: 'attempt.finished'
      readonly message: MessageId
      readonly entry: EntryId
      readonly group: GroupId
      readonly recipient: Recipient
      readonly outcome: RecipientOutcome
      readonly peer: PeerRecord | undefined
      /** From 0. */
      readonly attempt: number
      /** Since the message was accepted, in milliseconds. */
      readonly delayMs: number
      /** Length of this attempt, in milliseconds. */
      readonly durationMs: number
      /** When the next attempt is due; `undefined` where there is none. */
      readonly notBefore: number | undefined
    }
  /** A report goes to the reverse-path: it is in the queue. */
  | {
      readonly type: 'report.sent'
      readonly message: MessageId
      /** The report's own id. */
      readonly report: MessageId
      readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed'
      readonly recipients: readonly Recipient[]
    }
  /** A failure that nobody can be told of: the null reverse-path, or one that cannot be reached. */
  | { readonly type: 'report.dropped'; readonly message: MessageId; readonly reason: string }
  /** The lease ran out before the attempt was settled: somebody else has the entry now. */
  | { readonly type: 'lease.lost'; readonly message: MessageId; readonly entry: EntryId }
  /** The worker before this one died, or lost its lease; what it did is known only as far as it was kept. */
  | {
      readonly type: 'attempt.recovered'
      readonly message: MessageId
      readonly entry: EntryId
      readonly attempt: number
    }
  /** Staged content of messages that were never accepted was removed. */
  | { readonly type: 'spool.swept'; readonly removed: number }
  /** A fault of ours: the entry was put back, or the relay waits for the store. */
  | { readonly type: 'fault'; readonly message: MessageId | undefined; readonly error: unknown }
