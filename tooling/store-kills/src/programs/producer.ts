/** Enqueues messages until it is killed: with and without content, one to three entries each. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { ContentMissingError, type NewEntry, type SealedContent } from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import { insist, nextOp } from '../calls.ts'
import type { ContentPlan } from '../content.ts'
import type { Job } from '../job.ts'
import { Dice, GROUPS, Names, nextSize, readPlan } from '../member.ts'
import { tell } from '../report.ts'
import { stageContent } from '../stage.ts'
import { logBytesOf, openTarget } from '../target.ts'

/** So many at full speed, then one now and then, so that a backlog does not grow without end. */
const FAST_MESSAGES = 60
const SLOW_MS = 200

const plan = readPlan()
const names = new Names(plan.process)
const store = await openTarget(plan.target)
tell({ kind: 'ready', pid: process.pid })

async function enqueueOne(dice: Dice): Promise<void> {
  const message = messageId(names.next('M'))
  const sizeBytes = nextSize(dice)
  const content: ContentPlan | null = sizeBytes === undefined ? null : { name: message, sizeBytes }
  const entries = Array.from({ length: 1 + dice.below(3) }, (_, index) => ({
    id: createEntryId(message, index),
    version: names.next('v'),
    group: groupId(dice.pick(...GROUPS)),
    priority: dice.below(3) - 1,
  }))
  let sealed: SealedContent | undefined
  const op = nextOp()
  tell({ kind: 'enqueue', op, entries: entries.map(({ id, version }) => ({ id, version })) })
  await insist(op, async () => {
    if (content !== null) sealed ??= await stageContent(store, content)
    const rows = entries.map(({ id, version, group, priority }): NewEntry<Job> => {
      const job = { version, content, depth: 0 }
      const entry = { id, job, group, priority, notBefore: 0, labels: { run: 'kills' } }
      return sealed === undefined ? entry : { ...entry, content: sealed }
    })
    try {
      await store.queue.enqueue(rows)
    } catch (error) {
      // What was staged went with the store's end: it is staged anew.
      if (error instanceof ContentMissingError) sealed = undefined
      throw error
    }
  })
  const logBytes = logBytesOf(plan.target)
  tell({ kind: 'enqueued', op, ...(logBytes === undefined ? {} : { logBytes }) })
}

await Promise.all(
  Array.from({ length: plan.loops }, async (_, loop) => {
    const dice = new Dice(plan.seed + loop)
    for (let n = 0; ; n += 1) {
      await enqueueOne(dice)
      if (n * plan.loops >= FAST_MESSAGES) await systemClock.sleep(SLOW_MS)
    }
  }),
)
