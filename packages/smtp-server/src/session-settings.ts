/** What the sessions of a server are made with: the same for all whose handlers can do the same. */

import { EXTENSIONS } from '@postroad/smtp'
import type { Extension, ServerSessionOptions } from '@postroad/smtp'
import type { AuthRules } from './auth-dialogue.ts'
import { mechanismsOf } from './authentication.ts'
import type { LiveSession } from './live-session.ts'
import { authenticates } from './server-handler.ts'
import type { ServerHandler } from './server-handler.ts'
import type { SettledServerOptions } from './server-options.ts'

/** What one session is made with. */
export interface SettingsOfSession {
  readonly session: ServerSessionOptions
  readonly authRules: AuthRules
}

/** Makes and keeps the options of sessions: a server has a handful of different ones, however many sessions. */
export class SessionSettings {
  readonly #options: SettledServerOptions
  readonly #mechanisms: readonly string[]
  readonly #startTls: boolean
  readonly #made = new Map<number, SettingsOfSession>()

  constructor(options: SettledServerOptions, startTls: boolean) {
    this.#options = options
    this.#mechanisms = options.mechanisms ?? []
    this.#startTls = startTls
  }

  /** For a session with this handler. */
  for(handler: ServerHandler, trusted: boolean, view: LiveSession): SettingsOfSession {
    const abilities =
      (handler.authenticate === undefined ? 0 : 1) +
      (handler.etrn === undefined ? 0 : 2) +
      (handler.atrn === undefined ? 0 : 4) +
      (handler.command === undefined ? 0 : 8) +
      (trusted ? 16 : 0) +
      (handler.scramKeys === undefined ? 0 : 32) +
      (handler.sharedSecret === undefined ? 0 : 64) +
      (handler.expn === undefined ? 0 : 128)
    let made = this.#made.get(abilities)
    if (made === undefined) {
      made = this.#make(handler, trusted)
      this.#made.set(abilities, made)
    }
    const { observer, dialogue } = this.#options
    if (observer === undefined || dialogue !== true) return made
    const onLine = (from: 'client' | 'server', line: string): void =>
      observer({ type: 'dialogue', session: view, from, line })
    return { ...made, session: { ...made.session, onLine } }
  }

  #make(handler: ServerHandler, trusted: boolean): SettingsOfSession {
    const { hostname, protocol, limits = {}, belowFloors, bareNewlines, allowPlaintextAuth, commands } = this.#options
    const canDo = ({ name }: Extension): boolean =>
      (name !== 'EXPN' || handler.expn !== undefined) &&
      (name !== 'ETRN' || handler.etrn !== undefined) &&
      (name !== 'ATRN' || handler.atrn !== undefined)
    const mechanisms = authenticates(handler) ? mechanismsOf(handler, this.#mechanisms) : []
    const session: ServerSessionOptions = {
      hostname,
      protocol,
      limits,
      startTls: this.#startTls,
      trusted,
      mechanisms,
      extensions: (this.#options.extensions ?? EXTENSIONS).filter(canDo),
      commands: handler.command === undefined ? [] : (commands ?? []),
      ...(belowFloors !== undefined && { belowFloors }),
      ...(bareNewlines !== undefined && { bareNewlines }),
      ...(allowPlaintextAuth !== undefined && { allowPlaintextAuth }),
    }
    return { session, authRules: { mechanisms, decoy: this.#options.scramDecoy } }
  }
}
