/** The commands of a client outside of transactions, as methods (RFC 5321 §4.1.1.6 to §4.1.1.9 and extensions). */

import type { PeerExtensions } from './client-extensions.ts'
import { askAbout, askAttributes, askLine, askOther, type ClientQuestion } from './client-question.ts'

/** What `ClientSession` can ask of a peer besides transactions; one at a time. */
export abstract class ClientInquiries {
  /** Asks, unless the session is not idle. */
  protected abstract ask(question: ClientQuestion): void

  /** What the peer offers; `undefined` while that is not known. */
  abstract get extensions(): PeerExtensions | undefined

  /**
   * NOOP (RFC 5321 §4.1.1.9). Answered by `replied`, as are the commands that follow.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_NOT_READY` unless idle; so do the commands that follow.
   */
  noop(): void {
    this.ask(askLine('NOOP'))
  }

  /**
   * VRFY (RFC 5321 §4.1.1.6) of a user name or address; with SMTPUTF8 where it is not ASCII and the peer offers that.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_COMMAND` where the text holds a control character; so do the commands
   *   that follow.
   */
  verify(text: string): void {
    this.ask(askAbout('VRFY', text, this.extensions?.smtputf8 ?? false))
  }

  /** EXPN (RFC 5321 §4.1.1.7) of a mailing list. */
  expand(text: string): void {
    this.ask(askAbout('EXPN', text, this.extensions?.smtputf8 ?? false))
  }

  /** HELP (RFC 5321 §4.1.1.8), on a topic where one is given. */
  help(topic?: string): void {
    this.ask(askLine(topic === undefined ? 'HELP' : `HELP ${topic}`))
  }

  /** ETRN (RFC 1985 §5): asks the peer to start its queue for a host, an `@` and domain, or a `#` and queue. */
  etrn(node: string): void {
    this.ask(askLine(`ETRN ${node}`))
  }

  /**
   * ATRN (RFC 2645 §5.2.1): asks the peer to send what it holds for these domains, or for all of ours where none is
   * named. Where it will, `turned` follows `replied`.
   */
  atrn(domains: readonly string[]): void {
    this.ask(askLine(domains.length === 0 ? 'ATRN' : `ATRN ${domains.join(',')}`))
  }

  /**
   * XCLIENT: who the client is that we speak for; `undefined` for what is not known. Over as many lines as it needs, the
   * address and the login last, until one is refused. After a 220 reply the session starts over: EHLO goes out again, and
   * `ready` follows `replied`; so it does where a later line is refused, and what was said before it stands.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_COMMAND` where there is no attribute or a name is none; so does `xforward`.
   */
  xclient(attributes: ReadonlyMap<string, string | undefined>): void {
    this.ask(askAttributes('XCLIENT', attributes))
  }

  /** XFORWARD: who the client was that sent the message; over as many lines as it needs, as XCLIENT. */
  xforward(attributes: ReadonlyMap<string, string | undefined>): void {
    this.ask(askAttributes('XFORWARD', attributes))
  }

  /**
   * Any other command that is agreed on, a line without CRLF; it must have one reply and leave the session as it was.
   *
   * @throws {ClientSessionError} `SMTP_CLIENT_COMMAND` also for those that have a method, or are a part of one, such as
   *   AUTH and DATA.
   */
  command(line: string): void {
    this.ask(askOther(line))
  }
}
