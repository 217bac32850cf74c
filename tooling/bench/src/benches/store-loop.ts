/** Whether a process that uses a store stays responsive. */

import type { Benchmark } from '../benchmark.ts'
import { storeContestant, STORES } from './store/contestants.ts'
import { crowd } from './store/crowd.ts'

/**
 * Figures (medians over the rounds, of the `Max` ones the highest): `waitP50Ms`, `waitP99Ms`, `waitMaxMs` of the event loop's delay (`monitorEventLoopDelay`,
 * 1 ms, its own millisecond included), `tickMaxMs` the longest gap between two ticks of an interval of 1 ms, `gcMaxMs` the
 * longest pause for garbage. The memory store is not here: what never leaves the turn has no event loop to measure.
 */
export const storeLoop: Benchmark = {
  name: 'store-loop',
  about: 'The longest wait of the event loop with 100 callers at full load, while an interval of 1 ms ticks.',
  scenes: ({ quick }) => {
    const backlog = quick ? 1_000 : 100_000
    const contestants = Object.entries(STORES).filter(([name]) => name !== 'memory')
    return [
      {
        name: `over ${backlog.toLocaleString('en-US')} deferred entries`,
        roundMs: quick ? 500 : 5_000,
        contestants: contestants.map(([name, setup]) => storeContestant(name, { ...setup, backlog, deferred: true })),
        cases: ['enqueue', 'cycle', 'flow'].map((kind) => ({
          name: `${kind}, ${crowd(100)}`,
          reference: 'SQLite',
          work: { kind, callers: 100, watch: true },
        })),
      },
    ]
  },
}
