/**
 * Mailboxes in the Maildir format: one folder per account, one file per message.
 *
 * @packageDocumentation
 */

export { openMaildirStore } from './maildir-store.ts'
export type { MaildirLayout, MaildirOptions, MaildirStore } from './maildir-store.ts'
export { accountFolder } from './account-folder.ts'
