/**
 * Runs a scene: starts its contestants, warms them, and lets them take turns round by round.
 *
 * Within a round each contestant works alone, one after the other, in an order that rotates; what is compared is so
 * measured within seconds of each other. The CPU time of the contestant's processes is read just before and after its
 * turn, memory just after it (PSS) and while it lasts (RSS, cheap enough to look at often).
 */

import type { Case, Contestant, Running, Scene } from './benchmark.ts'
import { rotate } from './order.ts'
import { readPss, readRss } from './process-table.ts'
import { Stage } from './stage.ts'

/** One contestant in one round. */
export interface Turn {
  /** Operations a second. */
  readonly rate: number
  /** CPU seconds for 1,000 operations. */
  readonly cpuPer1000: number
  /** The most memory its processes had together during the turn, in MiB. */
  readonly memoryMiB: number
  readonly figures: Readonly<Record<string, number>>
}

/** All turns of a contestant in a case. */
export interface CaseResult {
  readonly case: Case
  readonly contestant: string
  /** By round. */
  readonly turns: readonly Turn[]
}

/** How a scene is run. */
export interface RunOptions {
  /** 1 and up. */
  readonly rounds: number
  /** Ends the run at the next step, and all processes at once. */
  readonly signal: AbortSignal
  /** Told what is going on, for people: the step, and in it what changes often. */
  readonly tell: (step: string, detail?: string) => void
  /** Told the results of each case as soon as it is done. */
  readonly onCase: (results: readonly CaseResult[]) => Promise<void>
  /** Default: a stage of its own for each contestant. Tests pass theirs. */
  readonly openStage?: (tell: (text: string) => void) => Promise<Stage>
}

/** How often memory is looked at during a turn, in milliseconds. */
const MEMORY_SAMPLE_MS = 100

interface Player {
  readonly contestant: Contestant
  readonly stage: Stage
  readonly running: Running
}

/**
 * Runs one scene to its end.
 *
 * @throws Where a contestant fails, naming it, or the signal's reason. All processes of the scene have ended then too.
 */
export async function runScene(scene: Scene, options: RunOptions): Promise<void> {
  const { signal, tell, openStage = (told) => Stage.open(told) } = options
  const stages: Stage[] = []
  const closeAll = async (): Promise<void> => {
    await Promise.all(stages.map((stage) => stage[Symbol.asyncDispose]()))
  }
  const onAbort = (): void => void closeAll()
  signal.addEventListener('abort', onAbort)
  try {
    const players: Player[] = []
    for (const contestant of takingPart(scene)) {
      signal.throwIfAborted()
      const step = `${scene.name}: starting ${contestant.name}`
      tell(step)
      const stage = await openStage((text) => tell(step, text))
      stages.push(stage)
      signal.throwIfAborted()
      const running = await named(contestant.name, 'start', contestant.start(stage))
      players.push({ contestant, stage, running })
    }
    for (const one of scene.cases) await options.onCase(await runCase(scene, one, players, options))
  } catch (error) {
    // What failed because its processes were killed is not what happened.
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    await closeAll()
  }
}

/** The scene's contestants without those that none of its cases asks for. */
function takingPart(scene: Scene): readonly Contestant[] {
  return scene.contestants.filter(({ name }) => scene.cases.some(({ only }) => only?.includes(name) ?? true))
}

async function runCase(
  scene: Scene,
  one: Case,
  players: readonly Player[],
  { rounds, signal, tell }: RunOptions,
): Promise<readonly CaseResult[]> {
  const asked = players.filter(({ contestant }) => one.only?.includes(contestant.name) ?? true)
  const turns = new Map<Player, Turn[]>(asked.map((player) => [player, []]))
  // Round -1 warms up: code is compiled, files are grown, connections opened.
  for (let round = -1; round < rounds; round += 1) {
    for (const player of rotate(asked, Math.max(round, 0))) {
      signal.throwIfAborted()
      const { name } = player.contestant
      tell(`${one.name}: ${round === -1 ? 'warming up' : `round ${round + 1} of ${rounds}`}`, name)
      const turn = await named(name, one.name, takeTurn(player, one, scene.roundMs))
      if (round >= 0) turns.get(player)?.push(turn)
    }
  }
  return [...turns].map(([{ contestant }, own]) => ({ case: one, contestant: contestant.name, turns: own }))
}

async function takeTurn({ running, stage }: Player, { work }: Case, roundMs: number): Promise<Turn> {
  await running.prepare(work, roundMs)
  const memory = watchMemory(stage)
  const before = await stage.meter.cpuSeconds()
  const measured = await running.measure(work, roundMs).finally(() => memory.pause())
  const cpu = (await stage.meter.cpuSeconds()) - before
  const memoryBytes = await memory.highest()
  await running.finish(work, roundMs)
  const { operations, seconds, figures = {} } = measured
  if (!(operations > 0) || !(seconds > 0))
    throw new Error(`${operations} operations in ${seconds} s: nothing was measured`)
  return {
    rate: operations / seconds,
    cpuPer1000: (cpu / operations) * 1_000,
    memoryMiB: memoryBytes / 2 ** 20,
    figures,
  }
}

/**
 * Finds the most memory of a turn. PSS is exact about what processes share but walks all their pages, which would hold
 * a large process up: it is read once, after the turn, and what RSS was higher during the turn than then is added.
 */
function watchMemory(stage: Stage): { readonly pause: () => void; readonly highest: () => Promise<number> } {
  let peak = 0
  let looking: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    peak = Math.max(peak, await readRss(await stage.meter.pids()))
  }
  const timer = setInterval(() => {
    looking = looking.then(look, look)
  }, MEMORY_SAMPLE_MS)
  return {
    pause: () => clearInterval(timer),
    highest: async () => {
      await looking.catch(() => {})
      const pids = await stage.meter.pids()
      const [pss, rss] = await Promise.all([readPss(pids), readRss(pids)])
      return pss + Math.max(0, peak - rss)
    },
  }
}

/** Says in an error whose it is. */
async function named<Value>(contestant: string, doing: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${contestant}, ${doing}: ${message}`, { cause })
  }
}
