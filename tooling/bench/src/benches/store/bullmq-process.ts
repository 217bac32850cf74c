/**
 * BullMQ with a Redis of the same kind: producer and worker in one process, as our stores' callers are.
 *
 * By its documentation: a connection of its own for queue and worker, `maxRetriesPerRequest: null` for the worker, as
 * much concurrency in one worker as is asked for, jobs removed when complete. A job carries its 10 KiB as a string.
 */

import { type Job, Queue, Worker } from 'bullmq'
import type { Work } from '../../benchmark.ts'
import { serveContestant } from '../../serve-contestant.ts'
import { ownRedis } from './own-redis.ts'
import { runCallers, Window } from './pace.ts'

interface Data {
  readonly reversePath: string
  readonly recipients: readonly string[]
  readonly content: string
}

const NAME = 'mail'
const CONTENT = 'A line of mail as people and programs write it, seventy-six characters long.\r\n'
  .repeat(132)
  .slice(0, 10_240)
const AHEAD = 1_000

let connection: { readonly host: string; readonly port: number } | undefined
let queue: Queue<Data> | undefined
let worker: Worker<Data> | undefined
let concurrency = 0
let bytes = 0
/** Told of each job that is complete. */
let onCompleted: (id: string) => void = () => {}
let failure: Error | undefined

async function useWorker(wanted: number): Promise<void> {
  if (connection === undefined || (worker !== undefined && concurrency === wanted)) return
  await worker?.close()
  concurrency = wanted
  const process = async (job: Job<Data>): Promise<void> => {
    bytes += job.data.content.length
  }
  worker = new Worker<Data>(NAME, process, {
    connection: { ...connection, maxRetriesPerRequest: null },
    concurrency: wanted,
    removeOnComplete: { count: 0 },
  })
  worker.on('completed', (job) => onCompleted(job.id ?? ''))
  worker.on('failed', (_, error) => (failure = error))
  worker.on('error', (error) => (failure = error))
  await worker.waitUntilReady()
}

const add = async (): Promise<string> => {
  if (queue === undefined) throw new Error('The queue is not open.')
  const data = { reversePath: 'ada@example.com', recipients: ['bob@example.org'], content: CONTENT }
  const job = await queue.add(NAME, data, { removeOnComplete: true })
  return job.id ?? ''
}

/** Each caller adds a job and waits until it is complete: as many in the system as there are callers. */
async function cycle(callers: number, roundMs: number): ReturnType<typeof runCallers> {
  const waiting = new Map<string, () => void>()
  const early = new Set<string>()
  onCompleted = (id) => {
    const resolve = waiting.get(id)
    if (resolve === undefined) return void early.add(id)
    waiting.delete(id)
    resolve()
  }
  return runCallers(callers, roundMs, async () => {
    const id = await add()
    // It may be complete before the answer to `add` is here.
    if (!early.delete(id)) await new Promise<void>((resolve) => waiting.set(id, resolve))
    return true
  })
}

/** Producers ahead of the worker by up to `AHEAD` jobs, so that it never waits; until the last job is complete. */
async function flow(callers: number, roundMs: number): ReturnType<typeof runCallers> {
  const window = new Window(AHEAD)
  let completed = 0
  let added = 0
  let onDrained: (() => void) | undefined
  onCompleted = () => {
    completed += 1
    window.leave()
    if (completed === added) onDrained?.()
  }
  const startedAt = performance.now()
  const { operations } = await runCallers(callers, roundMs, async () => {
    await window.enter()
    added += 1
    await add()
    return true
  })
  if (completed < added) await new Promise<void>((resolve) => (onDrained = resolve))
  return { operations, seconds: (performance.now() - startedAt) / 1_000 }
}

serveContestant({
  start: async (setup: Work) => {
    const { port } = await ownRedis(String(setup['folder']), String(setup['fsync']))
    connection = { host: '127.0.0.1', port }
    queue = new Queue<Data>(NAME, { connection })
    await queue.waitUntilReady()
  },
  prepare: (work) => useWorker(Number(work['callers'])),
  measure: async (work, roundMs) => {
    bytes = 0
    const measured = await (work['kind'] === 'flow' ? flow : cycle)(Number(work['callers']), roundMs)
    if (failure !== undefined) throw failure
    if (bytes < measured.operations * CONTENT.length) throw new Error('jobs came back without their content')
    return measured
  },
  finish: async () => {
    const left = await queue?.getJobCounts('waiting', 'active', 'completed', 'failed')
    if (left !== undefined && Object.values(left).some((count) => count > 0)) {
      throw new Error(`jobs are left: ${JSON.stringify(left)}`)
    }
  },
  end: async () => {
    await worker?.close()
    await queue?.close()
  },
})
