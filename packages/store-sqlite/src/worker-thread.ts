/**
 * The main thread's end of a worker thread.
 *
 * What is asked within a turn, and while a batch is under way, goes over in one message and shares one transaction. When
 * the thread dies, all that waits is rejected: nothing was acknowledged.
 */

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { QueueUnavailableError } from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { contentMissing, unavailable } from './faults.ts'
import type { AnswerOf, Asked, Batch, BatchReport, Outcome, ThreadData, ThreadMessage } from './protocol.ts'

/** Most requests in one batch, so that none waits for long behind others. */
const BATCH_REQUESTS = 1_000

/**
 * Bounds of a thread's heap, in MiB. Next to nothing of what a batch makes outlives the batch, but left alone the engine
 * gives objects just made up to 96 MiB, and collects the others the later the more memory the machine has. What a batch
 * really needs is far from these bounds: 1,000 requests, and their jobs and content lie outside the heap.
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 1_024 } as const

interface Waiting<All> {
  readonly asked: Asked<All>
  readonly durable: boolean
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: Error) => void
}

/** What a thread is started with, beside its data. */
export interface ThreadOptions {
  /** `@postroad/store-sqlite/writer` or `/reader`: found by subpath, so from source as when packed. */
  readonly module: string
  readonly data: ThreadData
  readonly clock: Clock
  /** Whether other processes have the database open. */
  readonly isShared?: () => boolean
  /** Told after each batch. */
  readonly onBatch?: (batch: BatchReport & { readonly requests: number; readonly durationMs: number }) => void
  /** Asked where a damaged page is in the way: which pages are damaged, as far as that can be told soon. */
  readonly explainDamage?: () => Promise<string | undefined>
}

/** A worker thread that takes steps. */
export class WorkerThread<All> {
  readonly #options: ThreadOptions
  readonly #worker: Worker
  #waiting: Waiting<All>[] = []
  #underWay: readonly Waiting<All>[] | undefined
  #startedAt = 0
  #isScheduled = false
  #broken: QueueUnavailableError | undefined
  #onClosed: (() => void) | undefined

  private constructor(options: ThreadOptions, worker: Worker) {
    this.#options = options
    this.#worker = worker
    worker.on('message', (message: ThreadMessage) => this.#hear(message))
    worker.on('error', (error) => this.#break(`the thread of the database failed: ${this.#options.data.path}`, error))
    worker.on('exit', () => this.#break(`the thread of the database has ended: ${this.#options.data.path}`, undefined))
    worker.unref()
  }

  /** Why nothing can be asked any more: the thread has died or was closed. `undefined` while it lives. */
  get broken(): QueueUnavailableError | undefined {
    return this.#broken
  }

  /** Starts a thread and waits until its database is open. */
  static async start<All>(options: ThreadOptions): Promise<WorkerThread<All>> {
    const file = createRequire(import.meta.url).resolve(options.module)
    const worker = new Worker(pathToFileURL(file), {
      workerData: options.data,
      resourceLimits: RESOURCE_LIMITS,
    })
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (message: ThreadMessage) => {
        if (message.kind === 'refused') reject(unavailable(message.fault, options.data.path))
        else resolve()
      })
      worker.once('error', (cause) => {
        reject(new QueueUnavailableError(`the thread of the database failed: ${options.data.path}`, { cause }))
      })
      worker.once('exit', () => {
        reject(new QueueUnavailableError(`the thread of the database has ended: ${options.data.path}`))
      })
    })
    return new WorkerThread(options, worker)
  }

  /** Asks for one step. Rejects with the error of the port where it cannot be taken. */
  async ask<Kind extends keyof All & string>(
    kind: Kind,
    request: Asked<All, Kind>['request'],
    durable = false,
  ): Promise<AnswerOf<All, Kind>> {
    const outcome = await this.#send({ kind, request }, durable)
    if (outcome.kind === 'content-missing') throw contentMissing(outcome.content)
    if (outcome.kind === 'fault') {
      const { data, explainDamage } = this.#options
      throw unavailable(outcome.fault, data.path, outcome.fault.isDamage ? await explainDamage?.() : undefined)
    }
    if (!answers<All, Kind>(kind, outcome.answer)) throw new Error(`no answer to ${kind}`)
    return outcome.answer
  }

  /** Lets what was asked finish, closes the database and ends the thread. */
  async close(): Promise<void> {
    if (this.#broken !== undefined) return
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve
      this.#worker.ref()
      this.#flush()
    })
    await this.#worker.terminate()
  }

  /** Ends the thread at once, as a crash would; its connection is closed when the promise resolves. */
  async kill(): Promise<void> {
    await this.#worker.terminate()
  }

  #send(asked: Asked<All>, durable: boolean): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) return reject(this.#broken)
      this.#waiting.push({ asked, durable, resolve, reject })
      if (this.#isScheduled || this.#underWay !== undefined) return
      this.#isScheduled = true
      setImmediate(() => {
        this.#isScheduled = false
        this.#flush()
      })
    })
  }

  #flush(): void {
    if (this.#underWay !== undefined || this.#broken !== undefined) return
    if (this.#waiting.length === 0) {
      if (this.#onClosed === undefined) this.#worker.unref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
      else this.#worker.postMessage('close')
      return
    }
    const batch = this.#waiting.splice(0, BATCH_REQUESTS)
    const message: Batch<All> = {
      now: this.#options.clock.now(),
      durable: batch.some(({ durable }) => durable),
      isShared: this.#options.isShared?.() ?? false,
      asked: batch.map(({ asked }) => asked),
    }
    this.#underWay = batch
    this.#startedAt = performance.now()
    this.#worker.ref()
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
      this.#worker.postMessage(message)
    } catch (cause) {
      this.#underWay = undefined
      for (const { reject } of batch)
        reject(new QueueUnavailableError('what was asked cannot be sent to the thread', { cause }))
    }
  }

  #hear(message: ThreadMessage): void {
    if (message.kind === 'closed') {
      this.#broken = new QueueUnavailableError('the store is disposed')
      this.#onClosed?.()
    }
    if (message.kind !== 'outcomes') return
    const batch = this.#underWay ?? []
    this.#underWay = undefined
    this.#flush()
    this.#options.onBatch?.({
      requests: batch.length,
      durationMs: performance.now() - this.#startedAt,
      ...message.report,
    })
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = message.outcomes[index]
      if (outcome === undefined) reject(new QueueUnavailableError('the thread of the database gave no answer'))
      else resolve(outcome)
    }
  }

  #break(sentence: string, cause: unknown): void {
    this.#broken ??= new QueueUnavailableError(sentence, { cause })
    const lost = [...(this.#underWay ?? []), ...this.#waiting]
    this.#underWay = undefined
    this.#waiting = []
    for (const { reject } of lost) reject(this.#broken)
    this.#onClosed?.()
  }
}

/** The thread answers what the table of steps says; both are compiled from it. */
function answers<All, Kind extends keyof All>(_kind: Kind, answer: unknown): answer is AnswerOf<All, Kind> {
  return answer !== null
}
