/** Ends leases of one shard: what concurrent callers settle within a turn goes to Redis in few scripts. */

import { messageOf } from '@postroad/envelope'
import { type Codec, cutReply, PARKED_MS, type Settlement, type SettleResult } from '@postroad/queue'
import { type Arrivals, arrivalsOf, broughtBy, lacking, sizeOf } from './arrivals.ts'
import { type Ask, Batches } from './batches.ts'
import { type Context, JOURNAL_MESSAGES, JOURNAL_MS } from './context.ts'
import { formatRecord } from './journal.ts'
import { listOf, textOf, wordOf } from './reply.ts'
import { MOST_SETTLEMENTS, settle } from './scripts/settle.ts'
import type { Argument } from './evaluation.ts'
import type { RedisSpool } from './spool.ts'
import type { TokenParts } from './token.ts'
import { whole } from './whole.ts'

/** The most characters of a reason that this store gives itself. */
const MOST_REASON = 1_000

/** Where nothing is spawned. */
const NONE: Arrivals = { args: [], staged: [] }

/** What the script said of one settlement. */
interface Answer {
  readonly kind: 'settled' | 'lost'
  /** Which of the entries that it spawns were added: see `broughtBy`. */
  readonly spawned: readonly unknown[]
}

/** One settlement, on its way. */
interface Asked extends Ask {
  readonly args: readonly Argument[]
  /** What it spawns, which stands in `args` already. */
  readonly arrivals: Arrivals
  /** Whether it is a promise: replicas that were asked for must have it before it is answered. */
  readonly promised: boolean
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: unknown) => void
}

/** Ends leases of one shard. */
export class Settling<Job> {
  readonly #context: Context
  readonly #spool: RedisSpool
  readonly #codec: Codec<Job>
  readonly #batches = new Batches<Asked>(MOST_SETTLEMENTS, (batch) => this.#send(batch))

  constructor(context: Context, spool: RedisSpool, codec: Codec<Job>) {
    this.#context = context
    this.#spool = spool
    this.#codec = codec
  }

  /**
   * Ends a lease; the settlement was checked.
   *
   * @throws {ContentMissingError} Where a spawned entry names content that is not there; nothing was done then.
   */
  async settle(lease: TokenParts, settlement: Settlement<Job>): Promise<SettleResult> {
    const { kind, spawn = [], record, feedback = '' } = settlement
    const args = [
      kind,
      kind === 'done' ? '' : this.#codec.encode(settlement.job),
      kind === 'retry' ? whole(settlement.notBefore, 'notBefore') : '',
      kind === 'retry' ? (settlement.group ?? '') : '',
      kind === 'hold' ? settlement.reason : '',
      kind === 'done' || settlement.reply === undefined ? '' : `=${cutReply(settlement.reply)}`,
      feedback,
      record === undefined ? '' : formatRecord({ ...record, entry: lease.id }),
      messageOf(lease.id),
    ]
    // Behind all that may throw: what is named counts as being sent until `sent`.
    const arrivals = spawn.length === 0 ? NONE : arrivalsOf(spawn, this.#spool, this.#codec)
    const promised = kind !== 'done' || spawn.length > 0
    const answer = await this.#ask(lease, args, arrivals, promised).finally(() =>
      this.#spool.sent(spawn.map(({ content }) => content)),
    )
    if (answer.kind === 'lost') return { kind: 'lost' }
    this.#spool.named(broughtBy(answer.spawned, spawn))
    return { kind: 'settled', released: [] }
  }

  /** Holds an entry with its job as it is. */
  async hold(lease: TokenParts, reason: string): Promise<void> {
    const args = ['keep', '', '', '', reason.slice(0, MOST_REASON), '', '', '', messageOf(lease.id)]
    await this.#ask(lease, args, NONE, true)
  }

  /** Undoes a lease that nobody was given: the entry is where it was, and has one attempt less. */
  async giveBack(lease: TokenParts): Promise<void> {
    await this.#ask(lease, ['back', '', '', '', '', '', '', '', messageOf(lease.id)], NONE, false)
  }

  /** Sends what was asked for. */
  flush(): void {
    this.#batches.flush()
  }

  #ask(lease: TokenParts, fields: readonly Argument[], arrivals: Arrivals, promised: boolean): Promise<Answer> {
    const args = [lease.id, lease.fence, ...fields, ...arrivals.args]
    const { staged } = arrivals
    return new Promise((resolve, reject) => {
      const alone = arrivals !== NONE
      const sizeBytes = sizeOf(args, staged)
      this.#batches.add({ args, arrivals, sizeBytes, alone, promised, resolve, reject })
    })
  }

  async #send(batch: readonly Asked[]): Promise<void> {
    const { connection, keys, time, groupConcurrency, settledMemoryMs, journalRecords } = this.#context
    const common = [time(), groupConcurrency, PARKED_MS, settledMemoryMs, journalRecords, JOURNAL_MS, JOURNAL_MESSAGES]
    try {
      const args = [...common, batch.length, ...batch.flatMap((asked) => asked.args)]
      const staged = batch.flatMap(({ arrivals }) => arrivals.staged)
      const promised = batch.some((asked) => asked.promised)
      const { reply, kept } = await connection.answer(settle, [keys.seq], args, promised, staged)
      const { word, rest } = wordOf(reply)
      if (word === 'missing') throw lacking(textOf(rest[0]), batch[0]?.arrivals ?? NONE)
      const spawned = listOf(rest[batch.length])
      for (const [n, asked] of batch.entries()) {
        const answer: Answer = { kind: textOf(rest[n]) === 'settled' ? 'settled' : 'lost', spawned }
        if (asked.promised) kept.then(() => asked.resolve(answer), asked.reject)
        else asked.resolve(answer)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
