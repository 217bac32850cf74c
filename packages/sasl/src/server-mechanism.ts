/**
 * The server's side of a SASL mechanism (RFC 4422 §3) as a machine without I/O.
 *
 * Verifying a password is not synchronous: where one must be judged the machine says `verify`, and is answered later.
 */

/** A name and a password, as PLAIN and LOGIN bring them. Never logged. */
export interface PasswordCredentials {
  /** Whom the client wants to act as; `''` where it named nobody: then as `authenticationId`. */
  readonly authorizationId: string
  readonly authenticationId: string
  readonly password: string
}

/** What to do next. */
export type ServerStep =
  /** Send the challenge, give the response to `receive`. */
  | { readonly kind: 'challenge'; readonly bytes: Uint8Array }
  /** Judge the credentials, answer with `verified`. */
  | { readonly kind: 'verify'; readonly credentials: PasswordCredentials }
  /** Done: this name may be trusted. */
  | { readonly kind: 'success'; readonly authorizationId: string; readonly authenticationId: string }
  /** Over. `malformed`: the client broke the mechanism's syntax; `credentials`: they were not accepted. */
  | { readonly kind: 'failure'; readonly reason: 'malformed' | 'credentials' }

/** One authentication exchange. Not used again after `success` or `failure`. */
export interface ServerMechanism {
  /** As registered: `PLAIN`. */
  readonly name: string
  /** Begins; `undefined` where the client sent no initial response, empty bytes where it sent an empty one. */
  start(initialResponse: Uint8Array | undefined): ServerStep
  /** Takes the response to the last challenge. */
  receive(response: Uint8Array): ServerStep
  /** Takes the judgement asked for by `verify`. */
  verified(accepted: boolean): ServerStep
}
