/** Opens a store in one SQLite database: its threads, its ports, its end. */

import { randomBytes } from 'node:crypto'
import { type Codec, type QueueOptions, QueueUnavailableError, type Store } from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { createFileSpool } from '@postroad/spool-fs'
import { BOUNDS, type Bounds } from './bounds.ts'
import { Bell } from './bell.ts'
import { SqliteControl } from './control.ts'
import { DamageWatch } from './damage.ts'
import { FileRemoval } from './file-removal.ts'
import { SqliteJournal } from './journal.ts'
import { SqliteLimits } from './limits.ts'
import type { PageFault, ReadSteps, ThreadData, WriteSteps } from './protocol.ts'
import { Pulse } from './pulse.ts'
import { SqliteQueue } from './queue.ts'
import { SqliteSpool } from './spool.ts'
import { LazyThread } from './lazy-thread.ts'
import { locate } from './location.ts'
import { type FileIdentity, identityAt } from './guard.ts'

/** How often to look for what others have added where nobody can ring, in milliseconds. */
const UNRUNG_LOOK_MS = 1_000

/** How a store is opened. */
export interface SqliteStoreOptions<Job> {
  /**
   * The database file; or a folder (one that is there, or a path that ends with a separator), and then the file is
   * `postroad.sqlite` in it. Folders are made where they are not there, for this user alone. Beside the file lie its log
   * (`-wal`) and index (`-shm`), the doorbells of those who have it open (`.bells`), and where there is large content,
   * the folder of its files (`.content`). A local disk: SQLite's locks do not hold on network file systems.
   */
  readonly path: string
  /** Writes jobs and reads what every released version wrote; an entry whose job it cannot read is held. */
  readonly codec: Codec<Job>
  /** Default: the machine's clock. */
  readonly clock?: Clock
  /** Should be the same in all processes that share the file, which keeps none of it. */
  readonly queue?: QueueOptions
  /**
   * Records kept in the journal over all messages, about; the oldest go first. Default 500,000: some 150 MB, 2 GB at
   * the very most.
   */
  readonly journalTotal?: number
  /** Told what the store does; must not throw. */
  readonly observer?: (event: SqliteStoreEvent) => void
}

/** What a store does. */
export type SqliteStoreEvent =
  | {
      readonly kind: 'batch'
      /** Which thread took it. */
      readonly thread: 'writer' | 'reader'
      /** How many calls shared it, and on the writer one transaction. */
      readonly requests: number
      /** From the message to the thread until its answer, in milliseconds. */
      readonly durationMs: number
    }
  | { readonly kind: 'checkpoint'; readonly durationMs: number; readonly pagesLeft: number }
  | { readonly kind: 'checkpoint-failed'; readonly error: unknown }
  /** Pages of the database are damaged; what lies on them is passed over. */
  | { readonly kind: 'damaged'; readonly pages: readonly PageFault[] }
  /** Files of large content that nothing needs were removed. */
  | { readonly kind: 'files-removed'; readonly files: number }
  /** Some could not be, and are tried again; the error names one. */
  | { readonly kind: 'files-not-removed'; readonly error: unknown }

/**
 * Opens the store, and makes its database where there is none. Several processes may open one file.
 *
 * @throws {QueueUnavailableError} Where the file cannot be opened, is no database of ours, or of a newer version.
 */
export async function openSqliteStore<Job>(options: SqliteStoreOptions<Job>): Promise<Store<Job>> {
  return (await openThreads(options)).store
}

/** A store and what a test needs to kill it. */
export interface OpenedStore<Job> {
  readonly store: Store<Job>
  /** Ends the threads without a word, as a crash of the process would. */
  readonly kill: () => Promise<void>
  /** Ends the writer's thread alone, as a fault in it would. */
  readonly killWriter: () => Promise<void>
  /** What content in transit holds in memory now. */
  readonly heldBytes: () => number
}

