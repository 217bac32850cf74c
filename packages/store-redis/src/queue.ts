/**
 * The queue in Redis: each method is one script in the shard of the message or the lease. `lease` looks into one shard after
 * the other, another one first each time, and waits before it looks again.
 */

import { contentId, entryId, groupId, type LeaseToken, messageOf } from '@postroad/envelope'
import {
  checkNewEntries,
  checkSettlements,
  type Codec,
  InvalidEntryError,
  type Lease,
  type LeaseRequest,
  type NewEntry,
  type Queue,
  QueueUnavailableError,
  type RenewRequest,
  type Settlement,
  type SettleResult,
} from '@postroad/queue'
import { systemClock } from '@postroad/runtime/system'
import { Adding } from './adding.ts'
import type { Argument } from './connection.ts'
import type { Context } from './context.ts'
import { parseLabels } from './labels.ts'
import { type LeasedRow, Leasing } from './leasing.ts'
import type { RedisStoreObserver } from './observer.ts'
import { at, contextOf, shardOfContent } from './placement.ts'
import { wordOf } from './reply.ts'
import { MOST_LEASES } from './scripts/lease.ts'
import { renew } from './scripts/renew.ts'
import type { Script } from './scripts/script.ts'
import { Settling } from './settling.ts'
import type { RedisSpool } from './spool.ts'
import { formatToken, parseToken, type TokenParts } from './token.ts'
import { TELL_MS, Waiting } from './waiting.ts'
import { whole } from './whole.ts'

/** How long a worker that waits is kept before it hears that Redis is away. */
const AWAY_MS = 1_000

/** What one look into a shard found. */
type Look<Job> =
  | { readonly kind: 'leased'; readonly leases: readonly Lease<Job>[] }
  | { readonly kind: 'none'; readonly nextMs: number }
  | { readonly kind: 'more' }

