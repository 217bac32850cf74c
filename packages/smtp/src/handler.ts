/**
 * What a receiver decides: the questions a server session asks, each answered with a reply, at once or later.
 *
 * One handler serves one session. Answers that are ready at once are given at once: return a `Reply`, not a promise,
 * where nothing has to be awaited. What a handler throws is a fault of ours, never the peer's: the session answers
 * 451 4.3.0 and the observer is told.
 */

import type { ForwardPath, ReversePath } from '@postroad/address'
import type { BodyType, Notify, OriginalRecipient, Reply } from '@postroad/envelope'
import type { PasswordCredentials } from '@postroad/sasl'

/** An answer, now or later. */
export type Answer = Reply | Promise<Reply>

/** Decides what happens in one session. */
export interface SessionHandler {
  /** A client connected. `undefined`: the usual greeting. A 4yz or 5yz reply is sent, and the session ends. */
  connection?(): Answer | undefined
  /** EHLO, HELO or LHLO with an argument in order. `undefined`: welcome. */
  hello?(hello: Hello): Answer | undefined
  /** A mail transaction begins; only a 2yz reply begins it. */
  mail(mail: MailRequest): Answer
  /** A recipient; only a 2yz reply adds it. */
  rcpt(rcpt: RcptRequest): Answer
  /**
   * The client asked to send the content (at least one recipient stands). A sink: go on with 354. A reply: refused.
   * The envelope is complete now.
   */
  content(): ContentSink | Reply | Promise<ContentSink | Reply>
  /** The transaction ended without content having been accepted or refused: RSET, a new EHLO, the end of the session. */
  reset?(): void
  /** VRFY and its argument. `undefined` or absent: 252 2.0.0 (RFC 5321 §3.5.3). */
  vrfy?(argument: string): Answer | undefined
  /** The session is over, however it ended; called once and last. */
  end?(): void
}

/** A handler for sessions in which the client may authenticate (RFC 4954). */
export interface SubmissionHandler extends SessionHandler {
  /** Judges what a mechanism brought. The session knows the account afterwards (`SessionView.account`). */
  authenticate(credentials: PasswordCredentials): Promise<Authentication>
}

/** What became of an authentication; a reply of one's own (4yz for a passing fault, 5yz for a refusal). */
export type Authentication =
  | { readonly kind: 'accepted'; readonly account: string }
  | { readonly kind: 'refused'; readonly reply?: Reply }

/** How the client introduced itself. */
export interface Hello {
  readonly verb: 'EHLO' | 'HELO' | 'LHLO'
  /** As given: a domain, an address literal, or whatever else the client said. */
  readonly name: string
}

/** MAIL and its parameters. */
export interface MailRequest {
  readonly reversePath: ReversePath
  /** SIZE= in bytes (RFC 1870 §6); the session has already refused what is over its limit. */
  readonly size?: number
  readonly body?: BodyType
  readonly smtputf8?: boolean
  readonly ret?: 'full' | 'hdrs'
  /** ENVID=, decoded (RFC 3461 §4.4). */
  readonly envid?: string
}

/** RCPT and its parameters. */
export interface RcptRequest {
  readonly forwardPath: ForwardPath
  readonly notify?: readonly Notify[]
  readonly orcpt?: OriginalRecipient
}

/** Takes the content of one message: dot-stuffing removed, line ends CRLF, the final dot not included. */
export interface ContentSink {
  /** `bytes` are valid until this returns, or until the promise it gives resolves. A promise holds the client back. */
  write(bytes: Uint8Array): void | Promise<void>
  /**
   * All content has come. A 2yz reply promises that the message is durable (RFC 5321 §6.1). In LMTP a list has one
   * reply for each accepted recipient, in order (RFC 2033 §4.2); a single reply stands for all of them.
   */
  end(): Answer | readonly Reply[] | Promise<readonly Reply[]>
  /** No more will come and nothing was accepted: the session refused the content, or ended. */
  abort(): void
}

/** What is known of a session; the same object for its whole life, its fields moving on. */
export interface SessionView {
  /** Unique within the process, short, printable. */
  readonly sessionId: string
  readonly protocol: Protocol
  /** Our name in this session. */
  readonly hostname: string
  /** The client's IP address in its canonical text; for a unix socket or a pipe `''`. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localPort: number
  /** `undefined` before a handshake. */
  readonly tls: TlsView | undefined
  /** `undefined` before EHLO, HELO or LHLO, and again after STARTTLS. */
  readonly hello: Hello | undefined
  /** Who authenticated; `undefined` for nobody. */
  readonly account: string | undefined
}

/** What a server speaks. `submission` is SMTP that wants AUTH and says so in traces. */
export type Protocol = 'smtp' | 'submission' | 'lmtp'

/** What TLS gave. */
export interface TlsView {
  /** `TLSv1.3`. */
  readonly version: string
  /** IANA name of the cipher suite. */
  readonly cipher: string
}

/**
 * The protocol name for the `with` clause of a Received field (RFC 5321 §4.4, RFC 3848, RFC 6531 §4.3): `ESMTPSA`,
 * `UTF8LMTPS` ...
 */
export function withProtocol(session: SessionView, smtputf8: boolean): string {
  const secured = (session.tls === undefined ? '' : 'S') + (session.account === undefined ? '' : 'A')
  if (smtputf8) return `UTF8${session.protocol === 'lmtp' ? 'LMTP' : 'SMTP'}${secured}`
  if (session.protocol === 'lmtp') return `LMTP${secured}`
  return session.hello?.verb === 'HELO' && secured === '' ? 'SMTP' : `ESMTP${secured}`
}
