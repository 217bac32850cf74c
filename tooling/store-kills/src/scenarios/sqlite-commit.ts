/**
 * A SQLite process killed inside a commit: strace kills it as it enters its N-th write to a file, or its N-th sync. So it
 * dies between two frames of the log, or between the log and its sync.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@postroad/runtime/system'
import { audit } from '../audit.ts'
import { Crew, type Member, type Role } from '../crew.ts'
import { Ledger } from '../ledger.ts'
import { Dice } from '../member.ts'
import { LEASE_MS, PATIENCE_MS, type RunOptions, type Scenario } from '../scenario.ts'
import { findStrace, whyNoTrace } from '../strace.ts'
import type { Tally } from '../tally.ts'
import type { Target } from '../target.ts'

/** Kills inside commits. */
export const sqliteCommit: Scenario = {
  name: 'sqlite-commit',
  sentence:
    'a producer and a worker on one SQLite file, each killed as it enters its N-th write or its N-th sync (strace)',
  rounds: 20,
  unable: whyNoTrace,
  run: async (options) => [await runCommits(options)],
}

/** Where a process dies: before a write, or before the sync of what it wrote. */
const PLACES = { sync: 'fsync,fdatasync', write: 'pwrite64' } as const
/** Up to so many of them are let pass. */
const MOST_PASSED = { sync: 25, write: 120 }
/** Who has not come so far within this time, once its store is open, is killed where it stands. */
const LONGEST_MS = 3_000

async function runCommits({ rounds, seed, onRound }: RunOptions): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-kills-commit-'))
  try {
    const target: Target = { kind: 'sqlite', folder }
    const ledger = new Ledger()
    const dice = new Dice(seed)
    const { path, env } = await findStrace()
    await using crew = await Crew.open(ledger)
    let kills = 0
    let inside = 0

    /** Gives whether it died where it was to. */
    const live = async (role: Role): Promise<boolean> => {
      const place = dice.pick('sync' as const, 'write' as const)
      // A worker commits most of what it does lazily: it comes to few syncs.
      const passed = 1 + dice.below(place === 'sync' && role === 'worker' ? 15 : MOST_PASSED[place])
      const calls = PLACES[place]
      const under = [
        path,
        '-f',
        '-o',
        '/dev/null',
        '-e',
        `trace=${calls}`,
        '-e',
        `inject=${calls}:signal=KILL:when=${passed}`,
      ]
      const plan = { target, seed: dice.below(2 ** 31), leaseMs: LEASE_MS, loops: 3 }
      const member = crew.start({ role, plan, under, environment: env })
      // It may come so far before its store is open.
      await Promise.race([member.ready.catch(() => {}), member.gone])
      const late = new AbortController()
      const died = member.gone.then(() => late.abort())
      await Promise.race([died, systemClock.sleep(LONGEST_MS, late.signal)])
      return kill(crew, member)
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const wasInside of await Promise.all([live('producer'), live('worker')])) {
        kills += 1
        if (wasInside) inside += 1
      }
      onRound?.(round)
    }
    const found = await audit({ ledger, target, patienceMs: PATIENCE_MS })
    const notes = [`${inside} of ${kills} died entering the call; the others elsewhere`]
    return { scenario: 'sqlite-commit', seed, rounds, kills, ...found, notes }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function kill(crew: Crew, member: Member): Promise<boolean> {
  if (member.isGone) return true
  await crew.kill(member)
  return false
}
