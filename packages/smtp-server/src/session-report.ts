/** What a session reports of its connection to who observes it. */

import type { SessionView } from '@postroad/smtp'
import type { CloseCause, ServerObserver } from './observer.ts'
import type { TransactionTally } from './transaction-tally.ts'

/** One session's reports. */
export class SessionReport {
  readonly #view: SessionView
  readonly #observer: ServerObserver | undefined
  #cause: CloseCause | undefined
  bytesReceived = 0
  bytesSent = 0

  constructor(view: SessionView, observer: ServerObserver | undefined) {
    this.#view = view
    this.#observer = observer
  }

  opened(): void {
    this.#observer?.({ type: 'session.opened', session: this.#view })
  }

  secured(): void {
    this.#observer?.({ type: 'session.secured', session: this.#view })
  }

  fault(error: unknown): void {
    this.#observer?.({ type: 'fault', session: this.#view, error })
  }

  /** Why it ends; the first cause counts. */
  because(cause: CloseCause): void {
    this.#cause ??= cause
  }

  closed({ accepted, refused }: TransactionTally, durationMs: number): void {
    const { bytesReceived, bytesSent } = this
    this.#observer?.({
      type: 'session.closed',
      session: this.#view,
      cause: this.#cause ?? 'peer',
      durationMs,
      accepted,
      refused,
      bytesReceived,
      bytesSent,
    })
  }
}
