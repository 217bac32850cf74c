/**
 * The Mail Delivery Agent: takes LMTP (RFC 2033) and writes into mailboxes; or does the same straight from the relay.
 *
 * @packageDocumentation
 */

// LMTP
export { createMda } from './mda.ts'
export type { MdaOptions } from './mda.ts'

// Without a socket
export { createLocalDelivery } from './local-delivery.ts'
export type { LocalDestination } from './local-delivery.ts'
export type { MailboxDeliveryOptions } from './mailbox-delivery.ts'

// What it reports
export type { MdaEvent, MdaObserver } from './observer.ts'
