/** What the store's benchmarks do with a store. */

import type { Lease, Store } from '@postroad/queue'
import type { Measured, Work } from '../../benchmark.ts'
import { collectGarbage } from './garbage.ts'
import { BACKLOG_PRIORITY, enqueueBacklog, type Job, newMessage, stageContent, workingEntry } from './message.ts'
import { repeat, runCallers, Window } from './pace.ts'

const LEASE_MS = 600_000
/** How long a caller waits for an entry that must be there. */
const WAIT_MS = 10_000
/** Callers of what is not measured. */
const WIDTH = 64
/** Entries of the backlog that go in with one call. */
const BACKLOG_BATCH = 50
/** How far away a deferred backlog is due: longer than any run. */
const DEFERRED_MS = 86_400_000
/** How many producers may be ahead of the workers, in messages. */
const AHEAD = 1_000
/** A round of lease, settle or drain takes its entries out of so many at least, also before a rate is known, and at most. */
const FEWEST = 1_000
const MOST = 15_000
/** Before the first round such work is done so often, for as long as a round at least and so many rounds at most. */
const WARM_OPERATIONS = 10_000
const MOST_WARM_ROUNDS = 4

/** Does the work of a case, round by round, and keeps the backlog at its length. */
export class StoreWork {
  readonly #store: Store<Job>
  readonly #leased: Lease<Job>[] = []
  /** Entries of the working set that are in the store. */
  #working = 0
  /** Entries that were added to the backlog for a round of `drain`, and those that it took. */
  #added = 0
  #taken = 0
  /** The most that a round of the same work reached, in operations a second: one that was held up makes no later one short. */
  readonly #rates = new Map<string, number>()
  /** Calls in turn, for one commit per message. */
  #last: Promise<void> = Promise.resolve()
  readonly #serial: boolean
  readonly #backlogNotBefore: number

  /** @param options From the setup of `store-process.ts`: `serial`, `deferred`. */
  constructor(store: Store<Job>, { serial, deferred }: Work) {
    this.#store = store
    this.#serial = serial === true
    this.#backlogNotBefore = deferred === true ? Date.now() + DEFERRED_MS : 0
  }

  /** Builds the backlog. */
  async build(entries: number, tell: (text: string) => void): Promise<void> {
    const batches = Math.ceil(entries / BACKLOG_BATCH)
    let done = 0
    await repeat(batches, WIDTH, async (index) => {
      const count = Math.min(BACKLOG_BATCH, entries - index * BACKLOG_BATCH)
      await enqueueBacklog(this.#store, count, this.#backlogNotBefore)
      done += 1
      if (done % Math.ceil(batches / 10) === 0) tell(`backlog ${Math.round((done / batches) * 100)} %`)
    })
  }

  /** Adds what the round takes. */
  async prepare(work: Work, roundMs: number): Promise<void> {
    if (!isTaking(work)) return
    if (!this.#rates.has(keyOf(work))) await this.#warm(work, roundMs)
    await this.#provide(work, roundMs)
    collectGarbage()
  }

  async measure(work: Work, roundMs: number): Promise<Measured> {
    const callers = Number(work['callers'])
    const measured = await this.#run(work, callers, roundMs)
    const rate = measured.operations / measured.seconds
    this.#rates.set(keyOf(work), Math.max(rate, this.#rates.get(keyOf(work)) ?? 0))
    return measured
  }

  /** Takes out of the store what the round left of the working set, and sets the backlog right. */
  async finish(work: Work): Promise<void> {
    await this.#settleLeased()
    while (this.#working > 0) {
      await this.#leaseWorking(Math.min(this.#working, 1_000))
      await this.#settleLeased()
    }
    if (work['kind'] !== 'drain') return
    // What was added for the round and not taken.
    while (this.#taken < this.#added) {
      const leases = await this.#lease(Math.min(this.#added - this.#taken, 100))
      await this.#settle(leases)
      this.#taken += leases.length
    }
    this.#taken = 0
  }

  /** Leases one entry of the backlog, until `giveBack`. */
  async leaseOne(): Promise<Lease<Job>> {
    const [lease] = await this.#lease(1)
    if (lease === undefined) throw new Error('nothing was leased')
    return lease
  }

  /** Puts a leased entry back as it was. */
  async giveBack({ token, job }: Lease<Job>): Promise<void> {
    await this.#store.queue.settle([{ token, kind: 'retry', job, notBefore: 0 }])
  }

  async #run({ kind }: Work, callers: number, roundMs: number): Promise<Measured> {
    switch (kind) {
      case 'enqueue':
        return runCallers(callers, roundMs, async () => {
          await this.#inTurn(() => this.#enqueue())
          return true
        })
      case 'lease':
        return runCallers(callers, roundMs, async () => {
          // Taken before the await: the others must not ask for the same last one.
          if (this.#working === 0) return false
          this.#working -= 1
          this.#leased.push(...(await this.#leaseOwn(1)))
          return true
        })
      case 'settle':
        return runCallers(callers, roundMs, async () => {
          const lease = this.#leased.pop()
          if (lease === undefined) return false
          await this.#settle([lease])
          return true
        })
      case 'cycle':
        return runCallers(callers, roundMs, async () => {
          await this.#enqueue()
          await this.#deliver(await this.#leaseOwn(1))
          this.#working -= 1
          return true
        })
      case 'flow':
        return this.#flow(callers, roundMs)
      case 'drain':
        return this.#drain(callers, roundMs)
      default:
        throw new Error(`There is no work "${String(kind)}".`)
    }
  }

  /**
   * Producers and workers apart, as services are: so many of each, the producers at most `AHEAD` messages ahead. It ends
   * when the last message that was produced in time is settled.
   */
  async #flow(callers: number, roundMs: number): Promise<Measured> {
    const window = new Window(AHEAD)
    const ending = new AbortController()
    const startedAt = performance.now()
    let isProducing = true
    const worker = async (): Promise<void> => {
      while (isProducing || this.#working > 0) {
        const leases = await this.#lease(1, ending.signal)
        await this.#deliver(leases)
        this.#working -= leases.length
        for (const _ of leases) window.leave()
      }
      // The others may wait for entries that will not come.
      ending.abort()
    }
    const workers = Array.from({ length: callers }, worker)
    const { operations } = await runCallers(callers, roundMs, async () => {
      await window.enter()
      await this.#enqueue()
      return true
    })
    isProducing = false
    if (this.#working === 0) ending.abort()
    await Promise.all(workers)
    return { operations, seconds: (performance.now() - startedAt) / 1_000 }
  }

  /** Leases and ends entries of the backlog itself, which are all alike. */
  async #drain(callers: number, roundMs: number): Promise<Measured> {
    return runCallers(callers, roundMs, async () => {
      if (this.#taken === this.#added) return false
      this.#taken += 1
      const leases = await this.#lease(1)
      if (leases[0]?.priority !== BACKLOG_PRIORITY) throw new Error('the entry is not of the backlog')
      await this.#settle(leases)
      return true
    })
  }

  /**
   * Does the work before the first round: that takes few entries, for no rate is known, so it would be over before the code
   * is compiled, and sooner yet on a busy machine.
   */
  async #warm(work: Work, roundMs: number): Promise<void> {
    let doneMs = 0
    let done = 0
    while (doneMs < roundMs || (done < WARM_OPERATIONS && doneMs < MOST_WARM_ROUNDS * roundMs)) {
      await this.#provide(work, roundMs)
      const { seconds, operations } = await this.measure(work, roundMs)
      await this.finish(work)
      doneMs += seconds * 1_000
      done += operations
    }
  }

  async #provide(work: Work, roundMs: number): Promise<void> {
    const count = this.#roundSize(work, roundMs)
    if (work['kind'] === 'drain') {
      this.#added = count
      return this.build(count, () => {})
    }
    await repeat(count, WIDTH, () => this.#enqueue())
    if (work['kind'] === 'settle') await this.#leaseWorking(count)
  }

  /** How many entries a round may take: some more than it took before, so that it does not end early. */
  #roundSize(work: Work, roundMs: number): number {
    const rate = this.#rates.get(keyOf(work)) ?? 0
    return Math.min(MOST, Math.max(FEWEST, Math.ceil(((rate * roundMs) / 1_000) * 1.3)))
  }

