/** What a server session knows of its client, and what follows from that for what is offered to it. */

import type { Reply } from '@postroad/envelope'
import type { AuthState } from './auth-request.ts'
import type { Situation } from './command.ts'
import type { CommandState } from './command-order.ts'
import type { Extension, ExtensionContext } from './extension.ts'
import { EXTENSIONS } from './extensions.ts'
import type { Hello, TlsView } from './handler.ts'
import type { ServerSessionOptions } from './server-session-options.ts'
import type { ServerTransaction } from './server-transaction.ts'
import type { SessionLimits } from './session-limits.ts'

/** Where the client stands with us. */
export class SessionStanding {
  readonly #hostname: string
  readonly #extensions: readonly Extension[]
  readonly #limits: SessionLimits
  readonly #mechanisms: readonly string[]
  readonly #startTls: boolean
  readonly #allowPlaintextAuth: boolean
  #tls: TlsView | undefined
  #hello: Hello | undefined
  authenticated = false

  constructor(options: ServerSessionOptions, limits: SessionLimits) {
    this.#hostname = options.hostname
    this.#extensions = options.extensions ?? EXTENSIONS
    this.#limits = limits
    this.#mechanisms = options.mechanisms ?? []
    this.#startTls = options.startTls === true
    this.#allowPlaintextAuth = options.allowPlaintextAuth === true
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
    const lines = [this.#hostname]
    const context = this.context(false)
    for (const extension of hello.verb === 'HELO' ? [] : this.#extensions) {
      const keyword = extension.keyword(context)
      if (keyword !== undefined) lines.push(keyword)
    }
    return { code: 250, status: undefined, lines }
  }

  /** A handshake is done: forgets all that the client said before (RFC 3207 §4.2). */
  secured(tls: TlsView): void {
    this.#tls = tls
    this.#hello = undefined
    this.authenticated = false
  }

  /** What AUTH may do now; a password may be sent under TLS, or where that is allowed without (RFC 4954 §4). */
  get auth(): AuthState {
    const safe = this.#tls !== undefined || this.#allowPlaintextAuth
    return { mechanisms: this.#mechanisms, safe, authenticated: this.authenticated }
  }

  /** What is known when a command comes. */
  situation(state: CommandState, { smtputf8, recipients }: ServerTransaction): Situation {
    return { state, extensions: this.#extensions, context: this.context(smtputf8), auth: this.auth, recipients }
  }

  /** What extensions may look at. */
  context(smtputf8: boolean): ExtensionContext {
    const { safe, authenticated, mechanisms } = this.auth
    return {
      limits: this.#limits,
      secured: this.#tls !== undefined,
      startTls: this.#startTls && this.#tls === undefined,
      mechanisms: safe && !authenticated ? mechanisms : [],
      smtputf8,
    }
  }
}
