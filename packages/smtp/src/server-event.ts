/** What a client did, as a server session tells it, and what each event waits for. */

import type { Reply } from '@postroad/envelope'
import type { QueueStart } from './handler-add-ons.ts'
import type { Hello, MailRequest, RcptRequest } from './handler.ts'

/** What the client did, in the order it did it. */
export type ServerEvent = QuestionEvent | NoticeEvent

/** An event that waits for its answer; nothing further is read until it is given. */
export type QuestionEvent =
  /**
   * A client connected. Answer: a reply of one's own, or `undefined` for the usual greeting. Behind a 5yz only QUIT is
   * carried out (RFC 5321 §3.1); a 4yz ends the session.
   */
  | { readonly type: 'connect' }
  /** EHLO, HELO or LHLO. Answer: a refusal, or `undefined` for welcome. */
  | { readonly type: 'hello'; readonly hello: Hello }
  /** STARTTLS. Answer: `undefined` for 220, then `secured` after the handshake; or a refusal. */
  | { readonly type: 'starttls' }
  /**
   * AUTH. Answer: `challenge`; a 2yz reply (235): the client is authenticated; or a refusal.
   * `initialResponse` is absent where none was sent, and empty for `=`.
   */
  | { readonly type: 'auth'; readonly mechanism: string; readonly initialResponse?: Uint8Array }
  /** The response to the last challenge, decoded. Answered as `auth`. */
  | { readonly type: 'auth-response'; readonly response: Uint8Array }
  | { readonly type: 'mail'; readonly mail: MailRequest }
  | { readonly type: 'rcpt'; readonly rcpt: RcptRequest }
  /**
   * DATA; `chunked`: the first BDAT of the message. Answer: `undefined` to take the content; or a refusal, which for BDAT
   * is said behind the octets that it announced.
   */
  | { readonly type: 'data'; readonly chunked: boolean }
  /** All content was given. Answer: a reply; in LMTP a list, one for each accepted recipient. */
  | { readonly type: 'end-of-data' }
  /**
   * VRFY; `smtputf8`: the reply may hold UTF-8, else one that names a mailbox in it is said as 252 2.6.8 or 550 5.6.8
   * (RFC 6531 §3.7.4.2). Answer: a reply, or `undefined` for 252.
   */
  | { readonly type: 'vrfy'; readonly argument: string; readonly smtputf8: boolean }
  /** EXPN; `smtputf8` as for VRFY. Answer: a reply, or `undefined` for 502. */
  | { readonly type: 'expn'; readonly argument: string; readonly smtputf8: boolean }
  /** HELP; `argument` is empty where none was given. Answer: a reply, or `undefined` for the usual 214. */
  | { readonly type: 'help'; readonly argument: string }
  /** ETRN (RFC 1985 §5). Answer: a reply, 250 to 253 where the queue was started. */
  | ({ readonly type: 'etrn' } & QueueStart)
  /**
   * ATRN of an authenticated client (RFC 2645 §5.2.1); no domains: all that are the client's. Answer: 250, after which
   * the state is `turned` and the stream the client role's; or a refusal.
   */
  | { readonly type: 'atrn'; readonly domains: readonly string[] }
  /**
   * XCLIENT of a trusted client: who it speaks for, attributes in upper case and decoded, `undefined` where it does not
   * know. Answer: `undefined` for accepted: the greeting is said again, and the session stands as just greeted, with
   * LOGIN authenticated; or a refusal.
   */
  | { readonly type: 'xclient'; readonly attributes: ReadonlyMap<string, string | undefined> }
  /**
   * XFORWARD of a trusted client: whose the next transaction is. Answer: `undefined` for 250, after which `forwarded` of
   * the session has it; or a refusal.
   */
  | { readonly type: 'xforward'; readonly attributes: ReadonlyMap<string, string | undefined> }
  /** A command that was agreed on (`commands` of the options), its word in upper case. Answer: a reply. */
  | { readonly type: 'command'; readonly word: string; readonly argument: string }

/** An event that waits for nothing: the session has done itself what had to be done. */
export type NoticeEvent =
  /**
   * Content, without dot-stuffing, line ends CRLF; by BDAT it may end without, and is any octets where BODY=BINARYMIME
   * was said. Valid until `next` or `receive` is called: then it counts as taken, and the 250 to its chunk is said.
   */
  | { readonly type: 'content'; readonly bytes: Uint8Array }
  /** The content cannot be accepted; no more is given, and `reply` follows once its end came. Its sink is to be aborted. */
  | { readonly type: 'content-refused'; readonly reply: Reply }
  /**
   * The authentication ended without a judgement: cancelled, not decodable, or something stood behind a response. The
   * exchange is to be forgotten.
   */
  | { readonly type: 'auth-cancel'; readonly reply: Reply }
  /** The transaction was ended by RSET or a new hello, or by a BDAT LAST that was refused. Its sink is to be aborted. */
  | { readonly type: 'reset' }
  /**
   * The session refused a line itself, or said another reply in the place of its answer (`line` is empty then): 503, because
   * something stood behind the command; 421, because a limit is reached. Credentials are left out of `line`, control
   * characters escaped.
   */
  | { readonly type: 'refused'; readonly line: string; readonly reply: Reply }
  /**
   * Write what `takeOutput` gives before `next` is called again: much waits, and memory would grow with what a client
   * pipelines; or the reply to a mistake waits for `delayMs`.
   */
  | { readonly type: 'flush' }
  | { readonly type: 'quit' }

const QUESTIONS: ReadonlySet<string> = new Set<QuestionEvent['type']>([
  ...(['connect', 'hello', 'starttls', 'auth', 'auth-response', 'mail', 'rcpt', 'data', 'end-of-data'] as const),
  ...(['vrfy', 'expn', 'help', 'etrn', 'atrn', 'xclient', 'xforward', 'command'] as const),
])

/** Whether the event waits for an answer. */
export function isQuestion(event: ServerEvent): event is QuestionEvent {
  return QUESTIONS.has(event.type)
}
