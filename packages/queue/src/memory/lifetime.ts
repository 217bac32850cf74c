/** The life of a store: open until it is disposed, or fails. */

import { QueueUnavailableError } from '../errors.ts'

/** Shared by the ports of one store. */
export class Lifetime {
  #isEnded = false
  #failure: QueueUnavailableError | undefined
  readonly #endings: (() => void)[] = []

  /** @throws {QueueUnavailableError} Once the store is disposed, or has failed. */
  check(): void {
    if (this.#isEnded) throw new QueueUnavailableError('the store is disposed')
    this.checkSound()
  }

  /** @throws {QueueUnavailableError} Once the store has failed; not for its disposal. */
  checkSound(): void {
    if (this.#failure !== undefined) {
      throw new QueueUnavailableError(this.#failure.message, { cause: this.#failure.cause })
    }
  }

  get isSound(): boolean {
    return this.#failure === undefined
  }

  /** Registers what is to be done at the end. */
  onEnd(ending: () => void): void {
    this.#endings.push(ending)
  }

  /** Ends it; a second time does nothing. */
  end(): void {
    this.#isEnded = true
    this.#runEndings()
  }

  /** Ends it in failure: what it has in memory is not to be believed any more. */
  fail(failure: QueueUnavailableError): void {
    this.#failure ??= failure
    this.#runEndings()
  }

  #runEndings(): void {
    for (const ending of this.#endings.splice(0)) ending()
  }
}
