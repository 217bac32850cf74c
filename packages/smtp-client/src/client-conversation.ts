/** One session at hand: for who wants more of a host than to deliver. One thing at a time. */

import type { Duplex } from 'node:stream'
import type { DeliveryReport } from '@postroad/delivery'
import type { ContentSource, Envelope, RecipientOutcome, Reply } from '@postroad/envelope'
import { ClientSessionError, type ClientCloseCause, type ClientEvent, type PeerExtensions } from '@postroad/smtp'
import type { ClientConnection } from './client-connection.ts'
import { deliverOver } from './deliver-envelope.ts'
import type { ClientSetting } from './open-connection.ts'
import type { TlsRecord } from './tls-upgrade.ts'

/** A message to send in a conversation. */
export interface ConversationMessage {
  /** One recipient at least. */
  readonly envelope: Envelope
  readonly content: ContentSource
  /** Gives up, and ends the conversation; absent: nobody does. */
  readonly signal?: AbortSignal
  /** Called once for each recipient as soon as its outcome is known. Must not throw. */
  readonly onOutcome?: (recipient: number, outcome: RecipientOutcome) => void
}

/** What became of ATRN. */
export type TurnAround =
  /** The roles are reversed (RFC 2645 §5.3): the stream, paused, is for a server session, which greets. The caller closes it. */
  | { readonly kind: 'turned'; readonly reply: Reply; readonly stream: Duplex }
  | { readonly kind: 'refused'; readonly reply: Reply }
  /** No answer came; `closeCause` says why. */
  | { readonly kind: 'closed' }

/**
 * An open session with one host: greeted, under TLS and authenticated as its destination says.
 *
 * Each command resolves with the reply, or with `undefined` where the session ended before there was one; nothing a peer
 * does rejects. A command while another is under way rejects with `SMTP_CLIENT_NOT_READY`.
 * Disposing says QUIT.
 */
export class ClientConversation implements AsyncDisposable {
  readonly #connection: ClientConnection
  readonly #setting: ClientSetting
  #busy = false

  /** Made by `openSession`. */
  constructor(connection: ClientConnection, setting: ClientSetting) {
    this.#connection = connection
    this.#setting = setting
  }

  /** What the host offers now; `undefined` behind the end. */
  get extensions(): PeerExtensions | undefined {
    return this.#connection.session.extensions
  }

  /** The address that was reached, or the path of a unix socket. */
  get address(): string {
    return this.#connection.address
  }

  /** What TLS gave; `undefined` in clear. */
  get tls(): TlsRecord | undefined {
    return this.#connection.tls
  }

  /** The next command may be given. */
  get ready(): boolean {
    return !this.#busy && this.#connection.usable
  }

  /** Why the session is over; `undefined` while it is not. */
  get closeCause(): ClientCloseCause | undefined {
    return this.#connection.session.closeCause
  }

  /** Sends a message, in as many transactions as the host's limits ask for (RFC 9422). Rejects as `deliver` does. */
  send(message: ConversationMessage): Promise<DeliveryReport> {
    const { destination } = this.#connection
    const { signal = new AbortController().signal } = message
    return this.#alone(() => deliverOver(this.#setting, this.#connection, { ...message, destination, signal }))
  }

  /** NOOP (RFC 5321 §4.1.1.9). */
  noop(): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.noop())
  }

  /** VRFY (RFC 5321 §4.1.1.6): a name or an address. */
  verify(text: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.verify(text))
  }

  /** EXPN (RFC 5321 §4.1.1.7): a mailing list. */
  expand(text: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.expand(text))
  }

  /** HELP (RFC 5321 §4.1.1.8). */
  help(topic?: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.help(topic))
  }

  /** ETRN (RFC 1985 §5): asks the host to begin with what waits for a domain, `@domain` or `#queue`. */
  etrn(node: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.etrn(node))
  }

  /** XCLIENT: speaks for another client. The host greets anew where it agrees. */
  xclient(attributes: ReadonlyMap<string, string | undefined>): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.xclient(attributes))
  }

  /** XFORWARD: tells where the messages to come are from. */
  xforward(attributes: ReadonlyMap<string, string | undefined>): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.xforward(attributes))
  }

  /** A command line of one's own, without CRLF, that is answered by one reply and leaves the session as it was. */
  command(line: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.command(line))
  }

  /** ATRN (RFC 2645 §5.2.1): asks for the mail of domains of ours, none for all, over this connection, as its server. */
  async turnAround(domains: readonly string[] = []): Promise<TurnAround> {
    const [first, second] = await this.#say(() => this.#connection.session.atrn(domains))
    if (second?.type === 'turned') return { kind: 'turned', reply: second.reply, stream: this.#connection.surrender() }
    if (second !== undefined || first.type !== 'replied') return { kind: 'closed' }
    return { kind: 'refused', reply: first.reply }
  }

  /** Says QUIT, waits a short while for the answer, and closes. Never rejects. */
  async quit(): Promise<void> {
    await this.#connection.quit()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.quit()
  }

  async #ask(command: () => void): Promise<Reply | undefined> {
    const [event] = await this.#say(command)
    return event.type === 'replied' ? event.reply : undefined
  }

  /** What came of a command: `replied`, and behind ATRN and XCLIENT that were accepted what the session did then. */
  #say(command: () => void): Promise<readonly [ClientEvent, ClientEvent?]> {
    return this.#alone(async () => {
      if (this.#connection.usable) command()
      const event = await this.#connection.next()
      const goesOn = event.type === 'replied' && event.reply.code < 300 && GOES_ON.has(event.command)
      return goesOn ? [event, await this.#connection.next()] : [event]
    })
  }

  async #alone<Result>(run: () => Promise<Result>): Promise<Result> {
    if (this.#busy) {
      throw new ClientSessionError('SMTP_CLIENT_NOT_READY', 'Another command of the conversation is under way.')
    }
    this.#busy = true
    try {
      return await run()
    } finally {
      this.#busy = false
    }
  }
}

const GOES_ON: ReadonlySet<string> = new Set(['ATRN', 'XCLIENT'])
