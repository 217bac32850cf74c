/** What a client did, as a server session tells it, and what each event waits for. */

import type { Reply } from '@postroad/envelope'
import type { Hello, MailRequest, RcptRequest } from './handler.ts'

/** What the client did, in the order it did it. */
export type ServerEvent = QuestionEvent | NoticeEvent

/** An event that waits for its answer; nothing further is read until it is given. */
export type QuestionEvent =
  /** A client connected. Answer: a reply of one's own, or `undefined` for the usual greeting. */
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
  /** DATA. Answer: `undefined` for 354, or a refusal. */
  | { readonly type: 'data' }
  /** All content was given. Answer: a reply; in LMTP a list, one for each accepted recipient. */
  | { readonly type: 'end-of-data' }
  /** VRFY; `smtputf8`: the reply may hold UTF-8 (RFC 6531 §3.7.4.2). Answer: a reply, or `undefined` for 252. */
  | { readonly type: 'vrfy'; readonly argument: string; readonly smtputf8: boolean }

/** An event that waits for nothing: the session has done itself what had to be done. */
export type NoticeEvent =
  /** Content, without dot-stuffing, line ends CRLF. Valid until `next` or `receive` is called. */
  | { readonly type: 'content'; readonly bytes: Uint8Array }
  /** The content cannot be accepted; no more is given, and `reply` follows once its end came. Its sink is to be aborted. */
  | { readonly type: 'content-refused'; readonly reply: Reply }
  /**
   * The authentication ended without a judgement: cancelled, not decodable, or something stood behind a response. The
   * exchange is to be forgotten.
   */
  | { readonly type: 'auth-cancel'; readonly reply: Reply }
  /** The transaction was ended by RSET or a new hello. */
  | { readonly type: 'reset' }
  /**
   * The session refused a line itself, or said 503 in the place of an answer because something stood behind its command
   * (`line` is empty then). Credentials are left out of `line`, control characters escaped.
   */
  | { readonly type: 'refused'; readonly line: string; readonly reply: Reply }
  /** Much output waits: write it before `next` is called again, or memory grows with what a client pipelines. */
  | { readonly type: 'flush' }
  | { readonly type: 'quit' }

const QUESTIONS: ReadonlySet<string> = new Set<QuestionEvent['type']>([
  'connect',
  'hello',
  'starttls',
  'auth',
  'auth-response',
  'mail',
  'rcpt',
  'data',
  'end-of-data',
  'vrfy',
])

/** Whether the event waits for an answer. */
export function isQuestion(event: ServerEvent): event is QuestionEvent {
  return QUESTIONS.has(event.type)
}