/** What a round of looks found: leases, nothing, or that Redis is away. */
type Round<Job> =
  | { readonly kind: 'leased'; readonly leases: readonly Lease<Job>[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'away'; readonly error: QueueUnavailableError }

/** The queue of one store. */
export class RedisQueue<Job> implements Queue<Job> {
  readonly #shards: readonly Context[]
  /** One for each shard. */
  readonly #adding: readonly Adding<Job>[]
  readonly #leasing: readonly Leasing[]
  readonly #settling: readonly Settling<Job>[]
  readonly #codec: Codec<Job>
  readonly #observer: RedisStoreObserver | undefined
  readonly #waiting: Waiting
  /** Which shard the next lease looks into first. */
  #first = 0

  constructor(
    shards: readonly Context[],
    spool: RedisSpool,
    codec: Codec<Job>,
    observer: RedisStoreObserver | undefined,
  ) {
    this.#shards = shards
    this.#adding = shards.map((context) => new Adding(context, spool, codec))
    this.#settling = shards.map((context) => new Settling(context, spool, codec))
    this.#leasing = shards.map((context, shard) => new Leasing(context, (rows) => this.#giveBack(shard, rows)))
    this.#codec = codec
    this.#observer = observer
    this.#waiting = new Waiting(shards.length)
  }

  /** Work came to be due in a shard, or will in `ms` milliseconds, or the shard is there again. */
  onWork(shard: number, ms: number): void {
    this.#waiting.word(shard, ms)
  }

  async enqueue(entries: readonly NewEntry<Job>[]): Promise<void> {
    checkNewEntries(entries, true)
    const [first] = entries
    if (first === undefined) return
    const context = contextOf(messageOf(first.id), this.#shards)
    this.#checkPlaces(entries, context)
    await this.#adding[context.keys.shard]?.add(entries)
  }

  async lease(request: LeaseRequest): Promise<readonly Lease<Job>[]> {
    const { signal } = request
    if (isAborted(signal)) return []
    const endAt = systemClock.monotonic() + request.waitMs
    const seen = new Map<number, number>()
    let awaySince: number | undefined
    for (;;) {
      const round = await this.#round(request, seen)
      if (round.kind === 'leased') return round.leases
      if (this.#waiting.closed) {
        if (round.kind === 'away') throw round.error
        return []
      }
      const now = systemClock.monotonic()
      let leftMs = endAt - now
      if (round.kind === 'away') {
        // Whoever loops on `lease` alone must not spin while Redis is away: a call fails only after a while.
        awaySince ??= now
        leftMs = Math.min(leftMs, awaySince + AWAY_MS - now)
        if (leftMs <= 0) throw round.error
      } else {
        awaySince = undefined
        if (leftMs <= 0) return []
        if (!isAborted(signal) && this.#news(seen)) continue
      }
      const wake = await this.#waiting.wait(leftMs, signal)
      if (this.#waiting.closed) return []
      if (isAborted(signal)) {
        // The word that came at the same moment is for somebody else.
        if (wake !== undefined) this.#waiting.wakeOne(wake.shard)
        return []
      }
      if (wake === undefined) seen.clear()
      else seen.delete(wake.shard)
    }
  }

  async renew(token: LeaseToken, { durationMs, job }: RenewRequest<Job>): Promise<'renewed' | 'lost'> {
    const lease = parseToken(token)
    if (lease === undefined) return 'lost'
    const context = this.#shards[lease.shard]
    if (context === undefined) return 'lost'
    const encoded = job === undefined ? [] : [this.#codec.encode(job)]
    const args = [lease.id, lease.fence, whole(durationMs, 'durationMs'), ...encoded]
    const reply = await this.#run(context, renew, args, true)
    return wordOf(reply).word === 'renewed' ? 'renewed' : 'lost'
  }

  async settle(batch: readonly Settlement<Job>[]): Promise<readonly SettleResult[]> {
    checkSettlements(batch)
    const leases = batch.map(({ token }) => parseToken(token))
    for (const [n, { spawn = [] }] of batch.entries()) {
      const context = this.#shards[leases[n]?.shard ?? -1]
      if (context !== undefined) this.#checkPlaces(spawn, context)
    }
    // The Redis of a shard takes them in this order.
    const ended = await Promise.allSettled(
      batch.map(async (settlement, n): Promise<SettleResult> => {
        const lease = leases[n]
        // A token that this store did not make is of no lease.
        if (lease === undefined) return { kind: 'lost' }
        return this.#settling[lease.shard]?.settle(lease, settlement) ?? { kind: 'lost' }
      }),
    )
    return ended.map((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
  }

  /** Ends all waiting with empty lists, and sends what was asked for. */
  close(): void {
    this.#waiting.close()
    for (const adding of this.#adding) adding.flush()
    for (const leasing of this.#leasing) leasing.flush()
    for (const settling of this.#settling) settling.flush()
  }

  /** Looks into each shard that was not looked into since it was last told of, until one has something to give. */
  async #round(request: LeaseRequest, seen: Map<number, number>): Promise<Round<Job>> {
    let away: QueueUnavailableError | undefined
    const { length } = this.#shards
    const first = this.#first
    this.#first = (first + 1) % length
    for (let n = 0; n < length;) {
      const context = at(this.#shards, (first + n) % length)
      const { shard } = context.keys
      const words = this.#waiting.wordsOf(shard)
      if (seen.get(shard) === words) {
        n += 1
        continue
      }
      let look: Look<Job>
      try {
        look = await this.#look(context, request)
      } catch (error) {
        if (!(error instanceof QueueUnavailableError)) throw error
        away = error
        // It is told of when it is there again.
        if (length > 1) seen.set(shard, words)
        n += 1
        continue
      }
      if (look.kind === 'leased') {
        // There may be more for others who wait.
        this.#waiting.wakeOne(shard)
        if (look.leases.length > 0) return look
      }
      if (this.#waiting.closed) return { kind: 'none' }
      if (look.kind !== 'none') continue
      seen.set(shard, words)
      if (request.waitMs > 0) this.#waiting.wakeIn(shard, look.nextMs)
      n += 1
    }
    const isAnyThere = this.#shards.some(({ connection }) => connection.available)
    return away === undefined || (length > 1 && isAnyThere) ? { kind: 'none' } : { kind: 'away', error: away }
  }

  /** Whether a shard was told of since it was looked into. */
  #news(seen: ReadonlyMap<number, number>): boolean {
    return this.#shards.some(({ keys: { shard } }) => seen.get(shard) !== this.#waiting.wordsOf(shard))
  }

  async #look(context: Context, { limit, durationMs, waitMs }: LeaseRequest): Promise<Look<Job>> {
    const most = Math.min(Math.max(1, whole(limit, 'limit')), MOST_LEASES)
    const leasing = at(this.#leasing, context.keys.shard)
    const look = await leasing.look(most, whole(durationMs, 'durationMs'), waitMs > 0 ? TELL_MS : '')
    if (look.kind !== 'leased') return look
    const leases: Lease<Job>[] = []
    for (const row of look.rows) {
      const found = this.#leaseOf(context, row)
      if ('token' in found) leases.push(found)
      // Where Redis is away now, the lease runs out and the entry comes here again.
      else await this.#settling[found.shard]?.hold(found, found.reason).catch(() => {})
    }
    return { kind: 'leased', leases }
  }

  /** Where Redis is away now, the leases run out, and the entries come again. */
  #giveBack(shard: number, rows: readonly LeasedRow[]): void {
    const settling = at(this.#settling, shard)
    for (const { head, id } of rows) {
      const [fence = ''] = head.split(' ')
      settling.giveBack({ shard, fence, id: entryId(id) }).catch(() => {})
    }
  }

  /** The lease, or what is to be held because its job cannot be decoded. */
  #leaseOf(
    context: Context,
    { head, id, group, job }: LeasedRow,
  ): Lease<Job> | (TokenParts & { readonly reason: string }) {
    const [fence = '', priority, attempt, recovered, enqueuedAt, content = ''] = head.split(' ')
    const name = entryId(id)
    const { shard } = context.keys
    const behind = job.indexOf(10)
    try {
      return {
        token: formatToken(shard, fence, name),
        id: name,
        job: this.#codec.decode(job.subarray(behind + 1)),
        group: groupId(group),
        content: content === '' ? undefined : contentId(content),
        priority: Number(priority),
        labels: parseLabels(job.toString('utf8', 0, Math.max(0, behind))),
        attempt: Number(attempt),
        recovered: recovered === '1',
        enqueuedAt: Number(enqueuedAt),
      }
    } catch (error) {
      this.#observer?.({ type: 'store.undecodable', entry: name, error })
      const reason = `the job cannot be decoded: ${error instanceof Error ? error.message : String(error)}`
      return { shard, fence, id: name, reason }
    }
  }

  #run(context: Context, script: Script, args: readonly Argument[], promised?: boolean): Promise<unknown> {
    const { connection, keys, time, groupConcurrency } = context
    return connection.run(script, [keys.seq], [time(), groupConcurrency, ...args], promised)
  }

  /** Entries and the content they name lie in one shard. */
  #checkPlaces(entries: readonly NewEntry<Job>[], { keys }: Context): void {
    for (const { id, content } of entries) {
      if (content === undefined) continue
      const named = 'ref' in content ? content.ref : content.id
      const shard = shardOfContent(named)
      if (shard === undefined || shard === keys.shard || shard >= this.#shards.length) continue
      throw new InvalidEntryError(
        `${id} belongs into shard ${keys.shard} and names content of shard ${shard}: stage content for the message that ` +
          'names it, or beside the lease whose settlement spawns that',
      )
    }
  }
}

/** Asked through a function, for the answer changes while `lease` waits. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
