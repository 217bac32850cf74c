/**
 * SMTP (RFC 5321) and LMTP (RFC 2033) as both roles see them on the wire, without I/O. Give a session bytes, take
 * events, answer, write what it gives you.
 *
 * @packageDocumentation
 */

// What a receiver decides
export { withProtocol } from './handler.ts'
export type {
  Answer,
  Authentication,
  ContentSink,
  Hello,
  MailRequest,
  Protocol,
  RcptRequest,
  SessionHandler,
  SessionView,
  SubmissionHandler,
  TlsView,
} from './handler.ts'

// The server role
export { ServerSession } from './server-session.ts'
export type { ServerSessionOptions } from './server-session-options.ts'
export { isQuestion } from './server-event.ts'
export type { NoticeEvent, QuestionEvent, ServerEvent } from './server-event.ts'
export { DEFAULT_SESSION_LIMITS } from './session-limits.ts'
export type { SessionLimits } from './session-limits.ts'
export { EXTENSIONS } from './extensions.ts'
export type { Extension, ExtensionContext, ParameterReader, ParameterRefusal, ParameterResult } from './extension.ts'

// The order of commands, as data
export { COMMAND_ORDER } from './command-order.ts'
export type { CommandState, SessionState, Verb } from './command-order.ts'

// Our own mistakes
export { LocalProtocolError } from './errors.ts'
export type { SmtpErrorCode } from './errors.ts'

// The client role
export { ClientSession } from './client-session.ts'
export type { ClientSessionOptions } from './client-session-options.ts'
export type { ClientCloseCause, ClientEvent } from './client-event.ts'
export type { TransactionRequest } from './client-transaction.ts'
export { refusalOfReply } from './client-outcome.ts'
export type { ClientPhase } from './client-outcome.ts'
export type { PeerExtensions } from './client-extensions.ts'
export { CLIENT_DEADLINES } from './client-deadlines.ts'
export type { ClientDeadlines } from './client-deadlines.ts'
export { BareNewlineScan } from './client-content.ts'
export { ReplyReader } from './reply-reader.ts'
export type { ReplyFault, ReplyReaderOptions } from './reply-reader.ts'
export { ClientSessionError } from './client-fault.ts'
export type { ClientFaultCode } from './client-fault.ts'
