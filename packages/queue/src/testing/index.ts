/**
 * The contract suites of a store's ports. An implementation calls each once, in a vitest file of ten lines.
 *
 * @packageDocumentation
 */

// The suites
export { describeControlContract } from './control-contract.ts'
export { describeJournalContract } from './journal-contract.ts'
export { describeLimitsContract } from './limits-contract.ts'
export { describeQueueContract } from './queue-contract.ts'
export { describeSpoolContract } from './spool-contract.ts'
export { describeStoreContract } from './store-contract.ts'

// What an implementation gives them
export { contractCodec, UNREADABLE_JOB } from './harness.ts'
export type { Gap, OpenOptions, StoreHarness } from './harness.ts'
