/**
 * A worker thread that is there when it is asked: started at the first request (a store that only queues needs no
 * reader), and started again after it died. What it was asked when it died is rejected, for nobody knows what became of
 * it; the file has all that was acknowledged, so the next thread goes on from there.
 */

import { QueueUnavailableError } from '@postroad/queue'
import type { AnswerOf, Asked } from './protocol.ts'
import { type ThreadOptions, WorkerThread } from './worker-thread.ts'

/** How long between two starts at least, in milliseconds: what kills every thread must not keep the machine busy. */
const RESTART_MS = 1_000

/** As `WorkerThread`, from the first request on. Where starting fails, a later request tries again. */
export class LazyThread<All> {
  readonly #options: ThreadOptions
  #thread: WorkerThread<All> | undefined
  #starting: Promise<WorkerThread<All>> | undefined
  /** On the monotonic clock. */
  #startedAt = -Infinity
  /** Why the last start failed. */
  #failure: unknown
  #isClosed = false
  #isKilled = false

  constructor(options: ThreadOptions) {
    this.#options = options
  }

  /** Starts the thread before it is asked anything. */
  async start(): Promise<void> {
    await this.#start()
  }

  /** As `WorkerThread.ask`. */
  async ask<Kind extends keyof All & string>(
    kind: Kind,
    request: Asked<All, Kind>['request'],
    durable = false,
  ): Promise<AnswerOf<All, Kind>> {
    if (this.#isClosed) throw new QueueUnavailableError('the store is disposed')
    const thread = (this.#thread?.broken === undefined ? this.#thread : undefined) ?? (await this.#start())
    if (this.#isKilled) throw new QueueUnavailableError('the store is disposed')
    return thread.ask(kind, request, durable)
  }

  /** As `WorkerThread.close`. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#starting?.catch(() => undefined)
    await this.#thread?.close()
  }

  /** As `WorkerThread.kill`, and no other is started. */
  async kill(): Promise<void> {
    this.#isClosed = true
    this.#isKilled = true
    await this.killThread()
  }

  /**
   * As `kill`, for a thread that may be long at what it was asked: nobody waits until it hears of it. Where it is being
   * started that is waited for, so that nothing is opened once the promise resolves.
   */
  async abandon(): Promise<void> {
    this.#isClosed = true
    this.#isKilled = true
    await this.#starting?.catch(() => undefined)
    this.killThread().catch(() => undefined)
  }

  /** As `WorkerThread.kill`; the next request starts another. */
  async killThread(): Promise<void> {
    await this.#starting?.catch(() => undefined)
    await this.#thread?.kill()
  }

  #start(): Promise<WorkerThread<All>> {
    this.#starting ??= this.#startAnew().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #startAnew(): Promise<WorkerThread<All>> {
    const before = this.#thread
    const now = this.#options.clock.monotonic()
    if (now - this.#startedAt < RESTART_MS) throw before?.broken ?? this.#failure
    this.#startedAt = now
    // The connection of the one before is closed when this resolves.
    await before?.kill()
    this.#thread = undefined
    try {
      this.#thread = await WorkerThread.start<All>(this.#options)
      return this.#thread
    } catch (error) {
      this.#failure = error
      throw error
    }
  }
}
