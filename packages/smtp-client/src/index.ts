/**
 * Runs SMTP and LMTP client sessions to a given host; the SMTP and LMTP delivery.
 *
 * @packageDocumentation
 */

// Delivery
export { createSmtpDelivery } from './smtp-delivery.ts'
export type { SmtpDeliveryOptions } from './smtp-delivery.ts'
export type { HostCredentials, HostDestination, TlsMode } from './host-destination.ts'
export type { PoolOptions } from './connection-pool.ts'

// Submission
export { sendMessage } from './send-message.ts'
export type { PhaseTiming, SendMessageOptions, SendMessageReport } from './send-message.ts'

// The network, time and trust
export { dialSocket } from './dial.ts'
export type { Dial, DialTarget } from './dial.ts'
export { CLIENT_TIMEOUTS } from './timeouts.ts'
export type { ClientTimeouts } from './timeouts.ts'
export type { TrustOptions } from './tls-upgrade.ts'

// What it reports
export type { ClientObserver, ClientReport, DialogueLine } from './observer.ts'

// Our own mistakes
export { SmtpClientError } from './errors.ts'
export type { SmtpClientErrorCode } from './errors.ts'
