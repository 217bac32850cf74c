/** The full cycle: a message from its arrival to its settlement. */

import type { Benchmark } from '../benchmark.ts'
import { bullmqContestant, storeContestant, STORES } from './store/contestants.ts'
import { crowd } from './store/crowd.ts'

/**
 * One operation is a message of 10 KiB staged, enqueued, leased, read and settled; a job of 10 KiB added, processed and
 * completed. `cycle`: each caller does one message after the other, so as many are in the system as there are callers.
 * `flow`: so many producers, and so many workers, the producers ahead by up to 1,000
 * messages; it ends when the last one is done.
 */
export const storeCycle: Benchmark = {
  name: 'store-cycle',
  about:
    'Stage 10 KiB, enqueue, lease, read, settle: the stores, and BullMQ on the same Redis; over 1,000 deferred entries.',
  scenes: ({ quick }) => [
    {
      name: '1,000 entries',
      roundMs: quick ? 300 : 2_000,
      contestants: [
        ...Object.entries(STORES).map(([name, setup]) =>
          storeContestant(name, { ...setup, backlog: 1_000, deferred: true }),
        ),
        bullmqContestant('BullMQ always', 'always'),
        bullmqContestant('BullMQ everysec', 'everysec'),
      ],
      cases: ['cycle', 'flow'].flatMap((kind) =>
        [1, 10, 100].map((callers) => ({
          name: `${kind}, ${crowd(callers)}`,
          reference: 'BullMQ always',
          work: { kind, callers },
        })),
      ),
    },
  ],
}
