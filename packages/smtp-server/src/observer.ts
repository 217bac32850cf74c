/** What a server reports: typed events to one function. Nothing is made where nobody observes. */

import type { ReversePath } from '@postroad/address'
import type { Reply } from '@postroad/envelope'
import type { SessionView } from '@postroad/smtp'

/**
 * Is told what happens, at once and in order. What it throws is not caught, but where a deadline was over: then it is told
 * to it as a `fault`, and the other deadlines are looked after.
 */
export type ServerObserver = (event: ServerObservation) => void

/** One thing that happened. `session` is the same object for all events of a session. */
export type ServerObservation =
  | { readonly type: 'session.opened'; readonly session: SessionView }
  /**
   * Sent away before a session began: too many of them, the server is stopping, or a proxy that did not say whom it speaks
   * for. `reply` is why; who waits for a handshake or for a proxy is closed without it.
   */
  | { readonly type: 'session.refused'; readonly remoteAddress: string; readonly reply: Reply }
  | {
      readonly type: 'session.closed'
      readonly session: SessionView
      readonly cause: CloseCause
      readonly durationMs: number
      /** Transactions that ended with a 2yz reply; in LMTP to one recipient at least. */
      readonly accepted: number
      /** Transactions that reached the end of data and were refused. */
      readonly refused: number
      readonly bytesReceived: number
      readonly bytesSent: number
    }
  /** TLS was agreed on; before the first command, or by STARTTLS. */
  | { readonly type: 'session.secured'; readonly session: SessionView }
  | { readonly type: 'session.authenticated'; readonly session: SessionView; readonly mechanism: string }
  /** A command was answered 4yz or 5yz. `line` is what the client sent, at most 512 characters, without credentials. */
  | { readonly type: 'reply.refused'; readonly session: SessionView; readonly line: string; readonly reply: Reply }
  | ({ readonly type: 'transaction.accepted' } & TransactionReport)
  | ({ readonly type: 'transaction.refused' } & TransactionReport)
  /** A fault of ours: the client was told 451 4.3.0, if anything. */
  | { readonly type: 'fault'; readonly session: SessionView | undefined; readonly error: unknown }
  /** One line of the dialogue, only with the option `dialogue`. AUTH is replaced, content never told. */
  | {
      readonly type: 'dialogue'
      readonly session: SessionView
      readonly from: 'client' | 'server'
      readonly line: string
    }

/**
 * Why a session ended. `limit`: a limit was reached, input stood behind a command that must end its group, or a handler
 * answered 421; `refused`: not welcome at its greeting; `peer`: the client closed or vanished; `turned`: behind
 * ATRN its stream went to the client role, and is closed now.
 */
export type CloseCause =
  | 'quit'
  | 'peer'
  | 'timeout'
  | 'limit'
  | 'refused'
  | 'turned'
  | 'stopped'
  | 'handshake'
  | 'fault'

/** One transaction that came to its end of data. */
export interface TransactionReport {
  /** As it is now: its fields move on behind this report. */
  readonly session: SessionView
  /** As MAIL gave it; `null` for `<>` (RFC 5321 §4.5.5). */
  readonly reversePath: ReversePath
  /** How many recipients stood. */
  readonly recipients: number
  /** Content given to the sink, in bytes. */
  readonly sizeBytes: number
  /** From MAIL to the reply, in milliseconds. */
  readonly durationMs: number
  /** One, or in LMTP one for each recipient. */
  readonly replies: readonly Reply[]
}
