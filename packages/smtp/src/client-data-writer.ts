/** Content on its way out behind DATA: dots doubled (RFC 5321 §4.5.2), ended by CRLF.CRLF (RFC 5321 §4.1.1.4). */

import { fromLatin1 } from '@postroad/bytes'
import type { ContentFacts } from '@postroad/envelope'
import { DotStuffer } from './client-content.ts'
import { ClientSessionError } from './client-fault.ts'
import type { ClientOutput } from './client-output.ts'

/** Writes the content of one DATA; used by `ClientSession` alone. */
export class DataWriter {
  readonly #facts: ContentFacts
  readonly #output: ClientOutput
  readonly #stuffer: DotStuffer | undefined
  #given = 0
  #ended = false
  #terminated = false

  constructor(facts: ContentFacts, output: ClientOutput) {
    this.#facts = facts
    this.#output = output
    this.#stuffer = facts.dotLines === 0 ? undefined : new DotStuffer()
  }

  /** Content may be given. */
  get wanted(): boolean {
    return !this.#ended
  }

  /** The terminator was handed out. */
  get terminated(): boolean {
    return this.#terminated
  }

  push(bytes: Uint8Array): void {
    this.#given += bytes.length
    if (this.#stuffer === undefined) this.#output.push(bytes)
    else this.#stuffer.push(bytes, (slice) => this.#output.push(slice))
  }

  /** @throws {ClientSessionError} `SMTP_CLIENT_CONTENT_LENGTH`; nothing is ended then. */
  end(): void {
    if (this.#given !== this.#facts.sizeBytes) throw wrongLength()
    // RFC 5321 §4.1.1.4: the first CRLF is the one that ends the last line.
    this.#terminate(this.#facts.endsWithCrlf ? '.\r\n' : '\r\n.\r\n')
  }

  /** Ends content that nobody is to get. */
  void(): void {
    this.#terminate('.\r\n')
  }

  /** What was in the output was handed out. */
  handedOut(): void {
    this.#terminated = this.#ended
  }

  #terminate(terminator: string): void {
    this.#output.push(fromLatin1(terminator))
    this.#ended = true
  }
}

/** The content is not what its facts say. */
export function wrongLength(): ClientSessionError {
  return new ClientSessionError('SMTP_CLIENT_CONTENT_LENGTH', 'The content is not as long as its facts say.')
}
