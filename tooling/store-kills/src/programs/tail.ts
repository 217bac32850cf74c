/**
 * Writes a log whose end is known: first calls that are durable when they are answered, then plain `done`s, which may be
 * cut off. Keeps in a file which of the two it does now. To be stopped, looked at, and continued.
 */

import { writeFileSync } from 'node:fs'
import { createEntryId, groupId, messageId } from '@postroad/envelope'
import type { NewEntry } from '@postroad/queue'
import { nextOp } from '../calls.ts'
import type { ContentPlan } from '../content.ts'
import type { Job } from '../job.ts'
import { Dice, Names, readPlan } from '../member.ts'
import { instantNow, tell } from '../report.ts'
import { stageContent } from '../stage.ts'
import { logBytesOf, openTarget } from '../target.ts'

/** How long the log may grow: below the length at which the store would move it into the database. */
const MOST_LOG_BYTES = 24_000_000

const plan = readPlan()
const { target } = plan
if (target.kind !== 'sqlite') throw new Error('only SQLite has a log to cut')
const { folder } = target
const names = new Names(plan.process)
const dice = new Dice(plan.seed)
const store = await openTarget(target)
tell({ kind: 'ready', pid: process.pid })

const logBytes = (): number => logBytesOf(target) ?? 0
/** Beside the folder of the store: the parent reads it while this process is stopped. */
const keepPhase = (phase: object): void => writeFileSync(`${folder}.phase`, JSON.stringify(phase))

async function enqueueOne(): Promise<void> {
  const message = messageId(names.next('M'))
  const content: ContentPlan = {
    name: message,
    sizeBytes: dice.chance(0.2) ? 262_144 + dice.below(200_000) : 200 + dice.below(20_000),
  }
  const sealed = await stageContent(store, content)
  const entries = [0, 1].map((index): NewEntry<Job> => {
    const job = { version: names.next('v'), content, depth: 0 }
    const group = groupId('example.org')
    return { id: createEntryId(message, index), job, group, content: sealed, priority: 0, notBefore: 0, labels: {} }
  })
  const op = nextOp()
  tell({ kind: 'enqueue', op, entries: entries.map(({ id, job }) => ({ id, version: job.version })) })
  await store.queue.enqueue(entries)
  tell({ kind: 'enqueued', op, logBytes: logBytes() })
}

async function doneSome(): Promise<void> {
  const askedAt = instantNow()
  const leases = await store.queue.lease({ limit: 3, durationMs: 600_000, waitMs: 0 })
  const given = leases.map(({ id, token, job, attempt }) => ({ id, token, version: job.version, attempt }))
  tell({ kind: 'leased', askedAt, durationMs: 600_000, leases: given })
  for (const { id, token } of leases) {
    const op = nextOp()
    tell({ kind: 'settle', op, batch: [{ id, token, kind: 'done', spawn: [] }] })
    const [result] = await store.queue.settle([{ token, kind: 'done' }])
    tell({ kind: 'settled', op, results: [result?.kind ?? 'lost'], logBytes: logBytes() })
  }
}

while (logBytes() < MOST_LOG_BYTES) {
  keepPhase({ kind: 'durable' })
  await Promise.all(Array.from({ length: 1 + dice.below(4) }, enqueueOne))
  // All that must be durable is; nothing that must be is begun before the next phase is kept.
  keepPhase({ kind: 'lazy', syncedBytes: logBytes() })
  for (let left = dice.below(3); left >= 0; left -= 1) await doneSome()
}
keepPhase({ kind: 'ended' })
// Stays, for the parent to look at.
setInterval(() => {}, 1_000)
