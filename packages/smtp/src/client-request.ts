/** What a caller asks of one mail transaction. */

import type { ContentFacts, Envelope } from '@postroad/envelope'

/** What is to be sent in one transaction. */
export interface TransactionRequest {
  /** One recipient at least. */
  readonly envelope: Envelope
  /**
   * Must be true of the content, as those of a scan are: they decide what the peer must offer for it and how it ends. That
   * no bare CR or LF is sent as text, and that the dots of lines are doubled, rests on them: no byte is looked at again
   * where they say that there are none. `endContent` throws where the length is another.
   */
  readonly facts: ContentFacts
  /** The time, in milliseconds since the epoch: what BY= and HOLDUNTIL= are reckoned from (RFC 2852 §4, RFC 4865 §4). */
  readonly now: number
  /**
   * Whether a bare CR or LF stands in the content; default `facts.binary`. Such content is never sent as text: it goes
   * with BODY=BINARYMIME (RFC 3030 §3) to a peer that offers it, else every recipient fails with 5.6.0. A caller whose
   * content is binary for another reason (a NUL, a long line) has looked (`BareNewlineScan`) and says `false`.
   */
  readonly bareNewlines?: boolean
  /**
   * How the content goes to a peer that offers CHUNKING and PIPELINING; default `auto`: by BDAT. `never`: with DATA,
   * but for what can only go by BDAT.
   */
  readonly chunking?: 'auto' | 'never'
  /**
   * Content up to this many bytes leaves in one flight with MAIL and RCPT, so that a message costs one round trip; 0:
   * none does. Default 65,536. The session asks for it at once, and it is spent where no recipient is accepted.
   */
  readonly flightBytes?: number
  /** Octets of one BDAT of longer content, 1 or more; default 262,144 (RFC 3030 §2: what is lost where one is refused). */
  readonly chunkBytes?: number
  /**
   * The session runs under TLS and the peer's certificate was verified, by its chain and name or by DANE
   * (RFC 8689 §2), or the channel does not leave the host. Default false. Asked for by messages with `requireTls`.
   */
  readonly verifiedTls?: boolean
  /**
   * Parameters for MAIL that were agreed on, as `KEYWORD` or `KEYWORD=value` (RFC 5321 §4.1.2), behind those that the
   * session sends itself, which must not be among them. Whether the peer offers their extension, and how a value is
   * encoded, is the caller's to know. Absent: none.
   */
  readonly mailParameters?: readonly string[]
  /** The same for RCPT, by the index of the recipient; one that has no entry has none. */
  readonly rcptParameters?: ReadonlyMap<number, readonly string[]>
}

/** The default of `flightBytes`. */
export const FLIGHT_BYTES: number = 65_536

/** The default of `chunkBytes`. */
export const CHUNK_BYTES: number = 262_144
