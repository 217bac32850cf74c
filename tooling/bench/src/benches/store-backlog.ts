/** Whether what a store does gets dearer with what lies in it. */

import type { Benchmark } from '../benchmark.ts'
import { storeContestant, STORES } from './store/contestants.ts'
import { crowd } from './store/crowd.ts'

const KINDS = ['enqueue', 'lease', 'settle', 'cycle', 'drain']

/**
 * The contestants of a case are one store over three lengths of backlog, so that what is compared is measured side by
 * side. The backlog is all due, in 1,000 groups, with content of 100 bytes; the working set (10 KiB) has a higher
 * priority. `drain` leases and settles the backlog's own entries.
 */
export const storeBacklog: Benchmark = {
  name: 'store-backlog',
  about:
    'Enqueue, lease, settle, the full cycle and drain over 1,000, 100,000 and 1,000,000 entries, each store with itself.',
  scenes: ({ quick }) => {
    const lengths = quick ? [1_000, 20_000] : [1_000, 100_000, 1_000_000]
    const crowds = quick ? [100] : [1, 10, 100]
    return Object.entries(STORES).map(([store, setup]) => {
      const nameOver = (length: number): string => `${store} over ${length.toLocaleString('en-US')}`
      return {
        name: store,
        roundMs: quick ? 200 : 500,
        contestants: lengths.map((backlog) => storeContestant(nameOver(backlog), { ...setup, backlog })),
        cases: KINDS.flatMap((kind) =>
          crowds.map((callers) => ({
            name: `${store}, ${kind}, ${crowd(callers)}`,
            reference: nameOver(1_000),
            work: { kind, callers },
          })),
        ),
      }
    })
  },
}
