/** The limits of the memory store. */

import type { Clock } from '@postroad/runtime'
import type { LimitKey, Limits, Permit, Refusal } from '../limits.ts'
import { type Bucket, refillBucket, waitForTokens } from '../rate.ts'
import { ForgettingMap } from './forgetting-map.ts'
import type { Lifetime } from './lifetime.ts'

/** How long until somebody refused a place asks again, at most. */
const ASK_AGAIN_MS = 1_000

interface KeptBucket {
  readonly bucket: Bucket
  /** From when it is full again, and as good as new. */
  readonly fullAt: number
}

/** Counts in memory. */
export class MemoryLimits implements Limits {
  readonly #clock: Clock
  readonly #lifetime: Lifetime
  readonly #buckets = new ForgettingMap<string, KeptBucket>(({ fullAt }, now) => fullAt <= now)
  /** For each name: permits and when they run out. */
  readonly #places = new ForgettingMap<string, Map<string, number>>((holders, now) => countHolders(holders, now) === 0)
  readonly #marks = new ForgettingMap<string, number>((until, now) => until <= now)
  readonly #prefix: string
  #serial = 0

  /** @param prefix Makes permits unlike those of other stores. */
  constructor(clock: Clock, lifetime: Lifetime, prefix: string) {
    this.#clock = clock
    this.#lifetime = lifetime
    this.#prefix = prefix
  }

  async take(keys: readonly LimitKey[], cost: number, ttlMs: number): Promise<Permit | Refusal> {
    this.#lifetime.check()
    const now = this.#clock.now()
    let waitMs = 0
    for (const key of keys) {
      const keyWaitMs =
        key.kind === 'rate' ? waitForTokens(this.#bucket(key, now), key, cost) : this.#waitForPlace(key, now)
      waitMs = Math.max(waitMs, keyWaitMs)
    }
    if (waitMs > 0) return { kind: 'refused', retryAt: now + waitMs }
    const id = `${this.#prefix}.${(this.#serial += 1).toString(36)}`
    for (const key of keys) {
      if (key.kind === 'concurrency') this.#holders(key.name, now).set(id, now + ttlMs)
      else this.#keep(key, this.#bucket(key, now), cost, now)
    }
    return { kind: 'permit', id, keys }
  }

  async extend({ id, keys }: Permit, ttlMs: number): Promise<void> {
    this.#lifetime.check()
    const now = this.#clock.now()
    for (const key of keys) {
      if (key.kind !== 'concurrency') continue
      const holders = this.#holders(key.name, now)
      if ((holders.get(id) ?? 0) > now) holders.set(id, now + ttlMs)
    }
  }

  async give({ id, keys }: Permit): Promise<void> {
    this.#lifetime.check()
    for (const key of keys) if (key.kind === 'concurrency') this.#places.get(key.name)?.delete(id)
  }

  async mark(key: string, ttlMs: number): Promise<'new' | 'seen'> {
    this.#lifetime.check()
    const now = this.#clock.now()
    if ((this.#marks.get(key) ?? 0) > now) return 'seen'
    this.#marks.set(key, now + ttlMs, now)
    return 'new'
  }

  #bucket(key: LimitKey & { readonly kind: 'rate' }, now: number): Bucket {
    const bucket = refillBucket(this.#buckets.get(key.name)?.bucket, key, now)
    this.#keep(key, bucket, 0, now)
    return bucket
  }

  #keep(key: LimitKey & { readonly kind: 'rate' }, { level }: Bucket, cost: number, now: number): void {
    const missing = (key.burst ?? key.tokens) - (level - cost)
    const fullAt = now + Math.ceil((missing * key.perMs) / key.tokens)
    this.#buckets.set(key.name, { bucket: { level: level - cost, at: now }, fullAt }, now)
  }

  #holders(name: string, now: number): Map<string, number> {
    let holders = this.#places.get(name)
    if (holders === undefined) {
      holders = new Map()
      this.#places.set(name, holders, now)
    }
    return holders
  }

  #waitForPlace({ name, places }: LimitKey & { readonly kind: 'concurrency' }, now: number): number {
    const holders = this.#places.get(name)
    if (holders === undefined) return places > 0 ? 0 : ASK_AGAIN_MS
    if (countHolders(holders, now) < places) return 0
    return Math.max(1, Math.min(ASK_AGAIN_MS, Math.min(...holders.values()) - now))
  }
}

/** How many have not run out; those that have are forgotten. */
function countHolders(holders: Map<string, number>, now: number): number {
  for (const [id, until] of holders) if (until <= now) holders.delete(id)
  return holders.size
}
