/** Looks for work in one shard: callers who look within a turn look together, and share what one script gives. */

import { type Ask, Batches } from './batches.ts'
import type { Context } from './context.ts'
import { bytesOf, listOf, numberOf, textOf, wordOf } from './reply.ts'
import { lease, MOST_LEASES } from './scripts/lease.ts'

/** One entry, as the script describes it. */
export interface LeasedRow {
  readonly head: string
  readonly id: string
  readonly group: string
  /** Labels, a line feed, the job. */
  readonly job: Buffer
}

/** What a look found: rows as the script describes them, or when to look again. */
export type Look =
  | { readonly kind: 'leased'; readonly rows: readonly LeasedRow[] }
  /** Milliseconds; `NaN` where nobody knows. */
  | { readonly kind: 'none'; readonly nextMs: number }
  /** At once: there may be more. */
  | { readonly kind: 'more' }

/** The most callers that look by one script. */
const MOST_LOOKS = 100

/** What one caller looks for. */
interface Looking extends Ask {
  readonly limit: number
  readonly durationMs: number
  /** How long workers are to be told when work comes, in milliseconds; empty where this one will not wait. */
  readonly tellMs: number | ''
  readonly resolve: (look: Look) => void
  readonly reject: (reason: unknown) => void
}

/** Looks into one shard. */
export class Leasing {
  readonly #context: Context
  readonly #giveBack: (rows: readonly LeasedRow[]) => void
  readonly #batches = new Batches<Looking>(MOST_LOOKS, (batch) => this.#send(batch))

  /** @param giveBack Undoes leases that nobody was given; must not throw. */
  constructor(context: Context, giveBack: (rows: readonly LeasedRow[]) => void) {
    this.#context = context
    this.#giveBack = giveBack
  }

  /** Takes up to `limit` (1 and up; a thousand at most are given) entries that are due. */
  look(limit: number, durationMs: number, tellMs: number | ''): Promise<Look> {
    return new Promise((resolve, reject) => {
      this.#batches.add({ limit, durationMs, tellMs, sizeBytes: 0, alone: false, resolve, reject })
    })
  }

  /** Sends what was asked for. */
  flush(): void {
    this.#batches.flush()
  }

  async #send(batch: readonly Looking[]): Promise<void> {
    const alike = new Map<string, [Looking, ...Looking[]]>()
    for (const looking of batch) {
      const name = `${looking.durationMs} ${looking.tellMs}`
      const others = alike.get(name)
      if (others === undefined) alike.set(name, [looking])
      else others.push(looking)
    }
    await Promise.all([...alike.values()].map((all) => this.#look(all)))
  }

  async #look(all: readonly [Looking, ...Looking[]]): Promise<void> {
    const { connection, keys, time, groupConcurrency, poisonDeaths } = this.#context
    const [{ durationMs, tellMs }] = all
    const limit = Math.min(
      MOST_LEASES,
      all.reduce((sum, looking) => sum + looking.limit, 0),
    )
    try {
      const args = [time(), groupConcurrency, limit, durationMs, poisonDeaths, tellMs]
      // Who works on what a promoted replica does not know as leased would not be alone with it.
      const { reply, kept } = await connection.answer(lease, [keys.seq], args, (one) => wordOf(one).word === 'leased')
      const { word, rest } = wordOf(reply)
      if (word !== 'leased') {
        const look: Look = word === 'more' ? { kind: 'more' } : { kind: 'none', nextMs: numberOf(rest[0]) }
        for (const { resolve } of all) resolve(look)
        return
      }
      const rows = rowsOf(listOf(rest[0]))
      // Not waited for: the next looks need not wait for the replicas, too.
      kept.then(
        () => share(rows, all),
        (error: unknown) => {
          this.#giveBack(rows)
          for (const { reject } of all) reject(error)
        },
      )
    } catch (error) {
      for (const { reject } of all) reject(error)
    }
  }
}

/** Gives each as many as were asked for, in the order of asking. */
function share(rows: readonly LeasedRow[], all: readonly Looking[]): void {
  let given = 0
  for (const { limit, resolve } of all) {
    const own = rows.slice(given, given + limit)
    given += own.length
    resolve(own.length === 0 ? { kind: 'more' } : { kind: 'leased', rows: own })
  }
}

function rowsOf(cells: readonly unknown[]): readonly LeasedRow[] {
  const rows: LeasedRow[] = []
  for (let at = 0; at + 3 < cells.length; at += 4) {
    rows.push({
      head: textOf(cells[at]),
      id: textOf(cells[at + 1]),
      group: textOf(cells[at + 2]),
      job: bytesOf(cells[at + 3]),
    })
  }
  return rows
}
