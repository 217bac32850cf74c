/** What a delivery agent reports. */

import type { Mailbox } from '@postroad/address'

/** Told of each event, synchronously. Must not throw. */
export type MdaObserver = (event: MdaEvent) => void

/** One event. */
export type MdaEvent =
  /** The message is durable in the mailbox. */
  | {
      readonly type: 'mailbox.delivered'
      readonly account: string
      readonly recipient: Mailbox
      /** The key of the delivery, as the relay in the same process names it; `undefined` over LMTP, which has none. */
      readonly key: string | undefined
      /** As the mailstore tells: a path. */
      readonly location: string
    }
  /** The mailstore threw; the recipient was deferred. */
  | { readonly type: 'mailbox.fault'; readonly account: string; readonly error: unknown }
