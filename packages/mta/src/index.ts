/**
 * The border Mail Transfer Agent (RFC 5321): policy of accepting mail from others.
 *
 * @packageDocumentation
 */

export {}
