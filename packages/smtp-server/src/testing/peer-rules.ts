/** What a scripted peer was told to do, and when. */

import type { PeerMove } from './peer-move.ts'

/** The moments at which a peer moves, by name. */
export type PeerMoment =
  /** A client is there: the greeting. */
  | 'connect'
  | 'ehlo'
  | 'helo'
  | 'lhlo'
  | 'mail'
  | 'rcpt'
  | 'data'
  /** Each BDAT, once its octets have come, but the last of a message. */
  | 'bdat'
  /**
   * The content is whole, by DATA or BDAT LAST; with LMTP once for each recipient that was accepted. Once for a BDAT LAST
   * that is out of order, whose octets are no content.
   */
  | 'content'
  | 'rset'
  | 'noop'
  | 'quit'
  | 'vrfy'
  | 'expn'
  | 'help'
  | 'starttls'
  /** TLS is to begin, by STARTTLS or from the first byte; any move but `undefined` takes the place of the handshake. */
  | 'handshake'
  | 'auth'
  /** A line behind a 334. */
  | 'response'
  | 'etrn'
  | 'atrn'
  /** Any other command. */
  | 'other'

/** Says what is to be done: always, or the n-th time from 1, counted over all connections of the peer. */
export interface PeerRule {
  /** Each time from now on but for those that have a rule of their own; takes the place of what was said so before. */
  (move: PeerMove): void
  /** The n-th time alone; times before this call count, so that a rule for one that is past does nothing. */
  (nth: number, move: PeerMove): void
}

/** The rules of a peer by their moment. What was said last counts; the n-th time before always. */
export type PeerScript = Readonly<Record<PeerMoment, PeerRule>>

const MOMENTS: readonly PeerMoment[] = [
  ...(['connect', 'ehlo', 'helo', 'lhlo', 'mail', 'rcpt', 'data', 'bdat', 'content', 'rset', 'noop', 'quit'] as const),
  ...(['vrfy', 'expn', 'help', 'starttls', 'handshake', 'auth', 'response', 'etrn', 'atrn', 'other'] as const),
]

/** Keeps rules and counts moments. */
export class PeerRules {
  /** For who writes the script. */
  readonly script: PeerScript
  readonly #always = new Map<PeerMoment, PeerMove>()
  readonly #nth = new Map<PeerMoment, Map<number, PeerMove>>()
  readonly #counts = new Map<PeerMoment, number>()

  constructor() {
    const rules = MOMENTS.map((moment) => [moment, this.#ruleFor(moment)])
    this.script = Object.fromEntries(rules) as Record<PeerMoment, PeerRule>
  }

  /** Counts the moment; what was said of it, if anything. */
  take(moment: PeerMoment): PeerMove | undefined {
    const count = (this.#counts.get(moment) ?? 0) + 1
    this.#counts.set(moment, count)
    return this.#nth.get(moment)?.get(count) ?? this.#always.get(moment)
  }

  #ruleFor(moment: PeerMoment): PeerRule {
    return (...said: [PeerMove] | [number, PeerMove]): void => {
      if (said.length === 1) {
        this.#always.set(moment, said[0])
        return
      }
      const [nth, move] = said
      const moves = this.#nth.get(moment) ?? new Map<number, PeerMove>()
      this.#nth.set(moment, moves.set(nth, move))
    }
  }
}
