/** One AUTH of a session: puts the exchange's questions to the handler, and its verdict into the session (RFC 4954 §4). */

import type { Reply } from '@postroad/envelope'
import type { ChannelBindingType, ScramDecoy } from '@postroad/sasl'
import type { QuestionEvent, ServerSession, SubmissionHandler } from '@postroad/smtp'
import { createAuthExchange } from './authentication.ts'
import type { AuthExchange, AuthVerdict } from './authentication.ts'
import { unfit } from './handler-answer.ts'
import type { LiveSession } from './live-session.ts'
import type { ServerObserver } from './observer.ts'

/** What AUTH goes by. */
export interface AuthRules {
  /** What this client is offered. */
  readonly mechanisms: readonly string[]
  readonly decoy: ScramDecoy | undefined
}

/** What the session runs over. */
export interface Channel {
  /** The data of the TLS channel; `undefined` where there is none. */
  channelBinding(type: ChannelBindingType): Uint8Array | undefined
}

/** What one is made of. */
export interface AuthDialogueParts {
  readonly event: QuestionEvent & { readonly type: 'auth' }
  readonly session: ServerSession
  readonly handler: SubmissionHandler
  readonly view: LiveSession
  readonly channel: Channel
  readonly rules: AuthRules
  readonly observer: ServerObserver | undefined
}

/** One exchange. */
export class AuthDialogue {
  readonly #parts: AuthDialogueParts
  readonly #exchange: AuthExchange

  constructor(parts: AuthDialogueParts) {
    const { event, handler, view, channel, rules, observer } = parts
    this.#parts = parts
    this.#exchange = createAuthExchange(event.mechanism, handler, {
      channelBinding: (type) => channel.channelBinding(type),
      clientCertificate: view.tls?.clientCertificate,
      offered: rules.mechanisms,
      decoy: rules.decoy,
      hostname: view.hostname,
      onFault: (error) => observer?.({ type: 'fault', session: view, error }),
    })
  }

  start(): AuthVerdict | Promise<AuthVerdict> {
    return this.#exchange.start(this.#parts.event.initialResponse)
  }

  receive(response: Uint8Array): AuthVerdict | Promise<AuthVerdict> {
    return this.#exchange.receive(response)
  }

  /** Answers the session. A refusal is not said but given back. */
  settle(verdict: AuthVerdict): Reply | undefined {
    const { session, view, observer } = this.#parts
    switch (verdict.kind) {
      case 'challenge':
        session.challenge(verdict.bytes)
        return undefined
      case 'refused':
        // A refusal never opens the door, whatever its reply says.
        if (verdict.reply.code < 400) throw unfit()
        return verdict.reply
      case 'accepted':
        session.answer(verdict.reply)
        // Unless something stood behind the AUTH: then the session is over, and nobody was let in.
        if (!session.authenticated) return undefined
        view.account = verdict.account
        observer?.({ type: 'session.authenticated', session: view, mechanism: this.#exchange.mechanism })
        return undefined
    }
  }
}
