/**
 * Port: put one message into one mailbox.
 *
 * @packageDocumentation
 */

export { MailstoreUnavailableError } from './mailstore.ts'
export type { MailboxDelivery, MailboxRefusal, Mailstore, MailboxWriter, StoredMessage } from './mailstore.ts'
