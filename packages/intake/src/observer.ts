/** What an intake reports. */

import type { ReversePath } from '@postroad/address'
import type { EntryId, GroupId, MessageId } from '@postroad/envelope'

/** Told of each event, synchronously; what it throws is ours and ends the call that reported. */
export type IntakeObserver = (event: IntakeEvent) => void

/** One event. */
export interface IntakeEvent {
  /** The message is durable; 250 has not been said yet. */
  readonly type: 'message.accepted'
  readonly message: MessageId
  readonly reversePath: ReversePath
  /** Who submitted; `undefined` for mail from others and mail made here. */
  readonly account: string | undefined
  /** After expansion. */
  readonly recipients: number
  readonly entries: readonly { readonly id: EntryId; readonly group: GroupId }[]
  /** The Message-ID field, without its angle brackets; `undefined` where there is none. */
  readonly headerMessageId: string | undefined
  readonly sizeBytes: number
  /** From the first byte to durable, in milliseconds. */
  readonly durationMs: number
}
