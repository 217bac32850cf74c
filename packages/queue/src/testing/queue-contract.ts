/** The contract of `Queue`: every sentence of its doc comments as a test. */

import { describe } from 'vitest'
import type { StoreHarness } from './harness.ts'
import { describeClock } from './queue-clock.ts'
import { describeEnqueue } from './queue-enqueue.ts'
import { describeFeedback } from './queue-feedback.ts'
import { describeGroups } from './queue-groups.ts'
import { describeLease } from './queue-lease.ts'
import { describePoison } from './queue-poison.ts'
import { describeSettle } from './queue-settle.ts'
import { describeWaiting } from './queue-waiting.ts'

/** Registers the tests every `Queue` must pass. Call it once per implementation. */
export function describeQueueContract(name: string, harness: StoreHarness): void {
  describe(`${name} keeps the Queue contract`, () => {
    describeEnqueue(harness)
    describeLease(harness)
    describeGroups(harness)
    describeFeedback(harness)
    describeSettle(harness)
    describePoison(harness)
    describeWaiting(harness)
    describeClock(harness)
  })
}
