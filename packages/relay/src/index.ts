/**
 * Leases queued work, delivers it, retries and reports.
 *
 * @packageDocumentation
 */

export {}
