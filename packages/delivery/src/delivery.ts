/** The port of delivery: one envelope and its content go to one destination; each recipient gets an outcome. */

import type { ContentSource, Envelope, RecipientOutcome } from '@postroad/envelope'

/**
 * Hands one envelope and its content to one destination.
 *
 * Safe to call from many places at once. Disposing an implementation closes what it keeps open between calls.
 */
export interface Delivery<Destination> {
  /**
   * Every recipient of the envelope gets exactly one outcome, also when `signal` fires: those not reached by then are
   * `deferred`. Never throws for what a peer does; a fault of our own rejects: what `onOutcome` was told by then
   * stands, of the others nothing may be assumed.
   */
  deliver(request: DeliveryRequest<Destination>): Promise<DeliveryReport>
}

/** What is to be delivered, and where. */
export interface DeliveryRequest<Destination> {
  /** One recipient at least. */
  readonly envelope: Envelope
  /** Opened as often as needed, perhaps never; where it cannot be read, `deliver` rejects. */
  readonly content: ContentSource
  /** Whatever the implementation can reach. */
  readonly destination: Destination
  /** Names the message, the same at every try: a destination that can tell may recognise a repetition. */
  readonly key?: string
  /** Gives up: what is not known by then is `deferred` or `unknown`. */
  readonly signal: AbortSignal
  /** Called once for each recipient as soon as its outcome is known, so that progress can be kept. Must not throw. */
  readonly onOutcome?: (recipient: number, outcome: RecipientOutcome) => void
}

/** What became of it. */
export interface DeliveryReport {
  /** One for each recipient, in the envelope's order. */
  readonly outcomes: readonly RecipientOutcome[]
  /** How far the conversation came: the phase in which it ended, `done` where it ran its course. */
  readonly phase: DeliveryPhase
  /** Who answered; `undefined` where nobody was reached, or the destination is no peer. */
  readonly peer: PeerRecord | undefined
}

/** The parts of a delivery, in order. Before `mail` nothing was offered: another host may be tried at once. */
export type DeliveryPhase =
  | 'connect'
  | 'greeting'
  | 'hello'
  | 'tls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'content'
  | 'end-of-data'
  | 'done'

/** Who answered and how. */
export interface PeerRecord {
  /** The name we meant to reach. */
  readonly host: string
  /** The address we reached, or the path of a unix socket. */
  readonly address: string
  /** 1 to 65535; means nothing where `address` is a path. */
  readonly port: number
  /** `undefined`: the conversation was in clear. */
  readonly tls: PeerTls | undefined
  /** From the call to the last reply, in milliseconds. */
  readonly durationMs: number
  /** The connection had been used before. */
  readonly reused: boolean
  /** The peer takes requests for reports over (RFC 3461): who asked for one of success hears from there. Absent: no. */
  readonly dsn?: boolean
}

/** What TLS gave; of an earlier connection where its session went on. */
export interface PeerTls {
  /** `TLSv1.2` or `TLSv1.3`; `unknown` where the connection had ended before it could be asked. */
  readonly version: string
  /** IANA name of the cipher suite; `unknown` as for `version`. */
  readonly cipher: string
  /** The certificate is valid for the host's name and chains to a root. */
  readonly verified: boolean
  /** The session of an earlier connection went on; absent: no. */
  readonly resumed?: boolean
}
