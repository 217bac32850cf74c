/** Limits in Redis, under a hash tag of their own: they are shared by all shards, and taken together. */

import type { LimitKey, Limits, Permit, Refusal } from '@postroad/queue'
import { systemRandom } from '@postroad/runtime/system'
import type { Argument } from './connection.ts'
import { numberOf, textOf, wordOf } from './reply.ts'
import type { Route } from './route.ts'
import { extend, give, mark, take } from './scripts/limits.ts'
import { whole } from './whole.ts'

/** How limits are reached. */
export interface LimitsContext {
  readonly connection: Route
  /** What begins their keys. */
  readonly limitsBase: string
  /** The first argument of every script that reads the time: empty for Redis's clock, or a test's time. */
  readonly time: () => string
}

/** The limits of one store. */
export class RedisLimits implements Limits {
  readonly #context: LimitsContext

  constructor(context: LimitsContext) {
    this.#context = context
  }

  async take(keys: readonly LimitKey[], cost: number, ttlMs: number): Promise<Permit | Refusal> {
    const id = Buffer.from(systemRandom.bytes(12)).toString('base64url')
    const permit: Permit = { kind: 'permit', id, keys }
    if (keys.length === 0) return permit
    const args: Argument[] = [this.#context.time(), id, cost, whole(ttlMs, 'ttlMs')]
    for (const key of keys) {
      if (key.kind === 'rate') args.push('rate', key.tokens, key.perMs, key.burst ?? key.tokens)
      else args.push('places', key.places, '', '')
    }
    const names = keys.map((key) => this.#keyOf(key))
    const { word, rest } = wordOf(await this.#context.connection.run(take, names, args))
    return word === 'taken' ? permit : { kind: 'refused', retryAt: numberOf(textOf(rest[0])) }
  }

  async extend(permit: Permit, ttlMs: number): Promise<void> {
    const names = this.#placesOf(permit)
    const args = [this.#context.time(), permit.id, whole(ttlMs, 'ttlMs')]
    if (names.length > 0) await this.#context.connection.run(extend, names, args)
  }

  async give(permit: Permit): Promise<void> {
    const names = this.#placesOf(permit)
    if (names.length > 0) await this.#context.connection.run(give, names, [permit.id])
  }

  async mark(key: string, ttlMs: number): Promise<'new' | 'seen'> {
    const { connection, limitsBase, time } = this.#context
    const reply = await connection.run(mark, [`${limitsBase}mark:${key}`], [time(), whole(ttlMs, 'ttlMs')])
    return wordOf(reply).word === 'new' ? 'new' : 'seen'
  }

  #placesOf(permit: Permit): readonly string[] {
    return permit.keys.filter(({ kind }) => kind === 'concurrency').map((key) => this.#keyOf(key))
  }

  #keyOf({ kind, name }: LimitKey): string {
    return `${this.#context.limitsBase}${kind === 'rate' ? 'rate' : 'places'}:${name}`
  }
}
