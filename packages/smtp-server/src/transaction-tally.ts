/** Follows the transaction of a session for who observes it, and counts what became of all of them. */

import type { ReversePath } from '@postroad/address'
import type { Reply } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import type { SessionView } from '@postroad/smtp'
import type { ServerObserver } from './observer.ts'

/** One session's transactions, one after the other. */
export class TransactionTally {
  readonly #view: SessionView
  readonly #clock: Clock
  readonly #observer: ServerObserver | undefined
  #open = false
  #reversePath: ReversePath = null
  #startedAt = 0
  #recipients = 0
  #sizeBytes = 0

  accepted = 0
  refused = 0

  constructor(view: SessionView, clock: Clock, observer: ServerObserver | undefined) {
    this.#view = view
    this.#clock = clock
    this.#observer = observer
  }

  /** Whether one is open, or its content is being judged. */
  get open(): boolean {
    return this.#open
  }

  begin(reversePath: ReversePath): void {
    this.#open = true
    this.#reversePath = reversePath
    this.#startedAt = this.#clock.monotonic()
    this.#recipients = 0
    this.#sizeBytes = 0
  }

  addRecipient(): void {
    this.#recipients += 1
  }

  addContent(bytes: number): void {
    this.#sizeBytes += bytes
  }

  /** It ends without having been accepted or refused; whether one was open. */
  drop(): boolean {
    const was = this.#open
    this.#open = false
    return was
  }

  /** It ends with these replies. */
  end(replies: readonly Reply[]): void {
    const accepted = replies.some(({ code }) => code < 300)
    if (accepted) this.accepted += 1
    else this.refused += 1
    if (!this.drop() || this.#observer === undefined) return
    this.#observer({
      type: accepted ? 'transaction.accepted' : 'transaction.refused',
      session: this.#view,
      reversePath: this.#reversePath,
      recipients: this.#recipients,
      sizeBytes: this.#sizeBytes,
      durationMs: this.#clock.monotonic() - this.#startedAt,
      replies,
    })
  }
}
