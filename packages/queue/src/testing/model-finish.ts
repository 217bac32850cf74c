/** The end of a run: everything still agrees, everything can be worked off, and nothing is left behind. */

import { ContentMissingError } from '../index.ts'
import { checkCounts, checkList } from './model-control.ts'
import { fault } from './model-fault.ts'
import { type ModelHands, runOperation } from './model-run.ts'
import { GROUPS, type ModelOperation } from './model-operation.ts'
import type { ModelWorld } from './model-world.ts'

/** More rounds than any run needs to be worked off. */
const MOST_ROUNDS = 300
/** Longer than any lease, delay, pause, parking or time to live of a run. */
const LONG_MS = 600_000

/** Compares all, works everything off under the rules, and looks for what is left. */
export async function finishRun(world: ModelWorld, hands: ModelHands): Promise<void> {
  const run = (operation: ModelOperation): Promise<void> => runOperation(world, operation, hands)
  await checkList(world, {}, 100)
  await checkCounts(world, 100)
  for (const content of world.state.contents.values()) await world.checkContent(content)
  world.lift()
  for (let group = 0; group < GROUPS; group += 1) await run({ op: 'limit', group })
  await run({ op: 'advance', ms: LONG_MS })
  await workOff(world, run)
  await run({ op: 'advance', ms: LONG_MS })
  await checkGone(world)
}

async function workOff(world: ModelWorld, run: (operation: ModelOperation) => Promise<void>): Promise<void> {
  const { state } = world
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if (state.entries.size === 0) return checkList(world, {}, 100)
    const before = state.tokens.length
    await run({ op: 'lease', limit: 20, durationMs: 30_005 })
    const given = state.tokens.length - before
    const plan = { kind: 'done', job: 0, delayMs: 0, spawn: [] } as const
    if (given > 0) {
      await run({ op: 'settle', batch: Array.from({ length: given }, (_, token) => ({ ...plan, token })) })
      continue
    }
    await world.shown()
    await run({ op: 'apply', action: 'drop', group: 0, filter: { state: 'held' }, limit: 100, dryRun: false })
    await run({ op: 'advance', ms: LONG_MS })
  }
  fault('entries are stuck: neither leased nor held', [...state.entries.keys()])
}

/** Sweeps after every time to live: content is gone, whether an entry named it or not, and no entry can name it again. */
async function checkGone(world: ModelWorld): Promise<void> {
  const { store, state } = world
  await store.spool.sweep(async () => new Set())
  const { removed } = await store.spool.sweep(async () => new Set())
  if (removed > 0) fault(`a second sweep removed ${removed}`)
  for (const content of state.contents.values()) {
    if ((await world.read(content.id)) !== undefined) fault(`content ${content.id} can be read after the sweep`)
  }
  const entry = { job: '', group: world.group(0), priority: 0, notBefore: 0, labels: {} }
  const gone = [...state.contents.values()].filter(({ mayReturn }) => !mayReturn)
  for (const [n, { id, sealed }] of gone.slice(-3).entries()) {
    try {
      await store.queue.enqueue([{ ...entry, id: world.id(100 + n, 0), content: sealed }])
    } catch (error) {
      if (error instanceof ContentMissingError) continue
      throw error
    }
    fault(`enqueue took content ${id} after the sweep`)
  }
}
