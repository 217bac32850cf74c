/**
 * What a receiver decides: the questions a server session asks, each answered with a reply, at once or later.
 *
 * One handler serves one session. Answers that are ready at once are given at once: return a `Reply`, not a promise,
 * where nothing has to be awaited. What a handler throws is a fault of ours, never the peer's: the session answers
 * 451 4.3.0 and the observer is told.
 */

import type { ForwardPath, ReversePath } from '@postroad/address'
import type { BodyType, Notify, OriginalRecipient, Reply, ValidSince } from '@postroad/envelope'
import type { ScramKeys, ScramName, ServerCredentials, TokenRefusal } from '@postroad/sasl'

/** An answer, now or later. */
export type Answer = Reply | Promise<Reply>
/** An answer, now or later; `undefined` is one, too: as usual. */
export type UsualAnswer = Reply | undefined | Promise<Reply | undefined>

/** Decides what happens in one session. */
export interface SessionHandler {
  /**
   * A client connected. `undefined`: the usual greeting. A 4yz ends the session; behind a 5yz the client is waited for to
   * say QUIT, and nothing else is done for it (RFC 5321 §3.1).
   */
  connection?(): UsualAnswer
  /** EHLO, HELO or LHLO with an argument in order. `undefined`: welcome. */
  hello?(hello: Hello): UsualAnswer
  /** A mail transaction begins; only 250 begins it, and no other 2yz is an answer (RFC 5321 §4.3.2). */
  mail(mail: MailRequest): Answer
  /** A recipient; only 250, or 251 where it is elsewhere (RFC 5321 §3.4), adds it. */
  rcpt(rcpt: RcptRequest): Answer
  /**
   * The client asks to send the content (at least one recipient stands), by DATA or with a first BDAT. A sink: go on. A
   * reply: refused. The envelope is complete now.
   */
  content(): ContentSink | Reply | Promise<ContentSink | Reply>
  /**
   * The transaction ended without content having been accepted or refused: RSET, a new EHLO, the end of the session; or
   * `content` refused what came by BDAT, of which nothing more can come (a refused DATA leaves the transaction open).
   */
  reset?(): void
  /**
   * VRFY and its argument. `undefined` or absent: 252 2.0.0 (RFC 5321 §3.5.3). A mailbox in UTF-8 is shown to who allows it
   * alone; to any other the session says 252 2.6.8, or 550 5.6.8 where the answer is 551 (RFC 6531 §3.7.4.2).
   */
  vrfy?(argument: string): UsualAnswer
  /** The session is over, however it ended; called once and last. */
  end?(): void
}

/**
 * A handler for sessions in which the client may authenticate (RFC 4954).
 *
 * Which mechanisms it can be offered with: PLAIN and LOGIN always; OAUTHBEARER and XOAUTH2 where `authenticate` judges
 * tokens; EXTERNAL where it judges certificates; SCRAM where there is `scramKeys`; CRAM-MD5 where there is
 * `sharedSecret`. What throws or rejects here is answered 454 4.7.0, and nobody is let in.
 */
export interface SubmissionHandler extends SessionHandler {
  /**
   * Judges what a mechanism brought, by its `kind`; refuses a kind that it does not know. Every exchange ends here: a
   * `proof` is a password that was proved by SCRAM or CRAM-MD5, with whom the client wants to act as still to be judged.
   * That name is prepared by SASLprep (RFC 4954 §4), unless it is an `authenticationId`, which PLAIN gives as it came.
   * The certificate itself is `SessionView.tls`'s. The session knows the account afterwards (`SessionView.account`).
   */
  authenticate(credentials: ServerCredentials): Authentication | Promise<Authentication>
  /** The stored keys of a user, the name prepared by SASLprep; `undefined`: there is no such user, or none for this. */
  scramKeys?(username: string, mechanism: ScramName): ScramKeys | undefined | Promise<ScramKeys | undefined>
  /** The password of a user in the clear; `undefined`: there is no such user, or it is not known. */
  sharedSecret?(username: string): string | undefined | Promise<string | undefined>
}

