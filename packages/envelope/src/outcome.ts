/** What became of one recipient in one attempt. Told apart by `kind`; a status of the wrong class does not compile. */

import type { Reply } from './reply.ts'
import type { PermanentStatus, TransientStatus } from './status.ts'

/** One recipient's outcome. */
export type RecipientOutcome = Delivered | Deferred | Failed | Unknown

/** The destination took responsibility (RFC 5321 §6.1). */
export interface Delivered {
  readonly kind: 'delivered'
  /** 2yz: what the destination said; words of ours where it is no peer. */
  readonly reply: Reply
}

/** Not now; trying later may work. */
export interface Deferred {
  readonly kind: 'deferred'
  /** `undefined` where the peer said nothing: no connection, a timeout, a fault of ours. */
  readonly reply: Reply | undefined
  /** The reply's where it has one of this class, else what its code means; without a reply, what we found (RFC 3463 §3). */
  readonly status: TransientStatus
  /** Why, in a phrase of ours, where no reply says it: `connection refused`. */
  readonly reason?: string
}

/** Never. */
export interface Failed {
  readonly kind: 'failed'
  /** `undefined` where the decision is ours: no such domain, too many attempts. */
  readonly reply: Reply | undefined
  /** As in `Deferred`. */
  readonly status: PermanentStatus
  /** As in `Deferred`. */
  readonly reason?: string
}

/** The end of data was sent and no reply came: the message may or may not have arrived. */
export interface Unknown {
  readonly kind: 'unknown'
  /** What cut it off: `4.4.2` where the connection broke or the reply did not come in time (RFC 3463 §3.5). */
  readonly status: TransientStatus
  /** As in `Deferred`. */
  readonly reason?: string
}
