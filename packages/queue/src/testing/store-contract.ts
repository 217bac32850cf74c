/** All contracts of a store at once. */

import { describeControlContract } from './control-contract.ts'
import type { StoreHarness } from './harness.ts'
import { describeJournalContract } from './journal-contract.ts'
import { describeLimitsContract } from './limits-contract.ts'
import { describeQueueContract } from './queue-contract.ts'
import { describeSpoolContract } from './spool-contract.ts'

/** Registers the tests of every port of a `Store`. */
export function describeStoreContract(name: string, harness: StoreHarness): void {
  describeQueueContract(name, harness)
  describeControlContract(name, harness)
  describeSpoolContract(name, harness)
  describeLimitsContract(name, harness)
  describeJournalContract(name, harness)
}