/** As `openSqliteStore`; gives also what kills it. Not exported by the package. */
export async function openThreads<Job>(
  options: SqliteStoreOptions<Job>,
  otherBounds: Partial<Bounds> = {},
): Promise<OpenedStore<Job>> {
  const bounds: Bounds = { ...BOUNDS, ...otherBounds }
  const { codec, clock = systemClock, queue: queueOptions = {}, observer } = options
  const path = await locate(options.path)
  const folder = `${path}.content`
  const data: ThreadData & { identity: ThreadData['identity'] } = {
    identity: undefined,
    path,
    folder,
    groupConcurrency: queueOptions.groupConcurrency ?? 20,
    poisonDeaths: queueOptions.poisonDeaths ?? 3,
    settledMemoryMs: queueOptions.settledMemoryMs ?? 3_600_000,
    journalRecords: queueOptions.journalRecords ?? 200,
    journalTotal: options.journalTotal ?? 500_000,
    bounds,
  }
  // Columns of instants hold whole milliseconds.
  const wholeClock: Clock = {
    now: () => Math.floor(clock.now()),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  }
  const pulse = new Pulse(wholeClock)
  let checkpointing: Promise<void> | undefined
  let isEnded = false
  let checkpointedBytes = 0

  const writer = new LazyThread<WriteSteps>({
    module: '@postroad/store-sqlite/writer',
    data,
    clock: wholeClock,
    isShared: () => bell.isShared,
    explainDamage: () => damage.explain(),
    onBatch: ({ requests, durationMs, logBytes, isDamaged, filesWait }) => {
      observer?.({ kind: 'batch', thread: 'writer', requests, durationMs })
      if (filesWait && !isEnded) removal.wake()
      if (isDamaged && !isEnded) damage.notice()
      pulse.beat()
      if (logBytes < checkpointedBytes) checkpointedBytes = 0
      if (isEnded || checkpointing !== undefined || logBytes - checkpointedBytes <= bounds.checkpointBytes) return
      checkpointedBytes = logBytes
      checkpointing = checkpoint()
    },
  })
  const module = '@postroad/store-sqlite/reader'
  const reader = new LazyThread<ReadSteps>({
    module,
    data,
    clock: wholeClock,
    explainDamage: () => damage.explain(),
    onBatch: ({ requests, durationMs, isDamaged }) => {
      observer?.({ kind: 'batch', thread: 'reader', requests, durationMs })
      if (isDamaged && !isEnded) damage.notice()
    },
  })
  const checkpointer = new LazyThread<ReadSteps>({ module, data, clock: wholeClock })
  const examiner = new LazyThread<ReadSteps>({ module, data, clock: wholeClock })
  const damage = new DamageWatch({
    examine: () => examiner.ask('examine', undefined),
    report: (pages) => observer?.({ kind: 'damaged', pages }),
  })

  /** Moves the log into the database beside the traffic. */
  async function checkpoint(): Promise<void> {
    const startedAt = performance.now()
    try {
      const pagesLeft = await checkpointer.ask('checkpoint', undefined)
      observer?.({ kind: 'checkpoint', durationMs: performance.now() - startedAt, pagesLeft })
    } catch (error) {
      observer?.({ kind: 'checkpoint-failed', error })
    } finally {
      checkpointing = undefined
    }
  }

  // Rung before there is a queue, nobody waits yet.
  let wake = (): void => undefined
  const bell = await Bell.hang({ folder: `${path}.bells`, onRing: () => wake() })
  try {
    await writer.start()
    data.identity = identityOf(path)
  } catch (error) {
    await writer.kill()
    await bell.end()
    throw error
  }
  const prefix = randomBytes(9).toString('base64url')
  const files = createFileSpool({ folder, clock: wholeClock })
  const removal = new FileRemoval({
    clock: wholeClock,
    writer,
    files,
    report: ({ removed, error }) => {
      if (removed > 0) observer?.({ kind: 'files-removed', files: removed })
      if (error !== undefined) observer?.({ kind: 'files-not-removed', error })
    },
  })
  const spool = new SqliteSpool({
    clock: wholeClock,
    writer,
    reader,
    files,
    folder,
    removal,
    prefix,
    memoryBytes: bounds.stagedBytes,
  })
  const queue = new SqliteQueue<Job>({
    codec,
    clock: wholeClock,
    writer,
    spool,
    ring: () => bell.ring(),
    lookMs: () => (bell.isHung ? bounds.lookMs : Math.min(bounds.lookMs, UNRUNG_LOOK_MS)),
  })
  wake = () => queue.rung()
  let ending: Promise<void> | undefined
  const end = async (): Promise<void> => {
    isEnded = true
    queue.endWaiting()
    pulse.end()
    await removal.end(true)
    await writer.close()
    await reader.close()
    await checkpointing
    await checkpointer.close()
    // What it looks for is of no use any more, and SQLite cannot be stopped before it has read all of the file.
    await examiner.abandon()
    await bell.end()
    await spool.end()
  }
  const store: Store<Job> = {
    queue,
    control: new SqliteControl({ codec, writer, reader, queue, clock: wholeClock, pulse }),
    spool,
    limits: new SqliteLimits(writer, wholeClock, prefix),
    journal: new SqliteJournal(writer, reader),
    [Symbol.asyncDispose]: () => (ending ??= end()),
  }
  return {
    store,
    kill: async () => {
      await Promise.all([
        writer.kill(),
        reader.kill(),
        checkpointer.kill(),
        examiner.kill(),
        removal.end(false),
        files.abandon(),
        bell.end(),
      ])
    },
    killWriter: () => writer.killThread(),
    heldBytes: () => spool.heldBytes,
  }
}

/** Of the file that was just opened; without it, another might be opened after a thread died. */
function identityOf(path: string): FileIdentity {
  let cause: unknown
  try {
    const identity = identityAt(path)
    if (identity !== undefined) return identity
  } catch (error) {
    cause = error
  }
  throw new QueueUnavailableError(`the database was removed while it was opened: ${path}`, { cause })
}
