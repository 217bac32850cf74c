/**
 * What runs in a worker process of the suite over processes: it does one task on its store and tells the parent, in an
 * order that makes the parent's count never larger than the true one: it tells of what it has only once it has it, and
 * gives it back only once the parent has heard that it will.
 */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import type { LimitKey, Store } from '../index.ts'

/** What the parent asks for. */
export type WorkerTask =
  /** Leases and settles until the parent says stop. */
  | { readonly task: 'work'; readonly limit: number }
  /** Leases once, as many as it can, and keeps them until it is killed. */
  | { readonly task: 'keep'; readonly limit: number; readonly durationMs: number }
  /** Takes and gives back a place, so often. */
  | { readonly task: 'places'; readonly key: LimitKey; readonly rounds: number }
  /** Takes a place and keeps it until it is killed. */
  | { readonly task: 'keep-place'; readonly key: LimitKey; readonly ttlMs: number }
  /** Takes tokens one by one, so many. */
  | { readonly task: 'tokens'; readonly key: LimitKey; readonly count: number }
  /** Enqueues entries of one group each `n % groups`. */
  | { readonly task: 'enqueue'; readonly name: string; readonly count: number; readonly groups: number }

/** What a worker tells; each is answered before it goes on. */
export type WorkerNote =
  | { readonly note: 'has'; readonly what: string; readonly id: string; readonly recovered: boolean }
  | { readonly note: 'gives'; readonly what: string; readonly id: string }
  /** It found nothing; or it could not have a place. */
  | { readonly note: 'idle' }
  | { readonly note: 'took' }
  | { readonly note: 'done' }

/** The process a worker runs in: Node's `process`, with a channel to its parent. */
export interface WorkerChannel {
  /** To the parent. Absent in a process without a channel: the worker then waits for ever. */
  readonly send?: ((message: object) => boolean) | undefined
  /** Hears the parent: the task, then an answer to each note. */
  on(event: 'message', listener: (message: unknown) => void): unknown
  /** Closes the channel when the task is done, so that the process may end. */
  readonly disconnect?: (() => void) | undefined
}

/** How long leases and places are held by workers that live. */
const HOLD_MS = 600_000
/** The name under which a place is told. */
export const PLACE = 'place'

/** Does what the parent asks for, and ends when it says stop or has gone. */
export async function runStoreWorker(store: Store<string>, channel: WorkerChannel): Promise<void> {
  const answers: ((stop: boolean) => void)[] = []
  const task = await new Promise<WorkerTask>((resolve) => {
    channel.on('message', (received) => {
      const message = received as WorkerTask | { readonly stop: boolean }
      if ('task' in message) resolve(message)
      else answers.shift()?.(message.stop)
    })
    channel.send?.({ note: 'ready' })
  })
  /** Says whether the parent wants no more. */
  const tell = (note: WorkerNote): Promise<boolean> =>
    new Promise((resolve) => {
      answers.push(resolve)
      channel.send?.(note)
    })
  await perform(store, task, tell)
  await tell({ note: 'done' })
  channel.disconnect?.()
}

async function perform(
  store: Store<string>,
  task: WorkerTask,
  tell: (note: WorkerNote) => Promise<boolean>,
): Promise<void> {
  const { queue, limits } = store
  switch (task.task) {
    case 'work':
      for (;;) {
        const leases = await queue.lease({ limit: task.limit, durationMs: HOLD_MS, waitMs: 10 })
        if (leases.length === 0 && (await tell({ note: 'idle' }))) return
        for (const { id, group, recovered } of leases) await tell({ note: 'has', what: group, id, recovered })
        for (const { token, id, group } of leases) {
          await tell({ note: 'gives', what: group, id })
          await queue.settle([{ token, kind: 'done' }])
        }
      }
    case 'keep': {
      const leases = await queue.lease({ limit: task.limit, durationMs: task.durationMs, waitMs: 0 })
      for (const { id, group, recovered } of leases) await tell({ note: 'has', what: group, id, recovered })
      return waitToBeKilled(tell)
    }
    case 'places':
      for (let n = 0; n < task.rounds;) {
        const permit = await limits.take([task.key], 1, HOLD_MS)
        if (permit.kind === 'refused') {
          await tell({ note: 'idle' })
          continue
        }
        n += 1
        await tell({ note: 'has', what: PLACE, id: permit.id, recovered: false })
        await tell({ note: 'gives', what: PLACE, id: permit.id })
        await limits.give(permit)
      }
      return
    case 'keep-place': {
      const permit = await limits.take([task.key], 1, task.ttlMs)
      if (permit.kind === 'permit') await tell({ note: 'has', what: PLACE, id: permit.id, recovered: false })
      return waitToBeKilled(tell)
    }
    case 'tokens':
      for (let n = 0; n < task.count;) {
        const permit = await limits.take([task.key], 1, HOLD_MS)
        if (permit.kind === 'refused') continue
        n += 1
        await tell({ note: 'took' })
      }
      return
    case 'enqueue':
      for (let n = 0; n < task.count; n += 1) {
        const id = createEntryId(messageId(`${task.name}${n}`), 0)
        const group = groupId(`g${n % task.groups}.example`)
        await queue.enqueue([{ id, job: 'j', group, priority: 0, notBefore: 0, labels: {} }])
      }
  }
}

/** Tells that it has all it will have, and never goes on. */
async function waitToBeKilled(tell: (note: WorkerNote) => Promise<boolean>): Promise<void> {
  await tell({ note: 'idle' })
  await new Promise(() => {})
}
