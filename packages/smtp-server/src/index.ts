/**
 * Runs SMTP, submission and LMTP server sessions over sockets or any duplex stream.
 *
 * @packageDocumentation
 */

export {}
