/** Envelopes and recipients (RFC 5321 §2.3.1) with the parameters of the extensions. Plain data: survive JSON. */

import type { Mailbox, ReversePath } from '@postroad/address'

/** Who sent it, who gets it, and how it must be carried. */
export interface Envelope {
  /** Who is told of failures; `null`: nobody, for the message is itself a notification (RFC 5321 §4.5.5). */
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
  /**
   * AUTH= of MAIL, decoded from xtext (RFC 4954 §5): who submitted the message first; `null` for `<>`, where that is not
   * known or the one who says so is not trusted. Absent: the parameter was not given.
   */
  readonly submitter?: string | null
  /** BY= of MAIL (RFC 2852 §4); absent: there is no hurry. */
  readonly deliverBy?: DeliverBy
  /**
   * HOLDFOR= or HOLDUNTIL= of MAIL (RFC 4865 §5): the message is not to be passed on before this time, in milliseconds
   * since the epoch; absent: at once.
   */
  readonly holdUntil?: number
  /** MT-PRIORITY= of MAIL (RFC 6710 §4), -9 to 9, a higher one first; absent means 0. */
  readonly mtPriority?: number
  /** REQUIRETLS of MAIL (RFC 8689 §3): only over TLS with a certificate that was verified, and only to who keeps that up. */
  readonly requireTls?: boolean
  /** SOLICIT= of MAIL (RFC 3865 §2.3): what kind of solicitation it is, by keywords; absent: none was named. */
  readonly solicitations?: readonly string[]
}

/** By when a message must be delivered, and what becomes of it if it is not (RFC 2852 §4). */
export interface DeliverBy {
  /** In milliseconds since the epoch. */
  readonly at: number
  /** `return`: it goes back then; `notify`: its sender is told, and it goes on. */
  readonly mode: 'return' | 'notify'
  /** Each relay on the way reports to the sender. */
  readonly trace: boolean
}

/** What the content may hold: ASCII lines, lines with any byte above 127 (RFC 6152 §2), anything (RFC 3030 §3). */
export type BodyType = '7bit' | '8bitmime' | 'binarymime'

/** One who gets the message. */
export interface Recipient {
  /** What RCPT named, or a target of an alias; `postmaster` alone has been given a domain (RFC 5321 §4.1.1.3). */
  readonly mailbox: Mailbox
  /** NOTIFY= of RCPT (RFC 3461 §4.1); absent means the default: failure and perhaps delay. */
  readonly notify?: readonly Notify[]
  /** ORCPT= of RCPT (RFC 3461 §4.2), decoded; absent where none was given. */
  readonly orcpt?: OriginalRecipient
  /** RRVS= of RCPT (RFC 7293 §3.1); absent: whoever has the mailbox now gets the message. */
  readonly validSince?: ValidSince
}

/** Since when the mailbox must have belonged to who has it now (RFC 7293 §3). */
export interface ValidSince {
  /** In milliseconds since the epoch. */
  readonly at: number
  /**
   * Where the next host does not know of this: `reject` the recipient, as is the default on the wire, or `continue`
   * (RFC 7293 §3.1).
   */
  readonly action: 'continue' | 'reject'
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
