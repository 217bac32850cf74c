/**
 * Processes killed with SIGKILL in a stream of messages: nothing that was accepted is lost. The counts are printed.
 *
 * The seed of a run is printed too; `POSTROAD_KILL_SEED` repeats it, `POSTROAD_KILL_ROUNDS` makes it longer.
 */

import { randomInt, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { reply } from '@postroad/envelope'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { openRoad, openTestMta, runKills, type KillCounts, type RoadOptions, type RoadPart } from '../src/index.ts'

const REFUSED = 'nobody@example.net'
const SEED = Number(process.env['POSTROAD_KILL_SEED'] ?? randomInt(1_000_000))

interface Case {
  readonly name: string
  readonly shape: () => RoadOptions['shape']
  readonly victim: (round: number) => RoadPart
  readonly rounds: number
  readonly messagesPerRound: number
}

const PARTS: readonly RoadPart[] = ['msa', 'relay', 'mda', 'mta']

const CASES: readonly Case[] = [
  {
    name: 'one process over SQLite',
    shape: () => ({ kind: 'one' }),
    victim: () => 'postroad',
    rounds: 20,
    messagesPerRound: 200,
  },
  {
    name: 'four processes over Redis, each in turn',
    shape: () => ({ kind: 'four', redisUrl: redisUrl(), prefix: `kill-${randomUUID()}` }),
    victim: (round) => PARTS[round % PARTS.length] ?? 'msa',
    rounds: 8,
    messagesPerRound: 100,
  },
]

describe.each(CASES)('killing $name', ({ name, shape, victim, messagesPerRound, ...given }) => {
  const rounds = Number(process.env['POSTROAD_KILL_ROUNDS'] ?? given.rounds)

  it('loses nothing that was accepted', { timeout: 300_000 + rounds * 15_000 }, async () => {
    await using mta = await openTestMta({
      hostname: 'mx.example.net',
      judge: (recipient) => (recipient === REFUSED ? reply(550, '5.1.1', 'No such user') : undefined),
    })
    await using road = await openRoad({
      shape: shape(),
      mxPort: mta.port,
      relay: ['lease = "2s"', 'retry = ["1s"]'],
    })
    const counts = await runKills({
      road,
      mta,
      refused: REFUSED,
      rounds,
      messagesPerRound,
      victim,
      seed: SEED,
      patienceMs: 120_000,
    })
    console.log(`${name}, seed ${SEED}: ${sentenceOf(counts)}`)
    expect(counts.missing).toEqual([])
    expect(counts.delivered + counts.bounced).toBe(counts.accepted)
    // What a kill cut off is little.
    expect(counts.accepted).toBeGreaterThan(counts.sent / 2)
  })
})

function sentenceOf({ missing, ...counts }: KillCounts): string {
  const words = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return `${words.join(', ')}, ${missing.length} missing`
}
