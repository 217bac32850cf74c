/** Adds entries to one shard: what concurrent callers enqueue within a turn goes to Redis in few scripts. */

import type { Codec, NewEntry } from '@postroad/queue'
import { arrivalsOf, broughtBy, lacking, sizeOf } from './arrivals.ts'
import { type Ask, Batches } from './batches.ts'
import type { Context } from './context.ts'
import { textOf, wordOf } from './reply.ts'
import { enqueue, MOST_MESSAGES } from './scripts/enqueue.ts'
import type { Argument, Staged } from './evaluation.ts'
import type { RedisSpool } from './spool.ts'

/** The entries of one message, on their way. */
interface Added extends Ask {
  readonly args: readonly Argument[]
  readonly staged: readonly Staged[]
  readonly resolve: (answer: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** Adds entries to one shard. */
export class Adding<Job> {
  readonly #context: Context
  readonly #spool: RedisSpool
  readonly #codec: Codec<Job>
  readonly #batches = new Batches<Added>(MOST_MESSAGES, (batch) => this.#send(batch))

  constructor(context: Context, spool: RedisSpool, codec: Codec<Job>) {
    this.#context = context
    this.#spool = spool
    this.#codec = codec
  }

  /**
   * Adds the entries of one message, or none of them; they were checked.
   *
   * @throws {ContentMissingError} Where one that is not known yet names content that is not there.
   */
  async add(entries: readonly NewEntry<Job>[]): Promise<void> {
    const arrivals = arrivalsOf(entries, this.#spool, this.#codec)
    const { args, staged } = arrivals
    const contents = entries.map(({ content }) => content)
    const answer = await new Promise<unknown>((resolve, reject) => {
      this.#batches.add({ args, staged, sizeBytes: sizeOf(args, staged), alone: false, resolve, reject })
    }).finally(() => this.#spool.sent(contents))
    if (!Array.isArray(answer)) throw lacking(textOf(answer), arrivals)
    this.#spool.named(broughtBy(answer, entries))
  }

  /** Sends what was asked for. */
  flush(): void {
    this.#batches.flush()
  }

  async #send(batch: readonly Added[]): Promise<void> {
    const { connection, keys, time, groupConcurrency } = this.#context
    try {
      const args = [time(), groupConcurrency, batch.length, ...batch.flatMap((added) => added.args)]
      const staged = batch.flatMap((added) => added.staged)
      const { reply, kept } = await connection.answer(enqueue, [keys.seq], args, true, staged)
      const { rest } = wordOf(reply)
      for (const [n, { resolve, reject }] of batch.entries()) kept.then(() => resolve(rest[n]), reject)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
