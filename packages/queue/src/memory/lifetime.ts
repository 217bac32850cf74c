/** The life of a store: open until disposed. */

import { QueueUnavailableError } from '../errors.ts'

/** Shared by the ports of one store. */
export class Lifetime {
  #ended = false
  readonly #endings: (() => void)[] = []

  /** @throws {QueueUnavailableError} Once the store is disposed. */
  check(): void {
    if (this.#ended) throw new QueueUnavailableError('the store is disposed')
  }

  /** Registers what is to be done at the end. */
  onEnd(ending: () => void): void {
    this.#endings.push(ending)
  }

  /** Ends it; a second time does nothing. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const ending of this.#endings) ending()
  }
}
