/** Enqueue: what group commit is worth. */

import type { Benchmark } from '../benchmark.ts'
import { appendContestant, redisBenchmarkContestant, storeContestant, STORES } from './store/contestants.ts'
import { crowd } from './store/crowd.ts'

const RAW = 'raw appends, a write each'

/** One operation is a message of 10 KiB staged and enqueued: durable, but for memory and `everysec`. */
export const storeEnqueue: Benchmark = {
  name: 'store-enqueue',
  about:
    'Stage 10 KiB and enqueue it: the stores, SQLite with one commit per message, raw grouped appends, redis-benchmark SET.',
  scenes: ({ quick }) => [
    {
      name: 'empty store',
      roundMs: quick ? 300 : 2_000,
      contestants: [
        appendContestant(RAW, 'record'),
        appendContestant('raw appends, one write', 'group'),
        ...Object.entries(STORES).map(([name, setup]) => storeContestant(name, setup)),
        storeContestant('SQLite, a commit per message', { ...STORES.SQLite, serial: true }),
        redisBenchmarkContestant('SET always', 'always', 1),
        redisBenchmarkContestant('SET always, pipelining 16', 'always', 16),
        redisBenchmarkContestant('SET everysec', 'everysec', 1),
      ],
      cases: [1, 10, 100].map((callers) => ({
        name: `enqueue, ${crowd(callers)}`,
        reference: RAW,
        work: { kind: 'enqueue', callers },
      })),
    },
  ],
}
