/** One exchange of AUTH (RFC 4954 §4) as a client sees it: what to send, and what of it may be shown. */

import { fromBase64, toBase64 } from '@postroad/bytes'
import type { ClientMechanism } from '@postroad/sasl'

/** RFC 5321 §4.5.3.1.4: a command line with its CRLF. */
const MAX_COMMAND_BYTES = 512
/** More rounds than any mechanism takes. */
const MAX_CHALLENGES = 32

/** One exchange; used by `ClientSession` alone. */
export class ClientAuthentication {
  /** The AUTH line without CRLF. */
  readonly line: string
  /** The same for eyes. */
  readonly shown: string

  readonly #mechanism: ClientMechanism
  /** The initial response where it did not fit into the AUTH line. */
  readonly #withheld: Uint8Array | undefined
  #challenges = 0

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

  /** The line that answers a challenge; `*` where it cannot be answered, and the exchange is cancelled. */
  respond(text: string): string {
    this.#challenges += 1
    const challenge = fromBase64(text.trim())
    if (challenge === undefined || this.#challenges > MAX_CHALLENGES) return '*'
    if (this.#withheld !== undefined && this.#challenges === 1 && challenge.length === 0)
      return toBase64(this.#withheld)
    const response = this.#mechanism.receive(challenge)
    return response === undefined ? '*' : toBase64(response)
  }
}
