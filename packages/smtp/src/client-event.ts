/** What a client session tells, in order, and why it ended. */

import type { RecipientOutcome, Reply } from '@postroad/envelope'
import type { ClientFailure, KeyDerivation } from '@postroad/sasl'
import type { PeerExtensions } from './client-extensions.ts'
import type { ClientPhase } from './client-outcome.ts'
import type { ReplyFault } from './reply-reader.ts'

/** What happened, in order. */
export type ClientEvent =
  /** Greeted; the peer's offer is known. Again after TLS, after XCLIENT, and after AUTH where LIMITS was offered. */
  | { readonly type: 'ready'; readonly extensions: PeerExtensions }
  /** The peer answered STARTTLS with 220: run the handshake, then call `tlsStarted`. */
  | { readonly type: 'start-tls' }
  | { readonly type: 'starttls-refused'; readonly reply: Reply }
  /** Where LIMITS was offered the peer is asked once more what it offers, and `ready` follows (RFC 9422). */
  | { readonly type: 'authenticated' }
  /** The mechanism needs a key: derive it, then call `keyDerived`. It may take long; the session waits. */
  | { readonly type: 'derive-key'; readonly derivation: KeyDerivation }
  /**
   * `abandoned`: it was not the server that refused, but our mechanism, for `reason`: it cancelled the exchange, or it
   * does not believe a server that says success without having proved itself (`server-proof`).
   */
  | {
      readonly type: 'authentication-refused'
      readonly reply: Reply
      readonly abandoned: boolean
      readonly reason?: ClientFailure
    }
  /** The content is wanted: give it with `content`, end it with `endContent`. */
  | { readonly type: 'content' }
  /** A recipient of the running transaction is settled; exactly once for each. */
  | { readonly type: 'outcome'; readonly recipient: number; readonly outcome: RecipientOutcome }
  /** All recipients are settled. `phase`: where it ended, `done` where it ran its course. */
  | { readonly type: 'transaction-ended'; readonly phase: ClientPhase }
  /** The answer to `noop`, `verify`, `expand`, `help`, `etrn`, `atrn`, `xclient`, `xforward` or `command`. */
  | {
      readonly type: 'replied'
      /** The command word in upper case. */
      readonly command: string
      readonly reply: Reply
    }
  /**
   * The peer answered ATRN with 2yz (RFC 2645 §5.3): the roles are reversed, and the stream belongs to a server session
   * now. Nothing more is read or sent here; `quit` and `lost` close without a word.
   */
  | { readonly type: 'turned'; readonly reply: Reply }
  /** Over, for good. */
  | {
      readonly type: 'closed'
      readonly cause: ClientCloseCause
      readonly phase: ClientPhase
      /** What the peer said, for `refused` and `closing`. */
      readonly reply?: Reply
    }

/** Why a session is over. */
export type ClientCloseCause =
  /** We said QUIT. */
  | 'quit'
  /** A 4yz or 5yz greeting, or EHLO, HELO or LHLO refused. */
  | 'refused'
  /** The peer said 421 (RFC 5321 §3.8). */
  | 'closing'
  /** What the peer sent is no reply, or too long a one. */
  | ReplyFault
  /** A reply where none was due. */
  | 'unexpected-reply'
  /** Bytes came behind the reply to STARTTLS (RFC 3207 §4.2): what came in clear is not used under TLS. */
  | 'bytes-before-tls'
  /** The peer gave the content up while it was sent. */
  | 'content-interrupted'
  /** As the caller told `lost`. */
  | 'lost'
  | 'timeout'
  | 'aborted'

/** Whether the end came without a word of the peer: no protocol was broken. */
export function isSilent(cause: ClientCloseCause): boolean {
  return cause === 'lost' || cause === 'timeout' || cause === 'aborted' || cause === 'quit'
}
