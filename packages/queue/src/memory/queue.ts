/** The queue of the memory store. Every step is synchronous, so each call is atomic. */

import { type ContentId, type EntryId, leaseToken, type LeaseToken, messageOf } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { checkNewEntries, checkSettlements } from '../entry-rules.ts'
import { feedPace } from '../pace.ts'
import type {
  Codec,
  Lease,
  LeaseRequest,
  NewEntry,
  Queue,
  QueueOptions,
  RenewRequest,
  Settlement,
  SettleResult,
} from '../queue.ts'
import type { MemoryEntry } from './entry.ts'
import { ForgettingMap } from './forgetting-map.ts'
import type { MemoryJournal } from './journal.ts'
import type { Lifetime } from './lifetime.ts'
import { Schedule } from './schedule.ts'
import type { MemorySpool } from './spool.ts'
import { WaitingLine } from './waiting.ts'

/** What a memory queue is made of. */
export interface MemoryQueueParts<Job> {
  readonly codec: Codec<Job> | undefined
  readonly clock: Clock
  readonly options: QueueOptions
  readonly spool: MemorySpool
  readonly journal: MemoryJournal
  readonly lifetime: Lifetime
  /** Makes tokens unlike those of other stores. */
  readonly tokenPrefix: string
}

/** Entries by id and by token, and their schedule. */
export class MemoryQueue<Job> implements Queue<Job> {
  readonly schedule: Schedule<Job>
  readonly entries: Map<EntryId, MemoryEntry<Job>> = new Map()
  readonly #tokens = new Map<LeaseToken, MemoryEntry<Job>>()
  /** Ids of settled entries, and until when they are remembered. */
  readonly #settled = new ForgettingMap<EntryId, number>((until, now) => until < now)
  readonly #waiting: WaitingLine<Lease<Job>>
  readonly #parts: MemoryQueueParts<Job>
  #serial = 0

