/**
 * One exchange of AUTH (RFC 4954 §4) as a client sees it: what to send, and what of it may be shown.
 *
 * `ClientSession` drives it: each 334 goes to `challenge`, a derived key to `derived`, and a 2yz of the server is a
 * success only where `succeeded` says so.
 */

import { fromBase64, toBase64 } from '@postroad/bytes'
import type { ClientFailure, ClientMechanism, ClientStep, KeyDerivation } from '@postroad/sasl'

/** RFC 5321 §4.5.3.1.4: a command line with its CRLF; RFC 4954 §4 lets AUTH have no more. */
const MAX_COMMAND_BYTES = 512
/** More rounds than any mechanism takes. */
const MAX_CHALLENGES = 32
/** Cancels the exchange. */
const CANCEL = '*'

/** What comes next: a line to send, or a key to derive before one can be sent. */
export type ClientAuthStep =
  | {
      readonly kind: 'send'
      readonly line: string
      /** The same for eyes. */
      readonly shown: string
      /** The line cancels the exchange; 501 follows. */
      readonly cancels: boolean
    }
  | { readonly kind: 'derive'; readonly derivation: KeyDerivation }

/** One exchange; used by `ClientSession` alone. */
export class ClientAuthentication {
  /** The AUTH line without CRLF. */
  readonly line: string
  /** The same for eyes. */
  readonly shown: string
  /** Why the mechanism does not go on, or does not believe the server; `undefined` while it does. */
  failure: ClientFailure | undefined

  readonly #mechanism: ClientMechanism
  /** The initial response where it did not fit into the AUTH line. */
  readonly #withheld: Uint8Array | undefined
  #challenges = 0
  #deriving = false

  constructor(mechanism: ClientMechanism) {
    this.#mechanism = mechanism
    const initial = mechanism.start()
    const response = initial === undefined ? undefined : initial.length === 0 ? '=' : toBase64(initial)
    const command = `AUTH ${mechanism.name}`
    // RFC 4954 §4: an initial response that does not fit into a command line waits for the first challenge.
    const fits = response !== undefined && command.length + 1 + response.length + 2 <= MAX_COMMAND_BYTES
    this.#withheld = fits ? undefined : initial
    this.line = fits ? `${command} ${response}` : command
    this.shown = fits ? `${command} ****` : command
  }

  /** A key is being derived: nothing was asked of the server, and no challenge can be due. */
  get deriving(): boolean {
    return this.#deriving
  }

  /** As `authentication-refused` tells it: whether it was our mechanism that did not go on, and why. */
  get whyRefused(): { readonly abandoned: boolean; readonly reason?: ClientFailure } {
    const { failure } = this
    return failure === undefined ? { abandoned: false } : { abandoned: true, reason: failure }
  }

  /** Takes the text of a challenge. One that cannot be answered cancels the exchange. */
  challenge(text: string): ClientAuthStep {
    this.#challenges += 1
    const challenge = fromBase64(text.trim())
    // RFC 4954 §4: what is not base64 cancels the exchange.
    if (challenge === undefined || this.#challenges > MAX_CHALLENGES) return this.#cancel('malformed')
    if (this.#withheld !== undefined && this.#challenges === 1 && challenge.length === 0) return respond(this.#withheld)
    return this.#take(this.#mechanism.receive(challenge))
  }

  /** Takes the key that was asked for. */
  derived(key: Uint8Array): ClientAuthStep {
    this.#deriving = false
    return this.#take(this.#mechanism.derived(key))
  }

  /** The server says success: whether the mechanism agrees. SMTP has no place for data beside it (RFC 4954 §4). */
  succeeded(): boolean {
    const end = this.#mechanism.finish()
    if (end.kind === 'fail') this.failure = end.reason
    return end.kind === 'done'
  }

  #take(step: ClientStep): ClientAuthStep {
    switch (step.kind) {
      case 'respond':
        return respond(step.bytes)
      case 'derive':
        this.#deriving = true
        return step
      case 'fail':
        return this.#cancel(step.reason)
    }
  }

  #cancel(reason: ClientFailure): ClientAuthStep {
    this.failure = reason
    return { kind: 'send', line: CANCEL, shown: CANCEL, cancels: true }
  }
}

function respond(bytes: Uint8Array): ClientAuthStep {
  return { kind: 'send', line: toBase64(bytes), shown: '****', cancels: false }
}
