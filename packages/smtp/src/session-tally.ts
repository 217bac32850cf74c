/** Counts what a client does that brings no mail, against the limits of its session. */

import type { SessionLimits } from './session-limits.ts'

/** Mistakes that are answered at once. */
const FREE_ERRORS = 5
/** How many times `errorDelayMs` a reply is held back at most. */
const MOST_DELAYS = 10

/** The counts. Each method that counts says whether its limit is reached: then the session ends with 421. */
export class SessionTally {
  readonly #limits: SessionLimits
  #errors = 0
  #idleCommands = 0
  #authFailures = 0
  #recipientsTooMany = 0
  #droppedOctets = 0
  #commandBytes = 0

  constructor(limits: SessionLimits) {
    this.#limits = limits
  }

  /** A line that the session refused. */
  error(): boolean {
    this.#errors += 1
    return this.#errors >= this.#limits.maxErrors
  }

  /**
   * How long the reply to the last mistake is held back: from the sixth on, longer each time, up to ten times
   * `errorDelayMs`.
   */
  get delayMs(): number {
    const beyond = this.#errors - FREE_ERRORS
    return beyond <= 0 ? 0 : Math.min(beyond, MOST_DELAYS) * this.#limits.errorDelayMs
  }

  /** A command that carries no mail forward. */
  idle(): boolean {
    this.#idleCommands += 1
    return this.#idleCommands > this.#limits.maxIdleCommands
  }

  /** A recipient beyond `maxRecipients`. */
  recipientTooMany(): boolean {
    this.#recipientsTooMany += 1
    return this.#recipientsTooMany > this.#limits.maxRecipients
  }

  /** Octets of a BDAT that are dropped because it was not in order. */
  dropped(octets: number): boolean {
    this.#droppedOctets += octets
    return this.#droppedOctets > this.#limits.maxMessageBytes
  }

  /** A judged and refused authentication. Never forgotten. */
  authFailure(): boolean {
    this.#authFailures += 1
    return this.#authFailures >= this.#limits.maxAuthFailures
  }

  /** Bytes of commands; those of a client that has authenticated do not count. */
  bytes(bytes: number, client: { readonly authenticated: boolean }): boolean {
    if (client.authenticated) return false
    this.#commandBytes += bytes
    return this.#commandBytes > this.#limits.maxUnauthenticatedBytes
  }

  /** A message was accepted: the client is about its business. */
  message(): void {
    this.#errors = 0
    this.#idleCommands = 0
    this.#recipientsTooMany = 0
    this.#droppedOctets = 0
    this.#commandBytes = 0
  }
}
