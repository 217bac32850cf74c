/**
 * The queue of the memory store. Every step is synchronous, so each call is atomic; where there is a log, a call answers
 * once its changes are kept there.
 */

import { type ContentId, type EntryId, leaseToken, type LeaseToken, messageOf } from '@postroad/envelope'
import type { Clock } from '@postroad/runtime'
import { checkNewEntries, checkSettlements, cutReply } from '../entry-rules.ts'
import type { AttemptRecord, JournalRecord } from '../journal.ts'
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
import { type EntryBeginning, type EntryTable, type KeptJob, listLabels, readLabels } from './entry-table.ts'
import type { MemoryEntry } from './entry.ts'
import { cutRecord, type MemoryJournal } from './journal.ts'
import type { Lifetime } from './lifetime.ts'
import type { Recorder } from './recorder.ts'
import { Roll } from './roll.ts'
import type { Schedule } from './schedule.ts'
import { SettledIds } from './settled-ids.ts'
import type { MemorySpool } from './spool.ts'
import type { KeptEntry } from './store-log.ts'
import { WaitingLine } from './waiting.ts'

const NO_BYTES = new Uint8Array()

/** What a memory queue is made of. */
export interface MemoryQueueParts<Job> {
  readonly codec: Codec<Job> | undefined
  readonly clock: Clock
  readonly options: QueueOptions
  readonly schedule: Schedule<Job>
  /** `undefined`: nothing is kept beyond the process. */
  readonly recorder: Recorder<Job> | undefined
  readonly spool: MemorySpool
  readonly journal: MemoryJournal
  readonly lifetime: Lifetime
  /** Makes tokens unlike those of other stores. */
  readonly tokenPrefix: string
  /** Makes hashes unlike those of other stores. */
  readonly hashSeed: number
}

/** Entries by id and by token, and their schedule. */
export class MemoryQueue<Job> implements Queue<Job> {
  readonly schedule: Schedule<Job>
  readonly table: EntryTable<Job>
  /** Entries by arrival, which here is by serial: their rows. */
  readonly roll: Roll = new Roll()
  /** The rows of those whose last lease may still be settled. */
  readonly #tokens = new Map<LeaseToken, number>()
  readonly #settled: SettledIds
  readonly #waiting: WaitingLine<Lease<Job>>
  readonly #parts: MemoryQueueParts<Job>
  #serial = 0

