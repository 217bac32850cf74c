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
  /**
   * Parameters for MAIL that were agreed on with the host, as `KEYWORD` or `KEYWORD=value` (RFC 5321 §4.1.2), sent as they
   * are. Absent: none. Rejects with `SMTP_CLIENT_PARAMETER` where one is none, and the conversation is over.
   */
  readonly mailParameters?: readonly string[]
  /** The same for RCPT, by the index of the recipient; one that has no entry has none. */
  readonly rcptParameters?: ReadonlyMap<number, readonly string[]>
  /** Read once for each transaction: more than once where the host's limits ask for it. */
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
export interface ClientConversation extends AsyncDisposable {
  /** What the host offers now; `undefined` behind the end. */
  readonly extensions: PeerExtensions | undefined
  /** The address that was reached, or the path of a unix socket. */
  readonly address: string
  /** What TLS gave; `undefined` in clear. */
  readonly tls: TlsRecord | undefined
  /** The next command may be given. */
  readonly ready: boolean
  /** Why the session is over; `undefined` while it is not. */
  readonly closeCause: ClientCloseCause | undefined
  /** Sends a message, in as many transactions as the host's limits ask for (RFC 9422). Rejects as `deliver` does. */
  send(message: ConversationMessage): Promise<DeliveryReport>
  /** NOOP (RFC 5321 §4.1.1.9). */
  noop(): Promise<Reply | undefined>
  /** VRFY (RFC 5321 §4.1.1.6): a name or an address. */
  verify(text: string): Promise<Reply | undefined>
  /** EXPN (RFC 5321 §4.1.1.7): a mailing list. */
  expand(text: string): Promise<Reply | undefined>
  /** HELP (RFC 5321 §4.1.1.8). */
  help(topic?: string): Promise<Reply | undefined>
  /** ETRN (RFC 1985 §5): asks the host to begin with what waits for a domain, `@domain` or `#queue`. */
  etrn(node: string): Promise<Reply | undefined>
  /**
   * XCLIENT: speaks for another client. The host greets anew where it agrees; where it refuses what is left of many
   * attributes, what was said before stands.
   */
  xclient(attributes: ReadonlyMap<string, string | undefined>): Promise<Reply | undefined>
  /** XFORWARD: tells where the messages to come are from. */
  xforward(attributes: ReadonlyMap<string, string | undefined>): Promise<Reply | undefined>
  /** A command line of one's own, without CRLF, that is answered by one reply and leaves the session as it was. */
  command(line: string): Promise<Reply | undefined>
  /** ATRN (RFC 2645 §5.2.1): asks for the mail of domains of ours, none for all, over this connection, as its server. */
  turnAround(domains?: readonly string[]): Promise<TurnAround>
  /** Says QUIT, waits a short while for the answer, and closes. Never rejects. */
  quit(): Promise<void>
}

/** A conversation over a connection on which nobody else speaks. */
export class ConnectionConversation implements ClientConversation {
  readonly #connection: ClientConnection
  readonly #setting: ClientSetting
  #busy = false

  constructor(connection: ClientConnection, setting: ClientSetting) {
    this.#connection = connection
    this.#setting = setting
  }

  get extensions(): PeerExtensions | undefined {
    return this.#connection.session.extensions
  }

  get address(): string {
    return this.#connection.address
  }

  get tls(): TlsRecord | undefined {
    return this.#connection.tls
  }

  get ready(): boolean {
    return !this.#busy && this.#connection.usable
  }

  get closeCause(): ClientCloseCause | undefined {
    return this.#connection.session.closeCause
  }

  send(message: ConversationMessage): Promise<DeliveryReport> {
    const { destination } = this.#connection
    const { signal = new AbortController().signal } = message
    return this.#alone(() => deliverOver(this.#setting, this.#connection, { ...message, destination, signal }))
  }

  noop(): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.noop())
  }

  verify(text: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.verify(text))
  }

  expand(text: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.expand(text))
  }

  help(topic?: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.help(topic))
  }

  etrn(node: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.etrn(node))
  }

  xclient(attributes: ReadonlyMap<string, string | undefined>): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.xclient(attributes))
  }

  xforward(attributes: ReadonlyMap<string, string | undefined>): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.xforward(attributes))
  }

  command(line: string): Promise<Reply | undefined> {
    return this.#ask(() => this.#connection.session.command(line))
  }

  async turnAround(domains: readonly string[] = []): Promise<TurnAround> {
    const [first, second] = await this.#say(() => this.#connection.session.atrn(domains))
    if (second?.type === 'turned') return { kind: 'turned', reply: second.reply, stream: this.#connection.surrender() }
    if (first.type !== 'replied' || first.reply.code < 300) return { kind: 'closed' }
    return { kind: 'refused', reply: first.reply }
  }

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

  /** What came of a command: `replied`, and what the session did then where it is not idle, as behind ATRN and XCLIENT. */
  #say(command: () => void): Promise<readonly [ClientEvent, ClientEvent?]> {
    return this.#alone(async () => {
      if (this.#connection.usable) command()
      const event = await this.#connection.next()
      const goesOn = event.type === 'replied' && !this.#connection.session.idle
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
