/** How long a store with a million entries takes to open, and what a process over it weighs. */

import type { Benchmark, Contestant, Running, Work } from '../benchmark.ts'
import { type ContestantProcess, startContestant } from '../contestant-process.ts'
import type { Stage } from '../stage.ts'
import { STORE_PROCESS, STORES } from './store/contestants.ts'
import { crowd } from './store/crowd.ts'
import { ownRedis } from './store/own-redis.ts'

/** As the first line of the `postroad` command has it. */
const AS_STARTED = ['--max-semi-space-size=8']

/**
 * `open`: one operation is to open the store in a fresh process, modules already loaded, and to lease one entry; its
 * threads load their own modules from source, which is in the figure. `load`: a fresh process does full cycles with 100
 * callers; its memory is what is looked at. The file is in the page cache. A Redis is the server's affair, and not in
 * the process's memory: it runs beside, uncounted. Node gets the flag that `postroad` is started with: a small young
 * generation, which costs no speed here.
 */
export const storeOpen: Benchmark = {
  name: 'store-open',
  about: 'A fresh process opens a store of 1,000,000 entries and leases once; its memory then, and under full load.',
  scenes: ({ quick }) => {
    const backlog = quick ? 20_000 : 1_000_000
    const over = `over ${backlog.toLocaleString('en-US')}`
    return [
      {
        name: `store ${over}`,
        roundMs: quick ? 300 : 3_000,
        contestants: [freshContestant('SQLite', STORES.SQLite, backlog), redisContestant('Redis always', backlog)],
        cases: [
          { name: `open ${over}`, reference: 'SQLite', work: { kind: 'open' } },
          { name: `load ${over}, ${crowd(100)}`, reference: 'SQLite', work: { kind: 'cycle', callers: 100 } },
        ],
      },
    ]
  },
}

function freshContestant(name: string, setup: Work, backlog: number): Contestant {
  return { name, start: (stage) => startFresh(stage, { ...setup, folder: stage.folder }, backlog) }
}

function redisContestant(name: string, backlog: number): Contestant {
  return {
    name,
    start: async (stage) => {
      const redis = await ownRedis(stage.folder, 'always')
      stage.onClose(() => redis.stop())
      return startFresh(stage, { ...STORES['Redis always'], url: redis.url }, backlog)
    },
  }
}

/** Builds the backlog in one process, then gives each round another. */
async function startFresh(stage: Stage, setup: Work, backlog: number): Promise<Running> {
  const builder = await startContestant(stage, STORE_PROCESS, { ...setup, backlog }, { counted: false })
  await builder.end()
  let fresh: ContestantProcess | undefined
  const current = (): ContestantProcess => {
    if (fresh === undefined) throw new Error('There is no process.')
    return fresh
  }
  return {
    prepare: async (work, roundMs) => {
      fresh = await startContestant(stage, STORE_PROCESS, { ...setup, late: true }, { flags: AS_STARTED })
      await fresh.prepare(work, roundMs)
    },
    measure: (work, roundMs) => current().measure(work, roundMs),
    finish: async (work, roundMs) => {
      await current().finish(work, roundMs)
      await current().end()
    },
  }
}
