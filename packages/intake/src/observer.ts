/** What an intake reports. */

import type { ReversePath } from '@postroad/address'
import type { EntryId, GroupId, MessageId } from '@postroad/envelope'

/** Told of each event, synchronously; what it throws is ours and ends the call that reported. */
export type IntakeObserver = (event: IntakeEvent) => void

/** One event. */
export interface IntakeEvent {
  /** The message is durable; 250 has not been said yet. */
  readonly type: 'message.accepted'
  /** The thread to pull: each later event of this message names it. */
  readonly message: MessageId
  /** `null` is the null reverse-path, as of a report. */
  readonly reversePath: ReversePath
  /** Who submitted; `undefined` for mail from others and mail made here. */
  readonly account: string | undefined
  /** After expansion. */
  readonly recipients: number
  /** One for each destination, in the order they were met; several where one has many recipients. */
  readonly entries: readonly { readonly id: EntryId; readonly group: GroupId }[]
  /** The Message-ID field, without its angle brackets; `undefined` where there is none. */
  readonly headerMessageId: string | undefined
  /** As stored, with what was added. */
  readonly sizeBytes: number
  /** From `begin` to durable, in milliseconds. Wrong, even negative, where the machine's clock was set meanwhile. */
  readonly durationMs: number
}
