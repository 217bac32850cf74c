/**
 * The contract suite of `Mailstore`: what every implementation must do.
 *
 * @packageDocumentation
 */

export { describeMailstoreContract } from './mailstore-contract.ts'
export type { MailstoreHarness, OpenedMailstore } from './mailstore-contract.ts'