/** What became of an authentication. */
export type Authentication =
  | { readonly kind: 'accepted'; readonly account: string }
  | {
      readonly kind: 'refused'
      /** A reply of one's own: 4yz for a passing fault, 5yz for a refusal. Default 535 5.7.8. */
      readonly reply?: Reply
      /** What was wrong with a token, for the client (RFC 7628 §3.2.2). */
      readonly token?: TokenRefusal
    }

/** How the client introduced itself. */
export interface Hello {
  /** `LHLO` in LMTP and there alone (RFC 2033 §4.1); with HELO no extension was offered (RFC 5321 §4.1.1.1). */
  readonly verb: 'EHLO' | 'HELO' | 'LHLO'
  /** As given: a domain, an address literal, or whatever else the client said. */
  readonly name: string
}

/** MAIL and its parameters. */
export interface MailRequest {
  /** `null` for `<>`; a source route is left out (RFC 5321 §4.1.2), and only with `smtputf8` can it hold UTF-8. */
  readonly reversePath: ReversePath
  /** SIZE= in bytes (RFC 1870 §6); the session has already refused what is over its limit. */
  readonly size?: number
  /** BODY= (RFC 6152 §2, RFC 3030 §3); absent: not given, which means `7bit`. */
  readonly body?: BodyType
  /** SMTPUTF8 (RFC 6531 §3.4): addresses and header section may hold UTF-8; absent: it was not given. */
  readonly smtputf8?: boolean
  /** RET= (RFC 3461 §4.3): how much a report of failure returns; absent leaves the choice to who reports. */
  readonly ret?: 'full' | 'hdrs'
  /** ENVID=, decoded (RFC 3461 §4.4). */
  readonly envid?: string
  /**
   * AUTH=, decoded (RFC 4954 §5): who first submitted the message. `null` for `<>`, and whatever was said where the
   * client has neither authenticated nor is `trusted` and speaks for itself. Absent: the parameter was not given.
   */
  readonly submitter?: string | null
  /** BY= (RFC 2852 §4). */
  readonly deliverBy?: DeliverByRequest
  /** HOLDFOR= or HOLDUNTIL= (RFC 4865 §3). */
  readonly hold?: HoldRequest
  /**
   * MT-PRIORITY=, -9 to 9 (RFC 6710 §4.1). One above 0 is 0 where the client has neither authenticated nor is `trusted`
   * and speaks for itself: nobody else may raise a priority, and the session then answers an accepted MAIL 250 2.3.6. A
   * handler that lowers or raises it says so with that status, too, and the new priority before its text.
   */
  readonly mtPriority?: number
  /** REQUIRETLS (RFC 8689 §2): the message may only travel over verified TLS. */
  readonly requireTls?: true
  /** SOLICIT= (RFC 3865 §2.3): the classes of solicitation that the message says it belongs to; none that was announced. */
  readonly solicitations?: readonly string[]
  /** What extensions of one's own read, by name in upper case; `undefined` for a parameter without value. */
  readonly parameters?: ReadonlyMap<string, string | undefined>
}

/** BY= of MAIL (RFC 2852 §4). */
export interface DeliverByRequest {
  /** From now, -999,999,999 to 999,999,999; above 0 where the mode is `return`. */
  readonly seconds: number
  /** What becomes of the message then: it goes back, or its sender is told that it is late. */
  readonly mode: 'return' | 'notify'
  /** Each relay on the way tells the sender. */
  readonly trace: boolean
}

/** HOLDFOR= in seconds, 1 to 999,999,999, or HOLDUNTIL= in milliseconds since the epoch (RFC 4865 §3). */
export type HoldRequest = { readonly forSeconds: number } | { readonly until: number }

