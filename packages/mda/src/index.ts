/**
 * The Mail Delivery Agent: takes LMTP and writes into mailboxes.
 *
 * @packageDocumentation
 */

export {}
