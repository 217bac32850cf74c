/**
 * Service extensions as data (RFC 5321 §2.2): the line each adds to the reply to EHLO, the parameters it adds to MAIL and
 * RCPT, and the commands that exist only with it.
 *
 * A session is given a list of them, so each can be left out, and others be added. What a command does, and PIPELINING,
 * are the session's matter and not here.
 */

import type { Reply } from '@postroad/envelope'
import type { Verb } from './command-order.ts'
import type { MailRequest, Protocol, RcptRequest } from './handler.ts'
import type { SessionLimits } from './session-limits.ts'

/** What an extension may look at. */
export interface ExtensionContext {
  /** What the session speaks: an extension may be for submission alone. */
  readonly protocol: Protocol
  /** Those that hold: what was given, and the defaults for the rest. */
  readonly limits: SessionLimits
  /** TLS protects the session. */
  readonly secured: boolean
  /** STARTTLS is possible. */
  readonly startTls: boolean
  /** Mechanisms that may be used now; empty where AUTH may not. */
  readonly mechanisms: readonly string[]
  /** AUTH has succeeded. */
  readonly authenticated: boolean
  /** Whoever is connected is one of our own (`trusted` of the options), also where it speaks for others (XCLIENT). */
  readonly trusted: boolean
  /**
   * What the client says of who submitted a message and how urgent it is may be believed: it has authenticated, or is
   * `trusted` and speaks for itself.
   */
  readonly believed: boolean
  /** SMTPUTF8 stands among the parameters of the transaction's MAIL (RFC 6531 §3.4). */
  readonly smtputf8: boolean
  /** Names of the session's extensions. */
  readonly extensions: ReadonlySet<string>
}

/**
 * What a parameter reader found: fields of the request, or why the parameter is refused.
 *
 * `accepted`: what the session says in the place of a 250 with which the handler accepts the command, unless that has the
 * same status already; absent: the handler's reply.
 */
export type ParameterResult<Request> =
  | { readonly ok: true; readonly fields: Partial<Request>; readonly accepted?: Reply }
  | { readonly ok: false; readonly refusal: ParameterRefusal }

/** `syntax`: 501 5.5.4; `too-big`: 552 5.3.4 (RFC 1870 §6.1); or a reply of one's own. */
export type ParameterRefusal = 'syntax' | 'too-big' | Reply

/** Reads a parameter's value; `undefined` where it was given without one. */
export type ParameterReader<Request> = (
  value: string | undefined,
  context: ExtensionContext,
) => ParameterResult<Request>

/** Readers by the name of the parameter in upper case. */
export type ParameterReaders<Request> = Readonly<Record<string, ParameterReader<Request>>>

/** One service extension. */
export interface Extension {
  /** As registered: `SIZE`. */
  readonly name: string
  /**
   * Its line in the reply to EHLO: a keyword, and parameters behind spaces, of up to 506 octets (RFC 5321 §4.1.1.1,
   * §4.5.3.1.5); `undefined` while it is not offered, or where it announces nothing. Such lines are never folded: what is
   * none when a session is made is `SMTP_EXTENSION`, what becomes none later is left out.
   */
  readonly keyword: (context: ExtensionContext) => string | undefined
  /** Commands that exist only with it; none. Any other session answers them 502 5.5.1, VERB and ONEX 500 5.5.2. */
  readonly verbs?: readonly Verb[]
  /**
   * Parameters of MAIL. Where several extensions know the same, the first that takes the value counts; `parameters` of
   * the requests is joined from all.
   */
  readonly mail?: ParameterReaders<MailRequest>
  /** Parameters of RCPT, as of MAIL. */
  readonly rcpt?: ParameterReaders<RcptRequest>
  /** Looks at all parameters of MAIL together, where each is in order; a refusal, or `undefined`. */
  readonly checkMail?: (mail: Partial<MailRequest>, context: ExtensionContext) => ParameterRefusal | undefined
  /** Octets that its parameters add to the longest MAIL line, their spaces counted (RFC 5321 §4.5.3.1.4); 0. */
  readonly mailOctets?: number
  /** Octets that its parameters add to the longest RCPT line, likewise; 0. */
  readonly rcptOctets?: number
}