  constructor(parts: MemoryQueueParts<Job>) {
    this.#parts = parts
    this.schedule = parts.schedule
    this.table = parts.schedule.table
    this.#settled = new SettledIds(parts.hashSeed)
    this.#waiting = new WaitingLine(parts.clock, () => this.schedule.wakeAt())
    parts.lifetime.onEnd(() => this.#waiting.endAll())
  }

  async enqueue(entries: readonly NewEntry<Job>[]): Promise<void> {
    this.#parts.lifetime.check()
    checkNewEntries(entries, true)
    this.#add(this.#prepare(entries))
    this.#waiting.serve()
    await this.#parts.recorder?.kept(true)
  }

  async lease(request: LeaseRequest): Promise<readonly Lease<Job>[]> {
    this.#parts.lifetime.check()
    if (request.signal?.aborted === true) return []
    let leases = this.#take(request)
    if (leases.length === 0 && request.waitMs > 0) {
      leases = await this.#waiting.wait(() => this.#take(request), request.waitMs, request.signal)
    }
    // Also leases that ran out are told, but nobody waits for that where there is nothing to give.
    const kept = this.#parts.recorder?.kept(false)
    if (leases.length > 0) await kept
    return leases
  }

  async renew(token: LeaseToken, { durationMs, job }: RenewRequest<Job>): Promise<'renewed' | 'lost'> {
    this.#parts.lifetime.check()
    const entry = this.#find(token)
    if (entry === undefined) return 'lost'
    if (job !== undefined) entry.change({}, this.#keep(job))
    const now = this.now()
    if (entry.state !== 'leased') this.#unexpire(entry)
    this.schedule.withdraw(entry, now)
    entry.leaseUntil = now + durationMs
    this.schedule.lease(entry, now)
    this.#waiting.serve()
    await this.#parts.recorder?.kept(job !== undefined)
    return 'renewed'
  }

  async settle(batch: readonly Settlement<Job>[]): Promise<readonly SettleResult[]> {
    this.#parts.lifetime.check()
    checkSettlements(batch)
    let results: readonly SettleResult[]
    try {
      results = batch.map((settlement) => this.#settleOne(settlement))
    } finally {
      this.#waiting.serve()
    }
    await this.#parts.recorder?.kept(batch.some(({ kind, spawn = [] }) => kind !== 'done' || spawn.length > 0))
    return results
  }

  /** The time, by the store's clock. */
  now(): number {
    return this.#parts.clock.now()
  }

  /** To be called by control after it changed what may be leased. Resolves when that is durable. */
  async changed(): Promise<void> {
    this.#waiting.serve()
    await this.#parts.recorder?.kept(true)
  }

  /** Puts back an entry from a log. Those that arrived before it are there already; so is its content. */
  restore(kept: KeptEntry): void {
    const { group, priority, state, heldFor, token, content } = kept
    const now = this.now()
    const entry = this.#enter({
      ...kept,
      labels: listLabels(kept.labels),
      lane: this.schedule.group(group, now).lane(priority),
      job: { bytes: kept.job, read: undefined },
      heldFor: undefined,
    })
    entry.leases = kept.leases
    entry.deaths = kept.deaths
    entry.recovered = kept.recovered
    entry.alone = kept.alone
    entry.leaseUntil = kept.leaseUntil
    this.#serial = Math.max(this.#serial, kept.serial)
    if (token !== undefined) this.#giveToken(entry, token)
    if (content !== undefined) this.#parts.spool.name(content)
    if (state === 'queued') this.schedule.queue(entry, now)
    else if (state === 'leased') this.schedule.lease(entry, now)
    else this.schedule.hold(entry, heldFor ?? '', now)
  }

  /** Remembers from a log that an entry has ended. */
  restoreEnded(id: EntryId, until: number): void {
    this.#settled.add(id, until, this.now())
  }

  /** Removes an entry for good: its content if nothing else needs it, and its id is remembered. */
  remove(entry: MemoryEntry<Job>): void {
    const now = this.now()
    this.schedule.withdraw(entry, now)
    entry.lane.group.roll.remove(entry.groupPlace)
    this.roll.remove(entry.serial)
    this.#takeToken(entry)
    const until = now + (this.#parts.options.settledMemoryMs ?? 3_600_000)
    const { id, content } = entry.record()
    this.#settled.add(id, until, now)
    this.#parts.recorder?.ended(entry, id, until)
    this.table.delete(entry.row, id)
    if (content !== undefined) this.#parts.spool.release(content)
  }

  /** Ends the counting of deaths, and the right of whoever held the last lease. */
  clear(entry: MemoryEntry<Job>): void {
    this.#takeToken(entry)
    entry.recovered = false
    entry.alone = false
    entry.deaths = 0
  }

  /** The entry whose lease a token is; `undefined` where it is lost. */
  #find(token: LeaseToken): MemoryEntry<Job> | undefined {
    const row = this.#tokens.get(token)
    return row === undefined ? undefined : this.table.at(row)
  }

  #giveToken(entry: MemoryEntry<Job>, token: LeaseToken): void {
    this.#takeToken(entry)
    entry.token = token
    this.#tokens.set(token, entry.row)
  }

