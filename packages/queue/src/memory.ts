/**
 * A store in memory: every port, the same contract, and nothing kept beyond the process. For tests, the simulator, and
 * whoever needs no durability.
 *
 * @packageDocumentation
 */

import type { Clock, Random } from '@postroad/runtime'
import { MemoryControl } from './memory/control.ts'
import { MemoryJournal } from './memory/journal.ts'
import { Lifetime } from './memory/lifetime.ts'
import { MemoryLimits } from './memory/limits.ts'
import { MemoryQueue } from './memory/queue.ts'
import { MemorySpool } from './memory/spool.ts'
import type { Codec, QueueOptions } from './queue.ts'
import type { Store } from './store.ts'

/** What a memory store needs. */
export interface MemoryStoreOptions<Job> {
  /** Where given, jobs pass through it as in a store that writes them; absent, they are kept as they are. */
  readonly codec?: Codec<Job>
  readonly clock: Clock
  /** Makes tokens and content ids unlike those of other stores. */
  readonly random: Random
  readonly queue?: QueueOptions
}

/** Creates an empty store. Its content is memory too: there is no bound but the machine's. */
export function createMemoryStore<Job>({
  codec,
  clock,
  random,
  queue: options = {},
}: MemoryStoreOptions<Job>): Store<Job> {
  const tokenPrefix = Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const lifetime = new Lifetime()
  const spool = new MemorySpool(clock, lifetime, tokenPrefix)
  const journal = new MemoryJournal(clock, lifetime, options.journalRecords ?? 200)
  const queue = new MemoryQueue<Job>({ codec, clock, options, spool, journal, lifetime, tokenPrefix })
  return {
    queue,
    control: new MemoryControl(queue, lifetime),
    spool,
    limits: new MemoryLimits(clock, lifetime),
    journal,
    [Symbol.asyncDispose]: async () => lifetime.end(),
  }
}
