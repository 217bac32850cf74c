/** Rounds of killing: wait for a moment, hurt somebody, set it right, go on. */

import { systemClock } from '@postroad/runtime/system'
import type { Crew, Member, Role, StartMember } from './crew.ts'
import { Dice } from './member.ts'

/** How to run. */
export interface StormOptions {
  readonly crew: Crew
  readonly rounds: number
  readonly seed: number
  /** How many processes of each role live at a time. */
  readonly cast: Readonly<Partial<Record<Role, number>>>
  /** What each of them is started with. */
  readonly starting: (role: Role, seed: number) => StartMember
  /** What happens in a round, at its moment; gives how many processes were killed. Default: one of the cast is. */
  readonly hurt?: (storm: Storm) => Promise<number>
  readonly onRound?: (round: number) => void
}

/** What a round sees. */
export interface Storm {
  readonly round: number
  readonly dice: Dice
  readonly crew: Crew
}

/** At most so many reports pass before the next moment, and at most so long, in milliseconds. */
const MOST_REPORTS = 40
const LONGEST_MS = 2_000
/** What of a moment lies between two reports. */
const JITTER_MS = 4

/** Runs all rounds, then kills everybody at once; gives the number of kills. */
export async function runStorm(options: StormOptions): Promise<number> {
  const { crew, rounds, seed, cast, starting, hurt = killOne, onRound } = options
  const dice = new Dice(seed)
  const start = (role: Role): Member => crew.start(starting(role, dice.below(2 ** 31)))
  const fill = async (): Promise<void> => {
    const missing = Object.entries(cast).flatMap(([role, count]) => {
      const living = crew.members.filter((member) => member.role === role).length
      return Array.from({ length: Math.max(0, count - living) }, () => start(role as Role))
    })
    await Promise.all(missing.map((member) => member.ready))
  }
  let kills = 0
  await fill()
  for (let round = 0; round < rounds; round += 1) {
    await moment(crew, dice)
    kills += await hurt({ round, dice, crew })
    await fill()
    onRound?.(round)
  }
  await moment(crew, dice)
  const { members } = crew
  await crew.kill(...members)
  return kills + members.length
}

/** Kills one process. */
export async function killOne({ dice, crew }: Storm): Promise<number> {
  const { members } = crew
  const victim = members[dice.below(members.length)]
  if (victim === undefined) return 0
  await crew.kill(victim)
  return 1
}

/** Waits for a number of reports from now on, and then a little. */
export async function moment(crew: Crew, dice: Dice, mostReports: number = MOST_REPORTS): Promise<void> {
  let left = 1 + dice.below(mostReports)
  const late = new AbortController()
  const heard = crew.listen(() => {
    left -= 1
    if (left === 0) late.abort()
  })
  await systemClock.sleep(LONGEST_MS, late.signal)
  heard()
  await systemClock.sleep(dice.fraction() * JITTER_MS)
}