  #takeToken(entry: MemoryEntry<Job>): void {
    const { token } = entry
    if (token === undefined) return
    this.#tokens.delete(token)
    entry.token = undefined
  }

  #keep(job: Job): KeptJob<Job> {
    const { codec } = this.#parts
    if (codec === undefined) return { bytes: NO_BYTES, read: () => job }
    return { bytes: codec.encode(job), read: undefined }
  }

  /** Those entries that are new, with their content looked up: what can fail comes first, so that all are added or none. */
  #prepare(entries: readonly NewEntry<Job>[]): readonly (() => void)[] {
    const now = this.now()
    const additions: (() => void)[] = []
    const seen = new Set<EntryId>()
    for (const { id, job, group, content, priority, notBefore, labels } of entries) {
      if (seen.has(id) || this.table.has(id) || this.#settled.has(id, now)) continue
      seen.add(id)
      const contentId: ContentId | undefined = content && ('ref' in content ? content.ref : content.id)
      if (contentId !== undefined) this.#parts.spool.require(contentId, content !== undefined && 'ref' in content)
      const kept = this.#keep(job)
      additions.push(() => {
        if (contentId !== undefined) this.#parts.spool.name(contentId)
        const entry = this.#enter({
          id,
          serial: (this.#serial += 1),
          lane: this.schedule.group(group, now).lane(priority),
          enqueuedAt: now,
          notBefore: Math.max(now, notBefore),
          content: contentId,
          heldFor: undefined,
          lastReply: undefined,
          labels: listLabels(labels),
          job: kept,
        })
        this.schedule.queue(entry, now)
      })
    }
    return additions
  }

  #enter(beginning: EntryBeginning<Job>): MemoryEntry<Job> {
    const entry = this.table.add(beginning)
    this.roll.add(entry.row, beginning.serial)
    entry.groupPlace = beginning.lane.group.roll.add(entry.row)
    return entry
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
        job = entry.readJob()
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
    const token = leaseToken(`${this.#parts.tokenPrefix}.${(this.#serial += 1).toString(36)}`)
    const attempt = entry.leases
    const { recovered } = entry
    this.#giveToken(entry, token)
    entry.leaseUntil = until
    entry.leases += 1
    entry.alone = recovered
    entry.recovered = false
    this.schedule.lease(entry, now)
    const { lane, enqueuedAt } = entry
    const { id, content, labels } = entry.record()
    return {
      token,
      id,
      job,
      group: lane.group.id,
      content,
      priority: lane.priority,
      labels: readLabels(labels),
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
    const entry = this.#find(settlement.token)
    if (entry === undefined) return { kind: 'lost' }
    const now = this.now()
    const additions = settlement.spawn === undefined ? [] : this.#prepare(settlement.spawn)
    const kept = settlement.kind === 'done' ? undefined : this.#keep(settlement.job)
    const { feedback } = settlement
    const record = settlement.record && recordOf(entry.id, settlement.record)
    // From here on nothing fails.
    this.#add(additions)
    const { group } = entry.lane
    this.schedule.withdraw(entry, now)
    if (settlement.kind === 'done' || kept === undefined) this.remove(entry)
    else {
      entry.change(settlement.reply === undefined ? {} : { lastReply: cutReply(settlement.reply) }, kept)
      this.clear(entry)
      if (settlement.kind === 'hold') this.schedule.hold(entry, settlement.reason, now)
      else {
        if (settlement.group !== undefined) this.move(entry, settlement.group)
        entry.notBefore = Math.max(now, settlement.notBefore)
        this.schedule.queue(entry, now)
      }
    }
    if (feedback !== undefined) {
      this.schedule.steer(group, (group) => feedPace(group, feedback, this.schedule.groupConcurrency, now), now)
    }
    if (record !== undefined) this.#parts.journal.keep(record)
    return { kind: 'settled', released: [] }
  }

  /** Moves an entry that is in no heap to another group. */
  move(entry: MemoryEntry<Job>, to: NewEntry<Job>['group']): void {
    this.schedule.move(entry, this.schedule.group(to, this.now()).lane(entry.lane.priority))
  }
}

/** A record of an attempt as the journal keeps it. */
function recordOf(entry: EntryId, record: AttemptRecord): JournalRecord {
  return cutRecord({ ...record, message: messageOf(entry), entry })
}
