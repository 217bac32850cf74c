/** Kill runs over the store alone: processes and servers killed at random moments, and a ledger of what they promised. */

export { scenarios } from './scenarios.ts'
export type { RunOptions, Scenario } from './scenario.ts'
export { formatHead, formatTally, isClean } from './tally.ts'
export type { Tally } from './tally.ts'
