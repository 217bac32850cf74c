/**
 * A store in memory: every port, the same contract. For tests, the simulator, and whoever needs no durability; and, with
 * a log to tell its changes to, for whoever wants a small store that is kept.
 *
 * @packageDocumentation
 */

import type { Clock, Random } from '@postroad/runtime'
import { ChangeFeed } from './memory/change-feed.ts'
import { MemoryControl } from './memory/control.ts'
import { EntryTable } from './memory/entry-table.ts'
import { MemoryJournal } from './memory/journal.ts'
import { Lifetime } from './memory/lifetime.ts'
import { MemoryLimits } from './memory/limits.ts'
import { MemoryQueue } from './memory/queue.ts'
import { Recorder } from './memory/recorder.ts'
import { restore } from './memory/restore.ts'
import { Schedule } from './memory/schedule.ts'
import { MemorySpool } from './memory/spool.ts'
import type { StoreChange, StoreLog } from './memory/store-log.ts'
import type { Codec, QueueOptions } from './queue.ts'
import type { Store } from './store.ts'

export type { KeptEntry, KeptGroup, StoreChange, StoreLog } from './memory/store-log.ts'

/** What a memory store needs, and where it is kept beyond the process, if anywhere. */
export type MemoryStoreOptions<Job> = {
  /** Says what is due and what has run out, and wakes who waits. */
  readonly clock: Clock
  /**
   * Makes tokens, permits and content ids unlike those of other stores, and of this one before it was opened again: what a
   * worker of then still holds must mean nothing else now.
   */
  readonly random: Random
  /** Absent: every default. */
  readonly queue?: QueueOptions
} & (
  | {
      /** Where given, jobs pass through it as in a store that writes them; absent, they are kept as they are. */
      readonly codec?: Codec<Job>
      readonly log?: undefined
    }
  | {
      /** Writes the jobs that the log is told, and reads those of `restore`. */
      readonly codec: Codec<Job>
      /** Is told every change; what must be durable waits for it. Absent: nothing is kept beyond the process. */
      readonly log: StoreLog
      /** What the log was told before, in that order. Absent: the store begins empty. */
      readonly restore?: Iterable<StoreChange>
    }
)

/**
 * Creates a store, empty or as its log has it. Its content is memory too: there is no bound but the machine's.
 *
 * With a log, `enqueue`, what control does, a settlement that spawns, retries or holds, and a renewal with a job answer
 * once the log has them durably; leases, plain `done`, renewals and the journal once it has them at all. Limits are not
 * kept. A log that rejects ends the store: every call rejects with `QueueUnavailableError` until it is disposed and
 * created again, so nobody sees what was not kept.
 */
export function createMemoryStore<Job>(options: MemoryStoreOptions<Job>): Store<Job> {
  const { codec, clock, random, queue: queueOptions = {} } = options
  const tokenPrefix = Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  // Of its own: the prefix is in every token and content id, which many may see.
  const hashSeed = random.bytes(4).reduce((seed, byte) => (seed << 8) | byte, 0)
  const lifetime = new Lifetime()
  const table = new EntryTable(codec, hashSeed)
  const spool = new MemorySpool(clock, lifetime, tokenPrefix, hashSeed)
  const recorder = options.log && new Recorder(options.log, table, spool, lifetime)
  const journal = new MemoryJournal(clock, lifetime, queueOptions.journalRecords ?? 200, recorder)
  const schedule = new Schedule(queueOptions.groupConcurrency ?? 20, table)
  const parts = {
    codec,
    clock,
    options: queueOptions,
    schedule,
    recorder,
    spool,
    journal,
    lifetime,
    tokenPrefix,
    hashSeed,
  }
  const queue = new MemoryQueue<Job>(parts)
  if (options.log !== undefined) {
    restore(options.restore ?? [], { queue, spool, journal })
  }
  const feed = new ChangeFeed(schedule, clock, tokenPrefix)
  schedule.watch(feed)
  if (recorder !== undefined) schedule.watch(recorder)
  return {
    queue,
    control: new MemoryControl(queue, feed, lifetime),
    spool,
    limits: new MemoryLimits(clock, lifetime, tokenPrefix),
    journal,
    [Symbol.asyncDispose]: async () => {
      lifetime.end()
      await recorder?.end()
    },
  }
}
