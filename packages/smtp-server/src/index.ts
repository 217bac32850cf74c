/**
 * Runs SMTP, submission and LMTP server sessions over sockets or any duplex stream.
 *
 * @packageDocumentation
 */

// The server
export { createSmtpServer } from './server.ts'
export type { ListenAddress, SmtpServer, SmtpServerOptions } from './server.ts'
export type { TlsOptions } from './secure-stream.ts'
export type { Peer } from './live-session.ts'

// Limits
export { DEFAULT_SERVER_LIMITS } from './server-limits.ts'
export type { ServerLimits } from './server-limits.ts'

// What it reports
export type { CloseCause, ServerObservation, ServerObserver, TransactionReport } from './observer.ts'

// Our own mistakes
export { SmtpServerError } from './errors.ts'
export type { SmtpServerErrorCode } from './errors.ts'