  constructor(parts: MemoryQueueParts<Job>) {
    this.#parts = parts
    this.schedule = new Schedule(parts.options.groupConcurrency ?? 20)
    this.#waiting = new WaitingLine(parts.clock, () => this.schedule.wakeAt())
    parts.lifetime.onEnd(() => this.#waiting.endAll())
  }

  async enqueue(entries: readonly NewEntry<Job>[]): Promise<void> {
    this.#parts.lifetime.check()
    checkNewEntries(entries, true)
    this.#add(this.#prepare(entries))
    this.#waiting.serve()
  }

  async lease(request: LeaseRequest): Promise<readonly Lease<Job>[]> {
    this.#parts.lifetime.check()
    if (request.signal?.aborted === true) return []
    const leases = this.#take(request)
    if (leases.length > 0 || request.waitMs <= 0) return leases
    return this.#waiting.wait(() => this.#take(request), request.waitMs, request.signal)
  }

  async renew(token: LeaseToken, { durationMs, job }: RenewRequest<Job>): Promise<'renewed' | 'lost'> {
    this.#parts.lifetime.check()
    const entry = this.#tokens.get(token)
    if (entry === undefined) return 'lost'
    if (job !== undefined) entry.job = this.#keep(job)
    const now = this.now()
    if (entry.state !== 'leased') this.#unexpire(entry)
    this.schedule.withdraw(entry, now)
    entry.leaseUntil = now + durationMs
    this.schedule.lease(entry, now)
    this.#waiting.serve()
    return 'renewed'
  }

  async settle(batch: readonly Settlement<Job>[]): Promise<readonly SettleResult[]> {
    this.#parts.lifetime.check()
    checkSettlements(batch)
    try {
      return batch.map((settlement) => this.#settleOne(settlement))
    } finally {
      this.#waiting.serve()
    }
  }

  /** The time, by the store's clock. */
  now(): number {
    return this.#parts.clock.now()
  }

  /** To be called by control after it changed what may be leased. */
  changed(): void {
    this.#waiting.serve()
  }

  /** Removes an entry for good: its content if nothing else needs it, and its id is remembered. */
  remove(entry: MemoryEntry<Job>): void {
    const now = this.now()
    this.schedule.withdraw(entry, now)
    entry.lane.group.entries -= 1
    this.entries.delete(entry.id)
    if (entry.token !== undefined) this.#tokens.delete(entry.token)
    this.#settled.set(entry.id, now + (this.#parts.options.settledMemoryMs ?? 3_600_000), now)
    if (entry.content !== undefined) this.#parts.spool.release(entry.content)
  }

  /** Ends the counting of deaths, and the right of whoever held the last lease. */
  clear(entry: MemoryEntry<Job>): void {
    if (entry.token !== undefined) this.#tokens.delete(entry.token)
    entry.token = undefined
    entry.recovered = false
    entry.alone = false
    entry.deaths = 0
  }

  #keep(job: Job): () => Job {
    const { codec } = this.#parts
    if (codec === undefined) return () => job
    const bytes = codec.encode(job)
    return () => codec.decode(bytes)
  }

  /** Those entries that are new, with their content looked up: what can fail comes first, so that all are added or none. */
  #prepare(entries: readonly NewEntry<Job>[]): readonly (() => void)[] {
    const now = this.now()
    const additions: (() => void)[] = []
    const seen = new Set<EntryId>()
    for (const { id, job, group, content, priority, notBefore, labels } of entries) {
      if (seen.has(id) || this.entries.has(id) || (this.#settled.get(id) ?? -Infinity) > now) continue
      seen.add(id)
      const contentId: ContentId | undefined = content && ('ref' in content ? content.ref : content.id)
      if (contentId !== undefined) this.#parts.spool.require(contentId, content !== undefined && 'ref' in content)
      const kept = this.#keep(job)
      additions.push(() => {
        if (contentId !== undefined) this.#parts.spool.name(contentId)
        const inGroup = this.schedule.group(group, now)
        inGroup.entries += 1
        const entry: MemoryEntry<Job> = {
          id,
          serial: (this.#serial += 1),
          content: contentId,
          labels: { ...labels },
          enqueuedAt: now,
          lane: inGroup.lane(priority),
          job: kept,
          notBefore: Math.max(now, notBefore),
          state: 'queued',
          heldFor: undefined,
          leases: 0,
          deaths: 0,
          recovered: false,
          token: undefined,
          leaseUntil: 0,
          alone: false,
          heapIndex: -1,
        }
        this.entries.set(id, entry)
        this.schedule.queue(entry, now)
      })
    }
    return additions
  }

  #add(additions: readonly (() => void)[]): void {
    for (const add of additions) add()
  }

  #take({ limit, durationMs }: LeaseRequest): readonly Lease<Job>[] {
    const now = this.now()
    this.#expire(now)
    const leases: Lease<Job>[] = []
    while (leases.length < limit) {
      const entry = this.schedule.next(now)
      if (entry === undefined || (entry.recovered && leases.length > 0)) break
      let job: Job
      try {
        job = entry.job()
      } catch (error) {
        this.clear(entry)
        this.schedule.hold(entry, `the job cannot be decoded: ${String(error)}`, now)
        continue
      }
      this.schedule.endTurn(entry)
      leases.push(this.#lease(entry, job, now + durationMs, now))
      if (entry.alone) break
    }
    return leases
  }

  #lease(entry: MemoryEntry<Job>, job: Job, until: number, now: number): Lease<Job> {
    if (entry.token !== undefined) this.#tokens.delete(entry.token)
    const token = leaseToken(`${this.#parts.tokenPrefix}.${(this.#serial += 1).toString(36)}`)
    const attempt = entry.leases
    const { recovered } = entry
    entry.token = token
    entry.leaseUntil = until
    entry.leases += 1
    entry.alone = recovered
    entry.recovered = false
    this.#tokens.set(token, entry)
    this.schedule.lease(entry, now)
    const { id, lane, content, labels, enqueuedAt } = entry
    return {
      token,
      id,
      job,
      group: lane.group.id,
      content,
      priority: lane.priority,
      labels,
      attempt,
      recovered,
      enqueuedAt,
    }
  }

  /** Leases that ran out: their entries are due again, or held as poison. */
  #expire(now: number): void {
    for (let entry = this.schedule.nextExpired(now); entry !== undefined; entry = this.schedule.nextExpired(now)) {
      this.schedule.withdraw(entry, now)
      entry.recovered = true
      if (entry.alone) entry.deaths += 1
      if (entry.deaths >= (this.#parts.options.poisonDeaths ?? 3)) {
        const reason = `its worker died ${entry.deaths} times while it had nothing else`
        this.clear(entry)
        this.schedule.hold(entry, reason, now)
      } else this.schedule.queue(entry, now)
    }
  }

  /** The holder of a lease that ran out is alive after all. */
  #unexpire(entry: MemoryEntry<Job>): void {
    entry.recovered = false
    if (entry.alone) entry.deaths -= 1
  }

  #settleOne(settlement: Settlement<Job>): SettleResult {
    const entry = this.#tokens.get(settlement.token)
    if (entry === undefined) return { kind: 'lost' }
    const now = this.now()
    const additions = settlement.spawn === undefined ? [] : this.#prepare(settlement.spawn)
    const kept = settlement.kind === 'done' ? undefined : this.#keep(settlement.job)
    this.#add(additions)
    const { group } = entry.lane
    this.schedule.withdraw(entry, now)
    if (kept === undefined) this.remove(entry)
    else {
      entry.job = kept
      this.clear(entry)
      if (settlement.kind === 'hold') this.schedule.hold(entry, settlement.reason, now)
      else if (settlement.kind === 'retry') {
        if (settlement.group !== undefined) this.move(entry, settlement.group)
        entry.notBefore = Math.max(now, settlement.notBefore)
        this.schedule.queue(entry, now)
      }
    }
    if (settlement.feedback !== undefined) feedPace(group, settlement.feedback, this.schedule.groupConcurrency, now)
    this.schedule.refreshGroup(group, now)
    if (settlement.record !== undefined) {
      this.#parts.journal.keep({ ...settlement.record, message: messageOf(entry.id), entry: entry.id })
    }
    return { kind: 'settled', released: [] }
  }

  /** Moves an entry that is in no heap to another group. */
  move(entry: MemoryEntry<Job>, to: NewEntry<Job>['group']): void {
    const group = this.schedule.group(to, this.now())
    entry.lane.group.entries -= 1
    group.entries += 1
    entry.lane = group.lane(entry.lane.priority)
  }
}
