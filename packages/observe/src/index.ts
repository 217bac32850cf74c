/**
 * Turns what packages report into log lines: one JSON line for each fact, written by pino.
 *
 * @packageDocumentation
 */

// The log
export { createLog } from './log.ts'
export type { Log, LogFields, LogOptions } from './log.ts'

// Observers
export { observeIntake, observeMda, observeRelay } from './mail-events.ts'
export { observeClient, observeServer } from './wire-events.ts'
export { observeStore } from './store-events.ts'
export type { StoreEvent } from './store-events.ts'
