/** The limits of the SQLite store. */

import type { LimitKey, Limits, Permit, Refusal } from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { instant } from './instant.ts'
import type { WriteSteps } from './protocol.ts'
import type { LazyThread } from './lazy-thread.ts'

/** Limits over the writer thread. */
export class SqliteLimits implements Limits {
  readonly #writer: LazyThread<WriteSteps>
  readonly #clock: Clock
  readonly #prefix: string
  #serial = 0

  /** @param prefix Makes permits unlike those of other processes. */
  constructor(writer: LazyThread<WriteSteps>, clock: Clock, prefix: string) {
    this.#writer = writer
    this.#clock = clock
    this.#prefix = prefix
  }

  async take(keys: readonly LimitKey[], cost: number, ttlMs: number): Promise<Permit | Refusal> {
    const id = `${this.#prefix}.${(this.#serial += 1).toString(36)}`
    if (keys.length === 0) return { kind: 'permit', id, keys }
    const { waitMs } = await this.#writer.ask('take', { id, keys, cost, ttlMs: instant(ttlMs) })
    return waitMs === 0 ? { kind: 'permit', id, keys } : { kind: 'refused', retryAt: this.#clock.now() + waitMs }
  }

  async extend({ id, keys }: Permit, ttlMs: number): Promise<void> {
    const names = placesOf(keys)
    if (names.length > 0) await this.#writer.ask('extend', { id, names, ttlMs: instant(ttlMs) })
  }

  async give({ id, keys }: Permit): Promise<void> {
    const names = placesOf(keys)
    if (names.length > 0) await this.#writer.ask('give', { id, names })
  }

  mark(key: string, ttlMs: number): Promise<'new' | 'seen'> {
    return this.#writer.ask('mark', { key, ttlMs: instant(ttlMs) })
  }
}

function placesOf(keys: readonly LimitKey[]): readonly string[] {
  return keys.filter(({ kind }) => kind === 'concurrency').map(({ name }) => name)
}
