/** Producers and workers on one Redis, killed at random moments; then Redis itself, started again on its folder. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StartedRedis, startRedis } from '@postroad/tooling-redis'
import { audit } from '../audit.ts'
import { Crew } from '../crew.ts'
import { Ledger } from '../ledger.ts'
import { LEASE_MS, PATIENCE_MS, type RunOptions, type Scenario } from '../scenario.ts'
import { killOne, runStorm, type Storm } from '../storm.ts'
import type { Tally } from '../tally.ts'
import type { Target } from '../target.ts'

/** Kills processes that share a Redis. */
export const redis: Scenario = {
  name: 'redis',
  sentence: 'two producers and two workers on one Redis; one is killed in each round, all at the end',
  rounds: 100,
  run: async (options) => [await runRedis('redis', options, killOne)],
}

/** Kills Redis itself. */
export const redisServer: Scenario = {
  name: 'redis-server',
  sentence:
    'Redis (appendfsync always) is killed in each round and started again on its folder; now and then a process too',
  rounds: 50,
  run: async (options) => [
    await runRedis('redis-server', options, async (storm, restart) => {
      await restart()
      return storm.dice.chance(0.2) ? 1 + (await killOne(storm)) : 1
    }),
  ],
}

async function runRedis(
  scenario: string,
  { rounds, seed, onRound }: RunOptions,
  hurt: (storm: Storm, restart: () => Promise<void>) => Promise<number>,
): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-kills-redis-'))
  let server: StartedRedis = await startRedis({ folder })
  const restart = async (): Promise<void> => {
    await server.kill('SIGKILL')
    server = await startRedis({ folder, port: server.port })
  }
  try {
    const target: Target = { kind: 'redis', url: server.url, prefix: 'kills' }
    const ledger = new Ledger()
    await using crew = await Crew.open(ledger)
    const kills = await runStorm({
      crew,
      rounds,
      seed,
      cast: { producer: 2, worker: 2 },
      starting: (role, seed) => ({ role, plan: { target, seed, leaseMs: LEASE_MS, loops: 3, retryMs: 50 } }),
      hurt: (storm) => hurt(storm, restart),
      ...(onRound && { onRound }),
    })
    const found = await audit({ ledger, target, patienceMs: PATIENCE_MS })
    const notes = [...ledger.refusals].map(([error, count]) => `refused ${count} times: ${error}`)
    return { scenario, seed, rounds, kills, ...found, notes }
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
