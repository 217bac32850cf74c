/**
 * What only some receivers decide: a handler of a session may implement any of these beside `SessionHandler`. Whoever
 * drives the session looks for the methods. Where `help` is absent HELP is answered with a list of commands; any other
 * command is there only with its method and, but for `command`, its extension.
 *
 * Answers and faults are as in `SessionHandler`.
 */

import type { Answer, UsualAnswer } from './handler.ts'

/** Answers EXPN (RFC 5321 §3.5.2). */
export interface ExpandingHandler {
  /**
   * The mailing list named in the argument: 250 with a member on each line, or a refusal. Absent: EXPN is not offered. To who
   * does not allow UTF-8 in it the session says 550 5.6.8 in the place of a reply that names such members.
   */
  expn(argument: string): Answer
}

/** Answers HELP (RFC 5321 §4.1.1.8). */
export interface HelpingHandler {
  /** `argument`: what the client asks about, `''` for nothing. `undefined`: the usual 214. */
  help(argument: string): UsualAnswer
}

/** What ETRN asks for (RFC 1985 §5, §5.3). */
export interface QueueStart {
  /** A domain, or with `queue` whatever the client and we call a queue. */
  readonly node: string
  /** `subdomains`: the domain and all below it (`@`); `queue`: `#`. */
  readonly kind: 'domain' | 'subdomains' | 'queue'
}

/** Starts the queue for a client that asks for its mail by ETRN (RFC 1985). Who may ask is decided here. */
export interface QueueStartingHandler {
  /** 250 to 253: started; 458 or 459: not (RFC 1985 §5.1). */
  etrn(request: QueueStart): Answer
}

/**
 * Sends a client its mail over its own connection (ATRN, RFC 2645): the roles change.
 *
 * `Stream` is whatever the driver of the session reads from and writes to.
 */
export interface TurningHandler<Stream = unknown> {
  /**
   * The client has authenticated and asks for the mail of these domains; none: for all that are its own.
   *
   * Accepted: gives `turn` who takes the connection and answers 250; once that is written the connection is given away,
   * and the session is over. A refusal: 450, 451, or 453 where there is no mail (RFC 2645 §5.2.1).
   */
  atrn(domains: readonly string[], turn: (take: (stream: Stream) => void) => void): Answer
}

/**
 * Is told by a trusted proxy who its client is (XCLIENT, XFORWARD: extensions of Postfix without an RFC). Attributes are
 * by name in upper case, decoded from xtext; `undefined`: not known to the proxy.
 */
export interface ForwardingHandler {
  /** The session goes on as that client's, from its beginning. `undefined`: accepted. */
  xclient?(attributes: ReadonlyMap<string, string | undefined>): UsualAnswer
  /** The next transaction is that client's, for the log. `undefined`: accepted. */
  xforward?(attributes: ReadonlyMap<string, string | undefined>): UsualAnswer
}

/** Answers the commands that a session was told of by name (`commands` of its options). */
export interface CommandHandler {
  /** `word` in upper case, `argument` as given, `''` for none. */
  command(word: string, argument: string): Answer
}
