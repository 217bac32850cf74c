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

// Random operations against a model; needs fast-check
export { checkStoreModel, describeStoreModel } from './model.ts'
export type { ModelOptions } from './model.ts'

// Turns of groups under a crowd
export { describeFairness } from './fairness.ts'
export type { FairnessOptions } from './fairness.ts'

// Limits over several processes, for stores that processes share
export { describeProcesses } from './process-suite.ts'
export type { ProcessHarness, WorkerProcess } from './process-suite.ts'
export { runStoreWorker } from './process-worker.ts'
export type { WorkerChannel } from './process-worker.ts'

// What an implementation gives them
export { contractCodec, UNREADABLE_JOB } from './harness.ts'
export type { Gap, OpenOptions, StoreHarness } from './harness.ts'
