/**
 * The relay: leases queued work, delivers it, retries and reports.
 *
 * @packageDocumentation
 */

// The relay
export { createRelay } from './relay.ts'
export type { Relay, RelayOptions } from './relay.ts'

// Its ways out
export type { TransportOptions } from './transport.ts'

// When it tries again
export { DEFAULT_SCHEDULE } from './schedule.ts'
export type { RetrySchedule } from './schedule.ts'

// What it reports
export type { RelayEvent, RelayObserver } from './observer.ts'
