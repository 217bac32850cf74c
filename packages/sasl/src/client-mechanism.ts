/**
 * The client's side of a SASL mechanism (RFC 4422 §3) as a machine without I/O.
 *
 * Deriving a key from a password takes long on purpose: where one is needed the machine says `derive`, and is answered
 * later. A server that says success has not yet succeeded: the mechanism has the last word (`finish`).
 */

import type { DigestAlgorithm } from '@postroad/runtime'

/** What to do next, after a challenge or a derived key. */
export type ClientStep =
  /** Send the response; it may be empty. */
  | { readonly kind: 'respond'; readonly bytes: Uint8Array }
  /** Derive the key (`Cryptography.pbkdf2` with these four), answer with `derived`. */
  | { readonly kind: 'derive'; readonly derivation: KeyDerivation }
  /** Give up and cancel the exchange. */
  | ClientFailed

/** What a finished exchange comes to. */
export type ClientEnd = { readonly kind: 'done' } | ClientFailed

/** The exchange failed on our side. */
export interface ClientFailed {
  readonly kind: 'fail'
  /** For the log, and for who decides whether to try another mechanism; the server is not told. */
  readonly reason: ClientFailure
}

/**
 * Why the client does not go on.
 *
 * - `malformed`: the server does not keep to the mechanism.
 * - `iterations`: the server wants fewer or more than are allowed.
 * - `refused`: the server said in the exchange that it refuses.
 * - `server-proof`: the server did not prove that it knows the password (RFC 5802 §3), whatever it says.
 */
export type ClientFailure = 'malformed' | 'iterations' | 'refused' | 'server-proof'

/** A key to derive by PBKDF2. */
export interface KeyDerivation {
  /** `sha1` or `sha256`, as the mechanism has it; the key is as long as its digest. */
  readonly algorithm: DigestAlgorithm
  /** Never logged. */
  readonly password: Uint8Array
  /** As the server sent it: 1 to 1,024 bytes. */
  readonly salt: Uint8Array
  /** Within the bounds that the mechanism was made with. */
  readonly iterations: number
}

/**
 * One authentication exchange. Not used again after `fail` or `done`.
 *
 * Nothing a server sends makes it throw. Calls out of order throw `SaslOrderError`.
 */
export interface ClientMechanism {
  /** As registered: `SCRAM-SHA-256`. */
  readonly name: string
  /** The initial response; `undefined` where the mechanism waits for the server's first challenge. */
  start(): Uint8Array | undefined
  /** Takes a challenge. */
  receive(challenge: Uint8Array): ClientStep
  /** Takes the key asked for by `derive`. */
  derived(key: Uint8Array): ClientStep
  /**
   * The server says that the exchange succeeded. `done`: it did, and the server is who it should be as far as the
   * mechanism can tell; `fail`: it must be taken for failed.
   *
   * @param data What came with the success; `undefined` where the protocol has no place for it, as SMTP.
   */
  finish(data?: Uint8Array): ClientEnd
}
