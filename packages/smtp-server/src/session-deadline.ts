/** The one deadline of a session, moved with what happens in it. */

import type { Clock } from '@postroad/runtime'
import type { SessionState } from '@postroad/smtp'
import { ContentPace } from './content-pace.ts'
import type { ServerLimits } from './server-limits.ts'

/** Until when something must have happened. Nothing is armed: whoever watches looks at `at`. */
export class SessionDeadline {
  readonly #limits: ServerLimits
  readonly #clock: Clock
  readonly #openedAt: number
  /** While content comes in. */
  #pace: ContentPace | undefined
  /** By `Clock.monotonic`. */
  at: number

  constructor(limits: ServerLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
    this.#openedAt = clock.monotonic()
    this.at = this.#openedAt + limits.commandTimeoutMs
  }

  /** Since the session was opened, in milliseconds. */
  get ageMs(): number {
    return this.#clock.monotonic() - this.#openedAt
  }

  /** The client has this long, but no longer than a session may last. */
  wait(timeoutMs: number): void {
    this.at = Math.min(this.#clock.monotonic() + timeoutMs, this.#endAt)
  }

  /** We have this long, whatever the session's age. */
  allow(timeoutMs: number): void {
    this.at = this.#clock.monotonic() + timeoutMs
  }

  /** What is waited for has this long at most. */
  hasten(timeoutMs: number): void {
    this.at = Math.min(this.at, this.#clock.monotonic() + timeoutMs)
  }

  /** The session may last until its end. */
  rest(): void {
    this.at = this.#endAt
  }

  /** From the first byte of a content to its end, the time between its chunks too, it is waited for as its pace allows. */
  followContent(state: SessionState): void {
    if (state === 'content' || state === 'chunks') {
      this.#pace ??= new ContentPace(this.#limits)
      this.wait(this.#pace.wait(this.#clock.monotonic()))
    } else this.#pace = undefined
  }

  /** Bytes have come. */
  came(bytes: number): void {
    this.#pace?.came(this.#clock.monotonic(), bytes)
  }

  /** Another content begins: its time is its own. */
  beginContent(): void {
    this.#pace = undefined
  }

  get #endAt(): number {
    return this.#openedAt + this.#limits.sessionLifetimeMs
  }
}
