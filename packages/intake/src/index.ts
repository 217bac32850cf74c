/**
 * The one door into the store, for what comes from clients and other MTAs and for what is made here: trace, facts,
 * aliases, routes, staging, enqueueing.
 *
 * @packageDocumentation
 */

// The door
export { createIntake } from './intake.ts'
export type {
  AcceptedMessage,
  HeaderVerdict,
  IncomingMessage,
  Intake,
  IntakeOptions,
  IntakeRequest,
  PreparedMessage,
  Refusal,
} from './intake.ts'

// Recipients and their ways
export type { Resolution, ResolveQuery, RoutedRecipient } from './resolve.ts'

// For agents
export { Transaction } from './transaction.ts'
export type { AcceptedResolution, TransactionOptions } from './transaction.ts'
export type { TraceStamp } from './trace-stamp.ts'

// The work item
export { WorkItemError, workItemCodec } from './work-item.ts'
export type { WorkItem, WorkRecipient } from './work-item.ts'

// What it reports
export type { IntakeEvent, IntakeObserver } from './observer.ts'
