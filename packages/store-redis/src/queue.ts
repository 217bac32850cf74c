/** The queue in Redis: each method is one script, `lease` with a wait before it looks again. */

import { contentId, entryId, groupId, type LeaseToken, messageOf } from '@postroad/envelope'
import {
  checkNewEntries,
  checkSettlements,
  type Codec,
  ContentMissingError,
  type Lease,
  type LeaseRequest,
  type NewEntry,
  PARKED_MS,
  type Queue,
  QueueUnavailableError,
  type RenewRequest,
  type Settlement,
  type SettleResult,
} from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import type { Argument } from './connection.ts'
import { type Context, JOURNAL_MS } from './context.ts'
import { formatRecord } from './journal.ts'
import { parseLabels } from './labels.ts'
import type { RedisStoreObserver } from './observer.ts'
import { bytesOf, listOf, numberOf, textOf, wordOf } from './reply.ts'
import { enqueue } from './scripts/enqueue.ts'
import { lease } from './scripts/lease.ts'
import { renew } from './scripts/renew.ts'
import { settle } from './scripts/settle.ts'
import type { RedisSpool } from './spool.ts'
import { formatToken, parseToken } from './token.ts'
import { TELL_MS, Waiting } from './waiting.ts'
import { whole } from './whole.ts'

/** How long a worker that waits is kept before it hears that Redis is away. */
const AWAY_MS = 1_000

/** The most that one script leases. */
const MOST_LEASES = 1_000

/** What one look found. */
type Look<Job> =
  | { readonly kind: 'leased'; readonly leases: readonly Lease<Job>[] }
  | { readonly kind: 'none'; readonly nextMs: number }
  | { readonly kind: 'more' }

/** The queue of one store. */
export class RedisQueue<Job> implements Queue<Job> {
  readonly #context: Context
  readonly #spool: RedisSpool
  readonly #codec: Codec<Job>
  readonly #observer: RedisStoreObserver | undefined
  readonly #waiting = new Waiting()

  constructor(context: Context, spool: RedisSpool, codec: Codec<Job>, observer: RedisStoreObserver | undefined) {
    this.#context = context
    this.#spool = spool
    this.#codec = codec
    this.#observer = observer
    context.connection.onWork = (ms) => this.#waiting.word(ms)
  }

  async enqueue(entries: readonly NewEntry<Job>[]): Promise<void> {
    checkNewEntries(entries, true)
    if (entries.length === 0) return
    const reply = await this.#run(enqueue, this.#arrivals(entries))
    const { word, rest } = wordOf(reply)
    if (word === 'missing') throw new ContentMissingError(`there is no content ${textOf(rest[0])}`)
    if (numberOf(rest[0]) > 0) this.#spool.named(entries.map(({ content }) => content))
  }

