/**
 * Runs SMTP and LMTP client sessions to a given host; the SMTP and LMTP delivery.
 *
 * @packageDocumentation
 */

export {}
