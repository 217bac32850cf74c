/**
 * The wall clock stepped under running processes.
 *
 * Redis reads its own clock: what its clients' clocks say changes nothing, not even who may lease what. SQLite reads the
 * clock of the process that asks: a step forward lets leases of others run out early, which makes duplicates; what a
 * process leased and did not settle may wait for others as long as the step, and no longer. What is due is leased at once
 * whatever clock enqueued it, and nothing is lost.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '@postroad/tooling-redis'
import { audit } from '../audit.ts'
import { Crew, type Role } from '../crew.ts'
import { createFakeClock, type FakeClock, whyNoFakeClock } from '../faketime.ts'
import { Ledger } from '../ledger.ts'
import { Dice } from '../member.ts'
import { LEASE_MS, PATIENCE_MS, type RunOptions, type Scenario } from '../scenario.ts'
import { moment } from '../storm.ts'
import type { Tally } from '../tally.ts'
import type { Target } from '../target.ts'

/** Steps clocks. */
export const clock: Scenario = {
  name: 'clock',
  sentence:
    'the wall clock of a producer, a worker or all of them stepped by +1 h, -1 h and +1 day while they run (faketime)',
  rounds: 1,
  unable: whyNoFakeClock,
  run: async (options) => {
    const tallies: Tally[] = []
    for (const one of CASES) tallies.push(await runClock(one, options))
    return tallies
  },
}

/** Whose clock is stepped. */
export interface ClockCase {
  readonly store: 'sqlite' | 'redis'
  readonly who: 'producer' | 'worker' | 'all'
  readonly stepSeconds: number
}

const STEPS = [3_600, -3_600, 86_400]

/** All cases. */
export const CASES: readonly ClockCase[] = (['sqlite', 'redis'] as const).flatMap((store) =>
  (['producer', 'worker', 'all'] as const).flatMap((who) => STEPS.map((stepSeconds) => ({ store, who, stepSeconds }))),
)

/** How long what is not due is waited for before the store's clock is set ahead. */
const SHORT_PATIENCE_MS = 2_000

/** Runs one case. */
export async function runClock(one: ClockCase, { rounds, seed, onRound }: RunOptions): Promise<Tally> {
  const parent = await mkdtemp(join(tmpdir(), 'postroad-kills-clock-'))
  const server = one.store === 'redis' ? await startRedis() : undefined
  try {
    const target: Target =
      server === undefined
        ? { kind: 'sqlite', folder: join(parent, 'store') }
        : { kind: 'redis', url: server.url, prefix: 'clock' }
    const dice = new Dice(seed)
    const ledger = new Ledger()
    let kills = 0
    {
      await using crew = await Crew.open(ledger)
      for (let round = 0; round < rounds; round += 1) {
        kills += await step(crew, one, target, dice, join(parent, `clock-${round}`))
        onRound?.(round)
      }
    }
    const isSqlite = one.store === 'sqlite'
    const found = await audit({
      ledger,
      target,
      rules: { clockStepped: isSqlite },
      patienceMs: isSqlite ? SHORT_PATIENCE_MS : PATIENCE_MS,
      ...(isSqlite && {
        // Where all were stepped, that is the time now.
        aheadMs: one.who === 'all' ? one.stepSeconds * 1_000 : 0,
        // Nothing may wait for longer than the step.
        laterMs: Math.abs(one.stepSeconds) * 1_000 + LEASE_MS,
      }),
    })
    const scenario = `clock-${one.store}: ${one.who} ${one.stepSeconds > 0 ? '+' : ''}${one.stepSeconds / 3_600} h`
    const notes =
      found.delayed === 0 ? [] : [`${found.delayed} entries that were leased waited for as long as the step, or less`]
    return { scenario, seed, rounds, kills, ...found, notes }
  } finally {
    await server?.stop()
    await rm(parent, { recursive: true, force: true })
  }
}

/** A round: all run with right clocks, some are stepped, all are killed. */
async function step(crew: Crew, one: ClockCase, target: Target, dice: Dice, file: string): Promise<number> {
  const fake = await createFakeClock(file)
  const start = (role: Role, clock: FakeClock | undefined) => {
    const plan = { target, seed: dice.below(2 ** 31), leaseMs: LEASE_MS, loops: 2 }
    return crew.start({ role, plan, ...(clock && { environment: clock.environment }) })
  }
  // One producer and one worker keep the right time, unless all are stepped.
  const right = one.who === 'all' ? fake : undefined
  const stepped = one.who === 'all' ? 'worker' : one.who
  const cast = [start('producer', right), start('worker', right), start(stepped, fake)]
  await Promise.all(cast.map((member) => member.ready))
  await moment(crew, dice)
  await fake.step(one.stepSeconds)
  await moment(crew, dice)
  await moment(crew, dice)
  await crew.kill(...cast)
  return cast.length
}