  async lease(request: LeaseRequest): Promise<readonly Lease<Job>[]> {
    const { signal } = request
    if (isAborted(signal)) return []
    const endAt = systemClock.monotonic() + request.waitMs
    let awaySince: number | undefined
    for (;;) {
      const words = this.#waiting.words
      let look: Look<Job>
      try {
        look = await this.#look(request)
        awaySince = undefined
      } catch (error) {
        // Whoever loops on `lease` alone must not spin while Redis is away: a call fails only after a while.
        const now = systemClock.monotonic()
        awaySince ??= now
        const leftMs = Math.min(endAt, awaySince + AWAY_MS) - now
        if (leftMs <= 0 || this.#waiting.closed || !(error instanceof QueueUnavailableError)) throw error
        await this.#waiting.wait(Number.NaN, leftMs, signal)
        if (isAborted(signal) || this.#waiting.closed) return []
        continue
      }
      if (look.kind === 'leased') {
        // There may be more for others who wait.
        this.#waiting.wakeOne()
        if (look.leases.length > 0) return look.leases
      }
      if (this.#waiting.closed) return []
      if (look.kind !== 'none') continue
      const leftMs = endAt - systemClock.monotonic()
      if (leftMs <= 0) return []
      if (isAborted(signal)) {
        this.#waiting.wakeOne()
        return []
      }
      if (words !== this.#waiting.words) continue
      await this.#waiting.wait(look.nextMs, leftMs, signal)
      if (this.#waiting.closed) return []
      if (isAborted(signal)) {
        // The word that came at the same moment is for somebody else.
        this.#waiting.wakeOne()
        return []
      }
    }
  }

  async renew(token: LeaseToken, { durationMs, job }: RenewRequest<Job>): Promise<'renewed' | 'lost'> {
    const lease = parseToken(token)
    if (lease === undefined) return 'lost'
    const encoded = job === undefined ? [] : [this.#codec.encode(job)]
    const reply = await this.#run(renew, [lease.id, lease.fence, whole(durationMs, 'durationMs'), ...encoded])
    return wordOf(reply).word === 'renewed' ? 'renewed' : 'lost'
  }

  async settle(batch: readonly Settlement<Job>[]): Promise<readonly SettleResult[]> {
    checkSettlements(batch)
    // All leave in one turn; Redis takes them in this order.
    const results = await Promise.allSettled(batch.map((settlement) => this.#settleOne(settlement)))
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
  }

  /** Ends all waiting with empty lists. */
  close(): void {
    this.#waiting.close()
  }

  async #settleOne(settlement: Settlement<Job>): Promise<SettleResult> {
    const { token, kind, spawn = [], record, feedback = '' } = settlement
    const { settledMemoryMs, journalRecords } = this.#context
    const lease = parseToken(token)
    if (lease === undefined) return { kind: 'lost' }
    const reply = await this.#run(settle, [
      lease.id,
      lease.fence,
      kind,
      kind === 'done' ? '' : this.#codec.encode(settlement.job),
      kind === 'retry' ? whole(settlement.notBefore, 'notBefore') : '',
      kind === 'retry' ? (settlement.group ?? '') : '',
      kind === 'hold' ? settlement.reason : '',
      feedback,
      PARKED_MS,
      settledMemoryMs,
      record === undefined ? '' : formatRecord({ ...record, entry: lease.id }),
      messageOf(lease.id),
      journalRecords,
      JOURNAL_MS,
      ...this.#arrivals(spawn),
    ])
    const { word, rest } = wordOf(reply)
    if (word === 'missing') throw new ContentMissingError(`there is no content ${textOf(rest[0])}`)
    if (word !== 'settled') return { kind: 'lost' }
    this.#spool.named(spawn.map(({ content }) => content))
    return { kind: 'settled', released: [] }
  }

  async #look({ limit, durationMs, waitMs }: LeaseRequest): Promise<Look<Job>> {
    const { poisonDeaths } = this.#context
    const most = Math.min(Math.max(1, whole(limit, 'limit')), MOST_LEASES)
    const tellMs = waitMs > 0 ? TELL_MS : ''
    const reply = await this.#run(lease, [most, whole(durationMs, 'durationMs'), poisonDeaths, tellMs])
    const { word, rest } = wordOf(reply)
    if (word === 'more') return { kind: 'more' }
    if (word === 'none') return { kind: 'none', nextMs: numberOf(rest[0]) }
    const leases = await Promise.all(listOf(rest[0]).map((row) => this.#leaseOf(row)))
    return { kind: 'leased', leases: leases.filter((one) => one !== undefined) }
  }

  async #leaseOf(row: unknown): Promise<Lease<Job> | undefined> {
    const [id, fence, fields] = listOf(row)
    const [job, group, content, priority, labels, attempt, recovered, enqueuedAt] = listOf(fields)
    const name = entryId(textOf(id))
    const contentName = textOf(content)
    const token = formatToken(this.#context.keys.shard, textOf(fence), name)
    try {
      return {
        token,
        id: name,
        job: this.#codec.decode(bytesOf(job)),
        group: groupId(textOf(group)),
        content: contentName === '' ? undefined : contentId(contentName),
        priority: numberOf(priority),
        labels: parseLabels(textOf(labels)),
        attempt: numberOf(attempt),
        recovered: textOf(recovered) === '1',
        enqueuedAt: numberOf(enqueuedAt),
      }
    } catch (error) {
      this.#observer?.({ type: 'store.undecodable', entry: name, error })
      await this.#holdAsItIs(token, error)
      return undefined
    }
  }

  async #holdAsItIs(token: LeaseToken, error: unknown): Promise<void> {
    const lease = parseToken(token)
    if (lease === undefined) return
    const reason = `the job cannot be decoded: ${error instanceof Error ? error.message : String(error)}`
    const { settledMemoryMs, journalRecords } = this.#context
    // Where Redis is away now, the lease runs out and the entry comes here again.
    await this.#run(settle, [
      lease.id,
      lease.fence,
      'keep',
      '',
      '',
      '',
      reason.slice(0, 1_000),
      '',
      PARKED_MS,
      settledMemoryMs,
      '',
      messageOf(lease.id),
      journalRecords,
      JOURNAL_MS,
      ...this.#arrivals([]),
    ]).catch(() => {})
  }

  #run(script: typeof lease, args: readonly Argument[]): Promise<unknown> {
    const { connection, keys, time, groupConcurrency } = this.#context
    return connection.run(script, [keys.seq], [time(), groupConcurrency, ...args])
  }

  /** The arguments that ARRIVALS reads. */
  #arrivals(entries: readonly NewEntry<Job>[]): readonly Argument[] {
    const args: Argument[] = [...this.#spool.naming(entries.map(({ content }) => content)), entries.length]
    for (const { id, job, group, content, priority, notBefore, labels } of entries) {
      const named = content === undefined ? '' : 'ref' in content ? content.ref : content.id
      args.push(
        id,
        group,
        named,
        priority,
        whole(notBefore, 'notBefore'),
        JSON.stringify(labels),
        this.#codec.encode(job),
      )
    }
    return args
  }
}

/** Asked through a function, for the answer changes while `lease` waits. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
