/**
 * Service extensions as data (RFC 5321 §2.2): the line each adds to the reply to EHLO, and the parameters it adds to
 * MAIL and RCPT.
 *
 * A session is given a list of them, so each can be left out. STARTTLS, AUTH and PIPELINING change the session itself
 * and are not here, but for their keyword.
 */

import type { MailRequest, RcptRequest } from './handler.ts'
import type { SessionLimits } from './session-limits.ts'

/** What an extension may look at. */
export interface ExtensionContext {
  readonly limits: SessionLimits
  /** TLS protects the session. */
  readonly secured: boolean
  /** STARTTLS is possible. */
  readonly startTls: boolean
  /** Mechanisms that may be used now; empty where AUTH may not. */
  readonly mechanisms: readonly string[]
  /** SMTPUTF8 stands among the parameters of the transaction's MAIL (RFC 6531 §3.4). */
  readonly smtputf8: boolean
}

/** What a parameter reader found: a field of the request, or why the parameter is refused. */
export type ParameterResult<Request> =
  | { readonly ok: true; readonly fields: Partial<Request> }
  | { readonly ok: false; readonly refusal: ParameterRefusal }

/** `syntax`: 501 5.5.4; `too-big`: 552 5.3.4 (RFC 1870 §6.1). */
export type ParameterRefusal = 'syntax' | 'too-big'

/** Reads a parameter's value; `undefined` where it was given without one. */
export type ParameterReader<Request> = (
  value: string | undefined,
  context: ExtensionContext,
) => ParameterResult<Request>

/** One service extension. */
export interface Extension {
  /** As registered: `SIZE`. */
  readonly name: string
  /** Its line in the reply to EHLO; `undefined` while it is not offered. */
  readonly keyword: (context: ExtensionContext) => string | undefined
  /** Parameters of MAIL by name in upper case. */
  readonly mail?: Readonly<Record<string, ParameterReader<MailRequest>>>
  /** Parameters of RCPT by name in upper case. */
  readonly rcpt?: Readonly<Record<string, ParameterReader<RcptRequest>>>
}
