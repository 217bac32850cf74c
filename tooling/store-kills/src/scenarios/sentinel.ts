/**
 * A master is killed and its replica promoted by Sentinel. The replica is stopped for a while before, so that it lacks
 * something at that moment.
 *
 * With `replicas.acknowledge = 1` nothing acknowledged may be missing. Without it, what is lost is counted: that is the
 * price, and it is shown. In both, a lease and a plain `done` that the replica had not heard of are undone.
 */

import { ask, startRedis, startRedisSentinels } from '@postroad/tooling-redis'
import { systemClock } from '@postroad/runtime/system'
import { audit } from '../audit.ts'
import { Crew } from '../crew.ts'
import { Ledger } from '../ledger.ts'
import { Dice } from '../member.ts'
import { LEASE_MS, PATIENCE_MS, type RunOptions, type Scenario } from '../scenario.ts'
import { moment } from '../storm.ts'
import { nothing, type Tally } from '../tally.ts'
import type { Target } from '../target.ts'

/** Promotes replicas. */
export const sentinel: Scenario = {
  name: 'sentinel',
  sentence: 'the master is killed and its replica promoted by Sentinel: with one replica waited for, and with none',
  rounds: 2,
  run: async (options) => [await runSentinel(1, options), await runSentinel(0, options)],
}

/** How long the replica stands still before the master is killed, in milliseconds. */
const STOPPED_MS = 150

/**
 * Runs fail-overs, each on servers of its own.
 *
 * @param acknowledge Replicas that are waited for.
 */
export async function runSentinel(acknowledge: 0 | 1, { rounds, seed, onRound }: RunOptions): Promise<Tally> {
  const dice = new Dice(seed)
  const scenario = acknowledge === 0 ? 'sentinel, no replica waited for' : `sentinel, ${acknowledge} replica waited for`
  let tally: Tally = { ...nothing(scenario, seed), rounds, lossIsCounted: acknowledge === 0 }
  for (let round = 0; round < rounds; round += 1) {
    tally = add(tally, await failOver(acknowledge, dice))
    onRound?.(round)
  }
  return tally
}

async function failOver(acknowledge: 0 | 1, dice: Dice): Promise<Omit<Tally, 'scenario' | 'seed' | 'rounds'>> {
  await using cleanup = new AsyncDisposableStack()
  const servers = await startRedisSentinels()
  cleanup.defer(() => servers.stop())
  const target: Target = {
    kind: 'redis',
    url: servers.url,
    prefix: 'kills',
    ...(acknowledge === 0 ? {} : { acknowledge }),
  }
  const ledger = new Ledger()
  const crew = await Crew.open(ledger)
  cleanup.use(crew)
  const start = (role: 'producer' | 'worker') =>
    crew.start({ role, plan: { target, seed: dice.below(2 ** 31), leaseMs: LEASE_MS, loops: 3 } })
  const cast = [start('producer'), start('producer'), start('worker')]
  await Promise.all(cast.map((member) => member.ready))
  await moment(crew, dice)
  const [replica] = servers.replicas
  if (replica === undefined) throw new Error('there is no replica')
  process.kill(replica.pid, 'SIGSTOP')
  // What the master sent already lies in the kernel, and the replica would read it: from here on it hears nothing.
  await ask(servers.master.port, 'CLIENT', 'KILL', 'TYPE', 'replica')
  await systemClock.sleep(STOPPED_MS)
  await servers.master.kill('SIGKILL')
  process.kill(replica.pid, 'SIGCONT')
  const master = await servers.promoted()
  // The new master gets a replica too, and the work goes on.
  const next = await startRedis({
    extraArgs: ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'],
  })
  cleanup.defer(() => next.stop())
  const before = ledger.acknowledged
  await until(() => ledger.acknowledged > before)
  const goesOn = ledger.acknowledged > before
  await crew.kill(...cast)
  const lookedAt: Target = { kind: 'redis', url: master.url, prefix: 'kills' }
  const rules = { lazyMayBeCut: true, lossIsCounted: acknowledge === 0 }
  const found = await audit({ ledger, target: lookedAt, rules, patienceMs: PATIENCE_MS })
  const faults = goesOn ? found.faults : [...found.faults, 'nothing was acknowledged after the fail-over']
  return { kills: 1 + cast.length, ...found, faults, notes: [] }
}

/** How long the store may take to find the new master. */
const FOUND_WITHIN_MS = 15_000

async function until(isSo: () => boolean): Promise<void> {
  const deadline = systemClock.monotonic() + FOUND_WITHIN_MS
  while (!isSo() && systemClock.monotonic() < deadline) await systemClock.sleep(20)
}

function add(tally: Tally, one: Omit<Tally, 'scenario' | 'seed' | 'rounds'>): Tally {
  const duplicates = { ...tally.duplicates }
  for (const [cause, count] of Object.entries(one.duplicates)) duplicates[cause as keyof typeof duplicates] += count
  return {
    ...tally,
    kills: tally.kills + one.kills,
    acknowledged: tally.acknowledged + one.acknowledged,
    unanswered: tally.unanswered + one.unanswered,
    lost: tally.lost + one.lost,
    duplicates,
    stuck: tally.stuck + one.stuck,
    poisoned: tally.poisoned + one.poisoned,
    orphans: tally.orphans + one.orphans,
    faults: [...tally.faults, ...one.faults],
  }
}
