/**
 * Writes and reads delivery status notifications (RFC 3464).
 *
 * @packageDocumentation
 */

export {}
