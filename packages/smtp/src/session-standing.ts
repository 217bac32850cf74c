/** What a server session knows of its client, and what follows from that for what is offered to it. */

import type { Reply } from '@postroad/envelope'
import { offeredMechanisms } from './auth-request.ts'
import type { AuthState } from './auth-request.ts'
import type { Situation } from './command.ts'
import type { Verb } from './command-order.ts'
import { isEhloLine } from './ehlo-line.ts'
import type { ExtensionContext } from './extension.ts'
import type { ExtensionTable } from './extension-table.ts'
import type { Hello, Protocol, TlsView } from './handler.ts'
import type { ServerTransaction } from './server-transaction.ts'
import type { SessionLimits } from './session-limits.ts'
import type { SettledOptions } from './settled-options.ts'

const NONE: readonly string[] = []

/** Where the client stands with us: what a command is judged by, and what an extension may look at. */
export class SessionStanding implements Situation, ExtensionContext {
  readonly #options: SettledOptions
  readonly #transaction: ServerTransaction
  readonly table: ExtensionTable
  readonly limits: SessionLimits
  #tls: TlsView | undefined
  #hello: Hello | undefined
  /** The client has been named by a proxy. */
  #proxied = false
  authenticated = false

  constructor(options: SettledOptions, transaction: ServerTransaction) {
    this.#options = options
    this.#transaction = transaction
    this.table = options.table
    this.limits = options.limits
  }

  get hello(): Hello | undefined {
    return this.#hello
  }

  get tls(): TlsView | undefined {
    return this.#tls
  }

  /** Takes a hello; the answer says what is offered, to HELO our name alone (RFC 5321 §4.1.1.1). */
  welcome(hello: Hello): Reply {
    this.#hello = hello
    const lines = [this.#options.hostname]
    for (const extension of hello.verb === 'HELO' ? [] : this.table.extensions) {
      const keyword = extension.keyword(this)
      if (keyword !== undefined && isEhloLine(keyword)) lines.push(keyword)
    }
    return { code: 250, status: undefined, lines }
  }

  /** A handshake is done: forgets all that the client said before (RFC 3207 §4.2). */
  handshaken(tls: TlsView): void {
    this.#tls = tls
    this.#hello = undefined
    this.authenticated = false
  }

  /** The session begins anew for the client that a proxy names; `authenticated`: who that is, is known already. */
  speakFor(authenticated: boolean): void {
    this.#hello = undefined
    this.#proxied = true
    this.authenticated = authenticated
  }

  // What a command is judged by

  get context(): ExtensionContext {
    return this
  }

  /** An AUTH may come. */
  get mayAuthenticate(): boolean {
    return !this.authenticated && this.#options.mechanisms !== undefined
  }

  /** What AUTH may do now; a password may be sent under TLS, or where that is allowed without (RFC 4954 §4). */
  get auth(): AuthState {
    const { authenticated } = this
    return { mechanisms: this.#options.mechanisms ?? NONE, safe: this.#safe, authenticated, tls: this.#tls }
  }

  get recipients(): number {
    return this.#transaction.recipients
  }

  get transactions(): number {
    return this.#transaction.begun
  }

  countsAs(verb: Verb): 'error' | 'recipient' | 'content' {
    return this.#transaction.countsAs(verb)
  }

  get binary(): boolean {
    return this.#transaction.binary
  }

  // What an extension may look at

  get protocol(): Protocol {
    return this.#options.protocol
  }

  get secured(): boolean {
    return this.#tls !== undefined
  }

  get startTls(): boolean {
    return this.#options.startTls === true && this.#tls === undefined
  }

  get mechanisms(): readonly string[] {
    return offeredMechanisms(this.auth)
  }

  get trusted(): boolean {
    return this.#options.trusted === true
  }

  get believed(): boolean {
    return this.authenticated || (this.trusted && !this.#proxied)
  }

  get smtputf8(): boolean {
    return this.#transaction.smtputf8
  }

  get extensions(): ReadonlySet<string> {
    return this.table.names
  }

  get #safe(): boolean {
    return this.#tls !== undefined || this.#options.allowPlaintextAuth === true
  }
}
