/**
 * Short runs of every scenario. The table's line of each is printed; `POSTROAD_KILL_SEED` begins one again, longer ones
 * are made by hand with `run.ts`. What the machine does not permit (tracing, an unpacked library) is skipped with the reason.
 */

import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { slow } from '@postroad/tooling-vitest/slow'
import { whyNoFakeClock } from '../src/faketime.ts'
import type { Scenario } from '../src/scenario.ts'
import { runClock } from '../src/scenarios/clock.ts'
import { redis, redisServer } from '../src/scenarios/redis.ts'
import { sentinel } from '../src/scenarios/sentinel.ts'
import { sqlite } from '../src/scenarios/sqlite.ts'
import { sqliteCommit } from '../src/scenarios/sqlite-commit.ts'
import { tornLog } from '../src/scenarios/torn-log.ts'
import { traceRedis, traceSqlite } from '../src/scenarios/sync.ts'
import { whyNoTrace } from '../src/strace.ts'
import { formatTally, isClean, type Tally } from '../src/tally.ts'

const SEED = Number(process.env['POSTROAD_KILL_SEED'] ?? randomInt(2 ** 31))
const TIMEOUT_MS = 300_000

const noTrace = await whyNoTrace()
const noFakeClock = await whyNoFakeClock()

interface Case {
  readonly scenario: Scenario
  /** With `CI` set, and else. */
  readonly rounds: readonly [number, number]
  readonly unable?: string | undefined
}

const CASES: readonly Case[] = [
  { scenario: sqlite, rounds: [40, 12] },
  { scenario: sqliteCommit, rounds: [8, 3], unable: noTrace },
  { scenario: tornLog, rounds: [4, 1] },
  { scenario: redis, rounds: [40, 12] },
  { scenario: redisServer, rounds: [25, 8] },
  { scenario: sentinel, rounds: [1, 1] },
]

function check(tally: Tally): void {
  console.log([formatTally(tally), ...tally.notes].join('\n'))
  expect(tally.faults).toEqual([])
  expect(isClean(tally)).toBe(true)
  expect(tally.acknowledged).toBeGreaterThan(0)
}

describe.each(CASES)('$scenario.name: $scenario.sentence', ({ scenario, rounds, unable }) => {
  const name = 'loses nothing that was acknowledged'
  const count = rounds[slow ? 0 : 1]
  it.skipIf(unable !== undefined)(unable ? `${name} (${unable})` : name, { timeout: TIMEOUT_MS }, async () => {
    for (const tally of await scenario.run({ rounds: count, seed: SEED })) check(tally)
  })
})

describe('clock: the wall clock stepped while processes run', () => {
  const why = noFakeClock === undefined ? '' : ` (${noFakeClock})`
  const options = { rounds: 1, seed: SEED }

  it.skipIf(why !== '')(`Redis leases nothing early, and nothing waits${why}`, { timeout: TIMEOUT_MS }, async () => {
    const tally = await runClock({ store: 'redis', who: 'worker', stepSeconds: 3_600 }, options)
    check(tally)
    expect(tally.duplicates.clock).toBe(0)
  })

  it.skipIf(why !== '').each([3_600, -3_600])(
    `SQLite loses nothing, and only what is leased waits, no longer than a step of %i s${why}`,
    { timeout: TIMEOUT_MS },
    async (stepSeconds) => check(await runClock({ store: 'sqlite', who: 'all', stepSeconds }, options)),
  )
})

describe('sync: the sync call returns before anybody hears "durable"', () => {
  const why = noTrace === undefined ? '' : ` (${noTrace})`
  const durable = ['enqueue', 'enqueue-large', 'retry', 'hold', 'spawn', 'spawn-large']

  it.skipIf(why !== '')(`in SQLite${why}`, { timeout: TIMEOUT_MS }, async () => {
    const { reports, faults } = await traceSqlite()
    expect(faults).toEqual([])
    for (const op of durable) {
      const seen = reports.filter((report) => report.op.replace(/-\d$/, '') === op)
      expect(seen.length, op).toBeGreaterThan(0)
      for (const { syncs, faults } of seen) {
        expect(faults, op).toEqual([])
        expect(syncs.at(-1), op).toBe('log')
        // Large content: its file and its folder before the log.
        if (op.endsWith('-large')) expect(syncs, op).toEqual(expect.arrayContaining(['file', 'folder']))
      }
    }
    // A plain `done` promises less, and a trace in which it were synced would not tell the two apart.
    expect(reports.some(({ op, faults }) => op === 'done' && faults.length > 0)).toBe(true)
  })

  it.skipIf(why !== '')(`in Redis${why}`, { timeout: TIMEOUT_MS }, async () => {
    const { reports, acknowledged, faults } = await traceRedis()
    expect(faults).toEqual([])
    expect(acknowledged).toBeGreaterThan(0)
    for (const report of reports) expect(report.faults).toEqual([])
  })
})
