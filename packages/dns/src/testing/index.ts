/**
 * The contract suite of `Resolver`: what every implementation must do.
 *
 * @packageDocumentation
 */

export { describeResolverContract } from './resolver-contract.ts'
export type { OpenedResolver, ResolverHarness } from './resolver-contract.ts'
