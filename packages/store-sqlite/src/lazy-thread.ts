/** A worker thread that is started when it is first asked: a store that only queues needs no reader. */

import { QueueUnavailableError } from '@postroad/queue'
import type { AnswerOf, Asked } from './protocol.ts'
import { type ThreadOptions, WorkerThread } from './worker-thread.ts'

/** As `WorkerThread`, from the first request on. Where starting fails, the next request tries again. */
export class LazyThread<All> {
  readonly #options: ThreadOptions
  #thread: Promise<WorkerThread<All>> | undefined
  #isClosed = false

  constructor(options: ThreadOptions) {
    this.#options = options
  }

  /** As `WorkerThread.ask`. */
  async ask<Kind extends keyof All & string>(
    kind: Kind,
    request: Asked<All, Kind>['request'],
  ): Promise<AnswerOf<All, Kind>> {
    if (this.#isClosed) throw new QueueUnavailableError('the store is disposed')
    const starting = (this.#thread ??= WorkerThread.start<All>(this.#options))
    try {
      return await (await starting).ask(kind, request)
    } catch (error) {
      if (this.#thread === starting && (await isBroken(starting))) this.#thread = undefined
      throw error
    }
  }

  /** As `WorkerThread.close`. */
  async close(): Promise<void> {
    this.#isClosed = true
    const thread = await this.#thread?.catch(() => undefined)
    await thread?.close()
  }

  /** As `WorkerThread.kill`. */
  async kill(): Promise<void> {
    this.#isClosed = true
    const thread = await this.#thread?.catch(() => undefined)
    await thread?.kill()
  }
}

async function isBroken<All>(starting: Promise<WorkerThread<All>>): Promise<boolean> {
  try {
    return (await starting).isBroken
  } catch {
    return true
  }
}
