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
