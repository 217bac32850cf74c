/** Envelopes and recipients (RFC 5321 §2.3.1) with the parameters of the extensions. Plain data: survive JSON. */

import type { Mailbox, ReversePath } from '@postroad/address'

/** Who sent it, who gets it, and how it must be carried. */
export interface Envelope {
  readonly reversePath: ReversePath
  /** One at least, except while an envelope is being built. In the order they were given. */
  readonly recipients: readonly Recipient[]
  /** BODY= of MAIL (RFC 6152 §2, RFC 3030 §3); absent means `7bit`. */
  readonly body?: BodyType
  /** SMTPUTF8 of MAIL (RFC 6531 §3.4); absent means no. */
  readonly smtputf8?: boolean
  /** RET= of MAIL (RFC 3461 §4.3): how much a failure report returns; absent leaves the choice to the reporter. */
  readonly ret?: 'full' | 'hdrs'
  /** ENVID= of MAIL, decoded from xtext (RFC 3461 §4.4); absent where none was given. */
  readonly envid?: string
}

/** What the content may hold. */
export type BodyType = '7bit' | '8bitmime' | 'binarymime'

/** One who gets the message. */
export interface Recipient {
  readonly mailbox: Mailbox
  /** NOTIFY= of RCPT (RFC 3461 §4.1); absent means the default: failure and perhaps delay. */
  readonly notify?: readonly Notify[]
  /** ORCPT= of RCPT (RFC 3461 §4.2), decoded; absent where none was given. */
  readonly orcpt?: OriginalRecipient
}

/** A condition to be told about; `never` stands alone. */
export type Notify = 'never' | 'success' | 'failure' | 'delay'

/** The recipient as the sender gave it (RFC 3461 §4.2). */
export interface OriginalRecipient {
  /** `rfc822` or `utf-8`, in lower case. */
  readonly type: string
  /** The address, decoded from xtext or utf-8-addr-xtext. */
  readonly address: string
}