/** RCPT and its parameters. */
export interface RcptRequest {
  /** A source route is left out (RFC 5321 §4.1.2); UTF-8 only where MAIL had SMTPUTF8. */
  readonly forwardPath: ForwardPath
  /** NOTIFY= (RFC 3461 §4.1): one at least, each once; absent: not given, which means failure and perhaps delay. */
  readonly notify?: readonly Notify[]
  /** ORCPT= (RFC 3461 §4.2), decoded; UTF-8 that came as `rfc822` has the type `utf-8` (RFC 6533 §3). Absent: not given. */
  readonly orcpt?: OriginalRecipient
  /** RRVS= (RFC 7293 §3.1): since when the mailbox must have had the same owner. */
  readonly validSince?: ValidSince
  /** What extensions of one's own read, by name in upper case; `undefined` for a parameter without value. */
  readonly parameters?: ReadonlyMap<string, string | undefined>
}

/**
 * Takes the content of one message: dot-stuffing removed, line ends CRLF, the final dot not included. What comes by BDAT
 * may end without CRLF, and is any octets where BODY=BINARYMIME was said (RFC 3030 §3).
 */
export interface ContentSink {
  /** `bytes` are valid until this returns, or until the promise it gives resolves. A promise holds the client back. */
  write(bytes: Uint8Array): void | Promise<void>
  /**
   * All content has come. A 250 promises that the message is durable (RFC 5321 §6.1). In LMTP a list has one
   * reply for each accepted recipient, in order (RFC 2033 §4.2); a single reply stands for all of them.
   */
  end(): Reply | readonly Reply[] | Promise<Reply | readonly Reply[]>
  /** No more will come and nothing was accepted: the session refused the content, or ended. */
  abort(): void
}

/** What is known of a session; the same object for its whole life, its fields moving on. */
export interface SessionView {
  /** Unique within the process, short, printable. */
  readonly sessionId: string
  /** That of the server; one and the same in all its sessions. */
  readonly protocol: Protocol
  /** Our name in this session. */
  readonly hostname: string
  /** The client's IP address in its canonical text; for a unix socket or a pipe `''`. */
  readonly remoteAddress: string
  /** The client's, 0 where it has none; behind a trusted proxy what that said, once it has. */
  readonly remotePort: number
  /** The one that the client called, 0 where there is none; behind a trusted proxy likewise. */
  readonly localPort: number
  /** `undefined` before a handshake. */
  readonly tls: TlsView | undefined
  /** `undefined` before EHLO, HELO or LHLO, and again after STARTTLS and XCLIENT. */
  readonly hello: Hello | undefined
  /** Who authenticated; `undefined` for nobody. */
  readonly account: string | undefined
  /**
   * What XFORWARD said of the client before a trusted one, for the next transaction: attributes in upper case, decoded,
   * without those that it did not know. Absent or `undefined`: nothing was said.
   */
  readonly forwarded?: ReadonlyMap<string, string> | undefined
  /** The address came from a trusted proxy (PROXY protocol, XCLIENT), not from the connection; absent: no. */
  readonly proxied?: boolean
}

/** What a server speaks. `submission` is SMTP that wants AUTH and says so in traces. */
export type Protocol = 'smtp' | 'submission' | 'lmtp'

/** What TLS gave. */
export interface TlsView {
  /** `TLSv1.3`. */
  readonly version: string
  /** IANA name of the cipher suite. */
  readonly cipher: string
  /** The host that the client asked for (SNI, RFC 6066); absent: it named none. */
  readonly serverName?: string
  /** What the client showed; absent: nothing, or it was not asked. */
  readonly clientCertificate?: ClientCertificate
  /** `false`: an authentication cannot be bound to the channel, and no `-PLUS` mechanism is offered; absent: it can be. */
  readonly bindable?: boolean
}

/** A certificate that a client showed in the handshake. */
export interface ClientCertificate {
  /** Its distinguished name, as text. */
  readonly subject: string
  /** Its chain leads to a certificate that we trust. */
  readonly verified: boolean
  /** SHA-256 of it, as colon-separated hexadecimal octets in upper case. */
  readonly fingerprint256: string
  /** `DNS:client.example.org, ...`; absent where it has none. */
  readonly subjectAltName?: string
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
