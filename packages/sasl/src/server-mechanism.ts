/**
 * The server's side of a SASL mechanism (RFC 4422 §3) as a machine without I/O.
 *
 * What cannot be known at once the machine asks for, and is answered later: the stored keys of a user (`keys`), a secret
 * that is shared with one (`secret`), and in every mechanism, last of all, whether the client may in (`verify`).
 */

import type { ScramKeys, ScramName } from './scram-keys.ts'
import type { ServerCredentials, TokenRefusal } from './server-credentials.ts'

/** What to do next. */
export type ServerStep =
  /** Send the challenge, give the response to `receive`. */
  | { readonly kind: 'challenge'; readonly bytes: Uint8Array }
  /** Look up what is stored of the user, answer with `keys`. The name is prepared by SASLprep. */
  | { readonly kind: 'keys'; readonly username: string; readonly mechanism: ScramName }
  /** Look up the password of the user, answer with `secret`. The name is as the client sent it. */
  | { readonly kind: 'secret'; readonly username: string }
  /** Judge the credentials, answer with `verified`. */
  | { readonly kind: 'verify'; readonly credentials: ServerCredentials }
  /**
   * Done. `authorizationId`: whom the client acts as, by default `authenticationId`; both are `''` where the mechanism
   * names nobody and whoever judged the credentials alone knows (a token, a certificate).
   */
  | { readonly kind: 'success'; readonly authorizationId: string; readonly authenticationId: string }
  /** Over. */
  | { readonly kind: 'failure'; readonly reason: ServerFailure }

/**
 * Why an exchange failed.
 *
 * - `malformed`: the client broke the mechanism's syntax.
 * - `credentials`: they were not accepted.
 * - `channel-binding`: the two ends do not see the same TLS channel, or somebody took the `-PLUS` mechanisms out of what
 *   we offered (RFC 5802 §6): there may be somebody in between.
 */
export type ServerFailure = 'malformed' | 'credentials' | 'channel-binding'

/**
 * One authentication exchange. Not used again after `success` or `failure`.
 *
 * Nothing a client sends makes it throw. Calls out of order throw `SaslOrderError`.
 */
export interface ServerMechanism {
  /** As registered: `SCRAM-SHA-256`. */
  readonly name: string
  /** Begins; `undefined` where the client sent no initial response, empty bytes where it sent an empty one. */
  start(initialResponse: Uint8Array | undefined): ServerStep
  /** Takes the response to the last challenge. */
  receive(response: Uint8Array): ServerStep
  /**
   * Takes the keys asked for by `keys`; `undefined`: there is no such user, and the exchange goes on with made-up ones
   * to its failure.
   *
   * @throws {SaslKeysError} where they are no keys for this mechanism.
   */
  keys(found: ScramKeys | undefined): ServerStep
  /** Takes the password asked for by `secret`; `undefined`: there is no such user. */
  secret(found: string | undefined): ServerStep
  /** Takes the judgement asked for by `verify`; `refusal` tells a client with a token what was wrong with it. */
  verified(accepted: boolean, refusal?: TokenRefusal): ServerStep
}
