/**
 * Runs SMTP and LMTP client sessions to a given host; the SMTP and LMTP delivery.
 *
 * @packageDocumentation
 */

// Delivery
export { createSmtpDelivery } from './smtp-delivery.ts'
export type { SmtpDeliveryOptions } from './smtp-delivery.ts'
export type { ClientIdentity, HostCredentials, HostDestination, LocalAddress, TlsMode } from './host-destination.ts'
export type { ProxyEndpoint, ProxyHeader } from './proxy-header.ts'
export type { PoolOptions } from './connection-pool.ts'

// Submission
export { sendMessage } from './send-message.ts'
export type { PhaseTiming, SendMessageOptions, SendMessageReport } from './send-message.ts'

// A conversation
export { openSession } from './open-session.ts'
export type { OpenedSession, OpenSessionOptions } from './open-session.ts'
export type { ClientConversation, ConversationMessage, TurnAround } from './client-conversation.ts'

// The network, time and trust
export { createDial } from './dial.ts'
export type { Dial, DialOptions, DialTarget, Resolve } from './dial.ts'
export { CLIENT_TIMEOUTS } from './timeouts.ts'
export type { ClientTimeouts } from './timeouts.ts'
export type { TlsRecord, TrustOptions } from './tls-upgrade.ts'

// What it reports
export type { ClientObserver, ClientReport, DialogueLine } from './observer.ts'

// Our own mistakes
export { SmtpClientError } from './errors.ts'
export type { SmtpClientErrorCode } from './errors.ts'
