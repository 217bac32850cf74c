/** Producers and workers on one SQLite file, several processes at a time, killed at random moments. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { audit } from '../audit.ts'
import { Crew } from '../crew.ts'
import { Ledger } from '../ledger.ts'
import { LEASE_MS, PATIENCE_MS, type RunOptions, type Scenario } from '../scenario.ts'
import { runStorm } from '../storm.ts'
import type { Tally } from '../tally.ts'
import type { Target } from '../target.ts'

/** Kills processes that share a file. */
export const sqlite: Scenario = {
  name: 'sqlite',
  sentence: 'two producers and two workers on one SQLite file; one is killed in each round, all at the end',
  rounds: 100,
  run: async (options) => [await runSqlite(options)],
}

async function runSqlite({ rounds, seed, onRound }: RunOptions): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-kills-'))
  try {
    const target: Target = { kind: 'sqlite', folder }
    const ledger = new Ledger()
    await using crew = await Crew.open(ledger)
    const kills = await runStorm({
      crew,
      rounds,
      seed,
      cast: { producer: 2, worker: 2 },
      starting: (role, seed) => ({ role, plan: { target, seed, leaseMs: LEASE_MS, loops: 3, retryMs: 50 } }),
      ...(onRound && { onRound }),
    })
    const found = await audit({ ledger, target, patienceMs: PATIENCE_MS })
    const notes = [...ledger.refusals].map(([error, count]) => `refused ${count} times: ${error}`)
    return { scenario: 'sqlite', seed, rounds, kills, ...found, notes }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
