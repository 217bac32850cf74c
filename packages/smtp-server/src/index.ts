/**
 * Runs SMTP, submission and LMTP server sessions over sockets or any duplex stream.
 *
 * @packageDocumentation
 */

// The server
export { createSmtpServer } from './server.ts'
export type { SmtpServer } from './server.ts'
export type {
  ListenAddress,
  ListensAtPath,
  ListensAtPort,
  ProxyProtocolOptions,
  SmtpServerOptions,
} from './server-options.ts'
export type { Peer } from './live-session.ts'

// What its handlers may be, and the content as they like it
export type { ServerHandler } from './server-handler.ts'
export { iterableContent } from './iterable-content.ts'
export type { ContentTaker } from './iterable-content.ts'

// TLS
export type { TlsCertificate, TlsCertificates, TlsOptions, TlsSettings } from './tls-contexts.ts'

// Limits
export { DEFAULT_SERVER_LIMITS } from './server-limits.ts'
export type { ServerLimits } from './server-limits.ts'

// What it reports
export type { CloseCause, ServerObservation, ServerObserver, TransactionReport } from './observer.ts'

// Our own mistakes
export { SmtpServerError } from './errors.ts'
export type { SmtpServerErrorCode } from './errors.ts'
