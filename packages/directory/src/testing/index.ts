/**
 * The contract suite of `Directory`: what every implementation must do.
 *
 * @packageDocumentation
 */

export { describeDirectoryContract } from './directory-contract.ts'
export type { DirectoryHarness } from './directory-contract.ts'
export type { MemoryAccount, MemoryDirectoryOptions } from '../memory.ts'
