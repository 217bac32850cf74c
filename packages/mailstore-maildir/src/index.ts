/**
 * Mailboxes in the Maildir format.
 *
 * @packageDocumentation
 */

export {}