  async #enqueue(): Promise<void> {
    const message = newMessage()
    const content = await stageContent(this.#store, message)
    await this.#store.queue.enqueue([workingEntry(message, content)])
    this.#working += 1
  }

  #lease(limit: number, signal?: AbortSignal): Promise<readonly Lease<Job>[]> {
    const request = { limit, durationMs: LEASE_MS, waitMs: WAIT_MS }
    return this.#store.queue.lease(signal === undefined ? request : { ...request, signal })
  }

  /** Leases entries of the working set, which must be there. */
  async #leaseOwn(limit: number): Promise<readonly Lease<Job>[]> {
    const leases = await this.#lease(limit)
    if (leases.length === 0) throw new Error(`no entry within ${WAIT_MS} ms, though there are some`)
    if (leases.some(({ priority }) => priority === BACKLOG_PRIORITY)) throw new Error('the backlog was leased')
    return leases
  }

  async #leaseWorking(count: number): Promise<void> {
    let rest = count
    while (rest > 0) {
      const leases = await this.#leaseOwn(Math.min(rest, 100))
      this.#leased.push(...leases)
      this.#working -= leases.length
      rest -= leases.length
    }
  }

  /** Reads the content and ends the lease. */
  async #deliver(leases: readonly Lease<Job>[]): Promise<void> {
    for (const lease of leases) {
      if (lease.content === undefined) throw new Error('an entry has no content')
      let bytes = 0
      for await (const chunk of this.#store.spool.open(lease.content)) bytes += chunk.length
      if (bytes !== lease.job.facts['sizeBytes']) throw new Error(`${bytes} bytes of content came back`)
      await this.#settle([lease])
    }
  }

  async #settle(leases: readonly Lease<Job>[]): Promise<void> {
    const results = await this.#store.queue.settle(leases.map(({ token }) => ({ token, kind: 'done' })))
    if (results.some(({ kind }) => kind === 'lost')) throw new Error('a lease was lost')
  }

  async #settleLeased(): Promise<void> {
    const leases = this.#leased.splice(0)
    await repeat(Math.ceil(leases.length / 100), 8, (index) =>
      this.#settle(leases.slice(index * 100, (index + 1) * 100)),
    )
  }

  /** With `serial` one call after the other, however many callers there are. */
  #inTurn(call: () => Promise<void>): Promise<void> {
    if (!this.#serial) return call()
    this.#last = this.#last.then(call)
    return this.#last
  }
}

/** Whether a round takes what was added for it. */
function isTaking({ kind }: Work): boolean {
  return kind === 'lease' || kind === 'settle' || kind === 'drain'
}

function keyOf({ kind, callers }: Work): string {
  return `${String(kind)} ${String(callers)}`
}
