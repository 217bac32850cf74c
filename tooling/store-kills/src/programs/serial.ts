/** One call after the other, each told before and after: what a trace of system calls is held against. Ends by itself. */

import { createEntryId, groupId, leaseToken, messageId } from '@postroad/envelope'
import type { NewEntry, Settlement } from '@postroad/queue'
import { nextOp } from '../calls.ts'
import type { ContentPlan } from '../content.ts'
import type { Job } from '../job.ts'
import { Names, readPlan } from '../member.ts'
import { instantNow, tell } from '../report.ts'
import { stageContent } from '../stage.ts'
import { openTarget } from '../target.ts'

const SMALL = 2_000
const LARGE = 700_000

const plan = readPlan()
const names = new Names(plan.process)
const store = await openTarget(plan.target)
tell({ kind: 'ready', pid: process.pid })

async function entryOf(sizeBytes: number): Promise<NewEntry<Job>> {
  const message = messageId(names.next('M'))
  const content: ContentPlan = { name: message, sizeBytes }
  return {
    id: createEntryId(message, 0),
    job: { version: names.next('v'), content, depth: 0 },
    group: groupId('example.org'),
    priority: 0,
    notBefore: 0,
    labels: {},
    content: await stageContent(store, content),
  }
}

async function enqueue(name: string, sizeBytes: number): Promise<void> {
  tell({ kind: 'mark', name })
  const entry = await entryOf(sizeBytes)
  const op = nextOp()
  tell({ kind: 'enqueue', op, entries: [{ id: entry.id, version: entry.job.version }] })
  await store.queue.enqueue([entry])
  tell({ kind: 'enqueued', op })
}

async function settle(name: string, how: (job: Job) => Promise<Partial<Settlement<Job>>>): Promise<void> {
  const askedAt = instantNow()
  const [lease] = await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 5_000 })
  if (lease === undefined) throw new Error(`nothing to lease for ${name}`)
  const { id, token, job, attempt } = lease
  tell({ kind: 'leased', askedAt, durationMs: 60_000, leases: [{ id, token, version: job.version, attempt }] })
  tell({ kind: 'mark', name })
  const kept = { ...job, version: names.next('v') }
  const settlement = { token: leaseToken(token), kind: 'done', ...(await how(kept)) } as Settlement<Job>
  const op = nextOp()
  const spawn = (settlement.spawn ?? []).map((entry) => ({ id: entry.id, version: entry.job.version }))
  const version = settlement.kind === 'done' ? {} : { version: settlement.job.version }
  tell({ kind: 'settle', op, batch: [{ id, token, kind: settlement.kind, ...version, spawn }] })
  const results = await store.queue.settle([settlement])
  tell({ kind: 'settled', op, results: results.map(({ kind }) => kind) })
}

await enqueue('warm-up', SMALL)
await enqueue('enqueue', SMALL)
await enqueue('enqueue-large', LARGE)
for (const round of [1, 2, 3]) {
  await enqueue(`enqueue-${round}`, SMALL)
  await settle('retry', async (job) => ({ kind: 'retry', job, notBefore: 0 }))
  await settle('done', async () => ({ kind: 'done' }))
  await settle('spawn', async () => ({ kind: 'done', spawn: [await entryOf(SMALL)] }))
  await settle('spawn-large', async () => ({ kind: 'done', spawn: [await entryOf(LARGE)] }))
  await settle('hold', async (job) => ({ kind: 'hold', job, reason: 'to be looked at' }))
}
tell({ kind: 'mark', name: 'end' })
// Without a farewell: what a clean end makes durable must not count.
process.exit(0)
