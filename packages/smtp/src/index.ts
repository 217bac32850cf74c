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
  ClientCertificate,
  ContentSink,
  DeliverByRequest,
  Hello,
  HoldRequest,
  MailRequest,
  Protocol,
  RcptRequest,
  SessionHandler,
  SessionView,
  SubmissionHandler,
  TlsView,
  UsualAnswer,
} from './handler.ts'
export type {
  CommandHandler,
  ExpandingHandler,
  ForwardingHandler,
  HelpingHandler,
  QueueStart,
  QueueStartingHandler,
  TurningHandler,
} from './handler-add-ons.ts'
export { envelopeOf, recipientOf } from './request-envelope.ts'

// The server role
export { ServerSession } from './server-session.ts'
export type { GivenAnswer } from './session-answer.ts'
export type { ServerSessionOptions } from './server-session-options.ts'
export { isQuestion } from './server-event.ts'
export type { NoticeEvent, QuestionEvent, ServerEvent } from './server-event.ts'
export { DEFAULT_SESSION_LIMITS } from './session-limits.ts'
export type { SessionLimits } from './session-limits.ts'

// Service extensions: those offered by default, and those that ask something of the handler
export { EXTENSIONS } from './extensions.ts'
export { binaryMime } from './extensions/body.ts'
export { expn } from './extensions/commands.ts'
export { deliverBy } from './extensions/deliver-by.ts'
export { futureRelease } from './extensions/future-release.ts'
export type { FutureReleaseOptions } from './extensions/future-release.ts'
export { mtPriority } from './extensions/mt-priority.ts'
export { noSoliciting } from './extensions/no-soliciting.ts'
export { xclient, xforward } from './extensions/proxy.ts'
export { rrvs } from './extensions/rrvs.ts'
export { requireTls } from './extensions/start-tls.ts'
export { atrn, etrn } from './extensions/turn.ts'
export type {
  Extension,
  ExtensionContext,
  ParameterReader,
  ParameterReaders,
  ParameterRefusal,
  ParameterResult,
} from './extension.ts'

// The order of commands, as data
export { COMMAND_ORDER } from './command-order.ts'
export type { CommandState, SessionState, Verb } from './command-order.ts'

// Our own mistakes
export { LocalProtocolError } from './errors.ts'
export type { SmtpErrorCode } from './errors.ts'

// The client role
export { ClientSession } from './client-session.ts'
export type { ClientSessionOptions } from './client-session-options.ts'
export type { ClientInquiries } from './client-inquiries.ts'
export type { ClientQuestion } from './client-question.ts'
export type { ClientCloseCause, ClientEvent } from './client-event.ts'
export { CHUNK_BYTES, FLIGHT_BYTES } from './client-request.ts'
export type { TransactionRequest } from './client-request.ts'
export { splitByLimits } from './client-limits.ts'
export { refusalOfReply } from './client-outcome.ts'
export type { ClientPhase } from './client-outcome.ts'
export type { FutureReleaseLimits, PeerExtensions, PeerLimits } from './client-extensions.ts'
export { CLIENT_DEADLINES } from './client-deadlines.ts'
export type { ClientDeadlines } from './client-deadlines.ts'
export { BareNewlineScan } from './client-content.ts'
export { ReplyReader } from './reply-reader.ts'
export type { ReplyFault, ReplyReaderOptions } from './reply-reader.ts'
export { ClientSessionError } from './client-fault.ts'
export type { ClientFaultCode } from './client-fault.ts'
