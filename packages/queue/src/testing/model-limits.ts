/** The model of `Limits`: buckets in whole numbers, permits and marks with their ends. Written from `limits.ts`. */

import type { LimitKey, Permit, Refusal, Store } from '../index.ts'
import { fault, same } from './model-fault.ts'

type Rate = LimitKey & { readonly kind: 'rate' }

/** The limits of a run; names change after a crash, which the port does not speak of. */
export class LimitsModel {
  readonly #prefix: string
  #generation = 0
  /** In tokens times `perMs`, so that all is whole; as of the instant. */
  readonly #buckets = new Map<string, { level: number; at: number }>()
  readonly #holders = new Map<string, Map<string, number>>()
  readonly #marks = new Map<string, number>()
  readonly #permits: Permit[] = []

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** Forgets all: what the store counts from here on has other names. */
  restart(): void {
    this.#generation += 1
    this.#permits.length = 0
  }

  async take(
    store: Store<string>,
    numbers: readonly number[],
    cost: number,
    ttlMs: number,
    now: number,
  ): Promise<void> {
    const keys = [...new Set(numbers)].map((n) => this.#key(n))
    const waits = keys.map((key) => (key.kind === 'rate' ? this.#waitMs(key, cost, now) : 0))
    const full = keys.some((key) => key.kind === 'concurrency' && this.#active(key.name, now).size >= key.places)
    const waitMs = Math.max(0, ...waits)
    const answer = await store.limits.take(keys, cost, ttlMs)
    same('take gave another answer', answer.kind, full || waitMs > 0 ? 'refused' : 'permit')
    if (answer.kind === 'refused') return this.#checkRefusal(answer, now, full, waitMs)
    this.#permits.push(answer)
    for (const key of keys) {
      if (key.kind === 'concurrency') this.#active(key.name, now).set(answer.id, now + ttlMs)
      else this.#buckets.set(key.name, { level: this.#level(key, now) - cost * key.perMs, at: now })
    }
  }

  async give(store: Store<string>, n: number): Promise<void> {
    const permit = this.#permit(n)
    if (permit === undefined) return
    await store.limits.give(permit)
    for (const holders of this.#holders.values()) holders.delete(permit.id)
  }

  async extend(store: Store<string>, n: number, ttlMs: number, now: number): Promise<void> {
    const permit = this.#permit(n)
    if (permit === undefined) return
    await store.limits.extend(permit, ttlMs)
    for (const name of this.#holders.keys()) {
      const holders = this.#active(name, now)
      if (holders.has(permit.id)) holders.set(permit.id, now + ttlMs)
    }
  }

  async mark(store: Store<string>, n: number, ttlMs: number, now: number): Promise<void> {
    const key = `${this.#prefix}${this.#generation}/mark${n}`
    const seen = (this.#marks.get(key) ?? 0) > now
    same('mark gave another answer', await store.limits.mark(key, ttlMs), seen ? 'seen' : 'new')
    if (!seen) this.#marks.set(key, now + ttlMs)
  }

  #checkRefusal({ retryAt }: Refusal, now: number, full: boolean, waitMs: number): void {
    if (!full) return same('retryAt of a rate is another', retryAt - now, waitMs)
    if (!(retryAt > now)) fault('retryAt of a refused place is not later than now', retryAt - now)
  }

  #key(n: number): LimitKey {
    const name = `${this.#prefix}${this.#generation}/key${n}`
    if (n === 0) return { kind: 'rate', name, tokens: 10, perMs: 1_000 }
    if (n === 1) return { kind: 'rate', name, tokens: 2, perMs: 60_000, burst: 5 }
    if (n === 2) return { kind: 'rate', name, tokens: 3, perMs: 1_000, burst: 1 }
    return { kind: 'concurrency', name, places: n - 2 }
  }

  #permit(n: number): Permit | undefined {
    return this.#permits.at(-1 - (n % Math.max(1, this.#permits.length)))
  }

  #level(key: Rate, now: number): number {
    const burst = (key.burst ?? key.tokens) * key.perMs
    const bucket = this.#buckets.get(key.name)
    return bucket === undefined ? burst : Math.min(burst, bucket.level + (now - bucket.at) * key.tokens)
  }

  #waitMs(key: Rate, cost: number, now: number): number {
    const missing = Math.min(cost, key.burst ?? key.tokens) * key.perMs - this.#level(key, now)
    return missing <= 0 ? 0 : Math.ceil(missing / key.tokens)
  }

  #active(name: string, now: number): Map<string, number> {
    const holders = this.#holders.get(name) ?? new Map<string, number>()
    for (const [id, until] of holders) if (until < now) holders.delete(id)
    this.#holders.set(name, holders)
    return holders
  }
}
