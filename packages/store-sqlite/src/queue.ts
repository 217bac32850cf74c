/** The queue of the SQLite store: encodes, asks the writer, decodes. */

import { entryId, groupId, contentId, leaseToken, type LeaseToken } from '@postroad/envelope'
import {
  checkNewEntries,
  checkSettlements,
  cutReply,
  type Codec,
  type Labels,
  type Lease,
  type LeaseRequest,
  type NewEntry,
  type Queue,
  type RenewRequest,
  type Settlement,
  type SettleResult,
} from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { instant, ownBytes } from './instant.ts'
import type { LeasedRow, NewRow, SettleRequest, WriteSteps } from './protocol.ts'
import type { SqliteSpool } from './spool.ts'
import { type Look, WaitingLine } from './waiting.ts'
import type { LazyThread } from './lazy-thread.ts'

/** What a queue is made of. */
export interface SqliteQueueParts<Job> {
  readonly codec: Codec<Job>
  readonly clock: Clock
  readonly writer: LazyThread<WriteSteps>
  readonly spool: SqliteSpool
  /** Wakes the workers of other processes. */
  readonly ring: () => void
  /** How long to wait until the next look for what others have added, at most, in milliseconds. */
  readonly lookMs: () => number
}

/** The queue over the writer thread. */
export class SqliteQueue<Job> implements Queue<Job> {
  readonly #parts: SqliteQueueParts<Job>
  readonly #waiting: WaitingLine<Lease<Job>>

  constructor(parts: SqliteQueueParts<Job>) {
    this.#parts = parts
    this.#waiting = new WaitingLine(parts.clock, parts.lookMs)
  }

  async enqueue(entries: readonly NewEntry<Job>[]): Promise<void> {
    checkNewEntries(entries, true)
    if (entries.length === 0) return
    const { writer, spool } = this.#parts
    const rows = this.#rows(entries)
    await spool.bringing(rows, () => spool.naming(rows, writer.ask('enqueue', { entries: rows }, true)))
    this.changed()
  }

  async lease(request: LeaseRequest): Promise<readonly Lease<Job>[]> {
    const { waitMs, signal } = request
    if (hasFired(signal)) return []
    const look = (): Promise<Look<Lease<Job>>> => this.#look(request)
    const { changes } = this.#waiting
    const first = await look()
    if (first.results.length > 0 || waitMs <= 0 || hasFired(signal)) return first.results
    return this.#waiting.wait(look, { wakeAt: first.wakeAt, changes }, waitMs, signal)
  }

  async renew(token: LeaseToken, { durationMs, job }: RenewRequest<Job>): Promise<'renewed' | 'lost'> {
    const bytes = job === undefined ? undefined : this.#encode(job)
    const request = { token, durationMs: instant(durationMs), job: bytes }
    const isRenewed = await this.#parts.writer.ask('renew', request, bytes !== undefined)
    this.#waiting.serve()
    return isRenewed ? 'renewed' : 'lost'
  }

  async settle(batch: readonly Settlement<Job>[]): Promise<readonly SettleResult[]> {
    checkSettlements(batch)
    const requests = batch.map((settlement) => this.#settlement(settlement))
    const { writer, spool } = this.#parts
    const spawned = requests.flatMap(({ spawn }) => spawn)
    const settling = () =>
      Promise.allSettled(
        requests.map((request) => {
          const isDurable = request.end.kind !== 'done' || request.spawn.length > 0
          return spool.naming(request.spawn, writer.ask('settle', request, isDurable))
        }),
      )
    const outcomes = await spool.bringing(spawned, settling)
    this.changed()
    return outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value === undefined ? { kind: 'lost' } : { kind: 'settled', released: [] }
    })
  }

  /** To be called after what may be leased has changed here. */
  changed(): void {
    this.#waiting.serve()
    this.#parts.ring()
  }

  /** To be called when another process rings. */
  rung(): void {
    this.#waiting.serve()
  }

  /** Ends all waiting with empty lists. */
  endWaiting(): void {
    this.#waiting.endAll()
  }

  /** Leases what is due; what cannot be decoded is held, and the place given to the next. */
  async #look(request: LeaseRequest): Promise<Look<Lease<Job>>> {
    const { limit, durationMs } = request
    const results: Lease<Job>[] = []
    for (;;) {
      const asked = { limit, durationMs: instant(durationMs) }
      const { leases, wakeAt } = await this.#parts.writer.ask('lease', asked)
      if (leases.length === 0) return { results, wakeAt }
      for (const row of leases) {
        const lease = await this.#decode(row)
        if (lease !== undefined) results.push(lease)
      }
      if (results.length > 0) return { results, wakeAt: undefined }
    }
  }

  async #decode(row: LeasedRow): Promise<Lease<Job> | undefined> {
    let job: Job
    try {
      job = this.#parts.codec.decode(row.job)
    } catch (error) {
      const end = {
        kind: 'hold',
        job: row.job,
        reason: `the job cannot be decoded: ${String(error)}`,
        reply: undefined,
      } as const
      const request = { token: row.token, spawn: [], record: undefined, feedback: undefined, end }
      try {
        await this.#parts.writer.ask('settle', request, true)
      } catch {
        // It comes back when its lease runs out, and is held then. Those that were leased with it must be given now.
      }
      return undefined
    }
    const labels: Labels = JSON.parse(row.labels)
    return {
      token: leaseToken(row.token),
      id: entryId(row.id),
      job,
      group: groupId(row.group),
      content: row.content === undefined ? undefined : contentId(row.content),
      priority: row.priority,
      labels,
      attempt: row.attempt,
      recovered: row.recovered,
      enqueuedAt: row.enqueuedAt,
    }
  }

  #encode(job: Job): Uint8Array {
    return ownBytes(this.#parts.codec.encode(job))
  }

  #rows(entries: readonly NewEntry<Job>[]): readonly NewRow[] {
    return entries.map(({ id, job, group, content, priority, notBefore, labels }) => {
      return {
        id,
        job: this.#encode(job),
        group,
        priority,
        notBefore: instant(notBefore),
        labels: JSON.stringify(labels),
        // Entries that share content share one object here, which goes over once.
        content: content && ('ref' in content ? { id: content.ref } : this.#parts.spool.bring(content)),
      }
    })
  }

  #settlement(settlement: Settlement<Job>): SettleRequest {
    const { token, spawn = [], record, feedback } = settlement
    const shared = { token, spawn: this.#rows(spawn), record, feedback }
    switch (settlement.kind) {
      case 'done':
        return { ...shared, end: { kind: 'done' } }
      case 'retry': {
        const { group, notBefore, reply } = settlement
        const job = this.#encode(settlement.job)
        return { ...shared, end: { kind: 'retry', job, notBefore: instant(notBefore), group, reply: cut(reply) } }
      }
      case 'hold': {
        const { reason, reply } = settlement
        return { ...shared, end: { kind: 'hold', job: this.#encode(settlement.job), reason, reply: cut(reply) } }
      }
      default:
        return settlement satisfies never
    }
  }
}

function cut(reply: string | undefined): string | undefined {
  return reply === undefined ? undefined : cutReply(reply)
}

/** Read anew each time: it may fire while something is awaited. */
function hasFired(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
