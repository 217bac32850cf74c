/** Opens a store in one SQLite database: its threads, its ports, its end. */

import { randomBytes } from 'node:crypto'
import { mkdir, open, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { type Codec, type QueueOptions, QueueUnavailableError, type Store } from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { BOUNDS, type Bounds } from './bounds.ts'
import { SqliteControl } from './control.ts'
import { SqliteJournal } from './journal.ts'
import { SqliteLimits } from './limits.ts'
import type { ReadSteps, ThreadData, WriteSteps } from './protocol.ts'
import { SqliteQueue } from './queue.ts'
import { SqliteSpool } from './spool.ts'
import { LazyThread } from './lazy-thread.ts'

/** The name of the database inside a folder. */
const FILE_NAME = 'postroad.sqlite'
/** How a store is opened. */
export interface SqliteStoreOptions<Job> {
  /**
   * The database file; or a folder (one that is there, or a path that ends with a separator), and then the file is
   * `postroad.sqlite` in it. Folders are made where they are not there, for this user alone. Beside the file lie its log
   * (`-wal`) and index (`-shm`). A local disk: SQLite's locks do not hold on network file systems.
   */
  readonly path: string
  readonly codec: Codec<Job>
  /** Default: the machine's clock. */
  readonly clock?: Clock
  readonly queue?: QueueOptions
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
  const data: ThreadData = {
    path,
    groupConcurrency: queueOptions.groupConcurrency ?? 20,
    poisonDeaths: queueOptions.poisonDeaths ?? 3,
    settledMemoryMs: queueOptions.settledMemoryMs ?? 3_600_000,
    journalRecords: queueOptions.journalRecords ?? 200,
    bounds,
  }
  // Columns of instants hold whole milliseconds.
  const wholeClock: Clock = {
    now: () => Math.floor(clock.now()),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  }
  let checkpointing: Promise<void> | undefined
  let isEnded = false
  let checkpointedBytes = 0

  const writer = new LazyThread<WriteSteps>({
    module: '@postroad/store-sqlite/writer',
    data,
    clock: wholeClock,
    onBatch: ({ requests, durationMs, logBytes }) => {
      observer?.({ kind: 'batch', thread: 'writer', requests, durationMs })
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
    onBatch: ({ requests, durationMs }) => observer?.({ kind: 'batch', thread: 'reader', requests, durationMs }),
  })
  const checkpointer = new LazyThread<ReadSteps>({ module, data, clock: wholeClock })

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

  await writer.start()
  const prefix = randomBytes(9).toString('base64url')
  const spool = new SqliteSpool({ clock: wholeClock, writer, reader, prefix, memoryBytes: bounds.stagedBytes })
  const queue = new SqliteQueue<Job>({ codec, clock: wholeClock, writer, spool })
  let ending: Promise<void> | undefined
  const end = async (): Promise<void> => {
    isEnded = true
    queue.endWaiting()
    await writer.close()
    await reader.close()
    await checkpointing
    await checkpointer.close()
    spool.end()
  }
  const store: Store<Job> = {
    queue,
    control: new SqliteControl({ codec, writer, reader, queue }),
    spool,
    limits: new SqliteLimits(writer, wholeClock, prefix),
    journal: new SqliteJournal(writer, reader),
    [Symbol.asyncDispose]: () => (ending ??= end()),
  }
  return {
    store,
    kill: async () => {
      await Promise.all([writer.kill(), reader.kill(), checkpointer.kill()])
    },
    killWriter: () => writer.killThread(),
    heldBytes: () => spool.heldBytes,
  }
}

/** The absolute path of the database file, in a folder that is there. */
async function locate(path: string): Promise<string> {
  try {
    const isFolder =
      path.endsWith(sep) || path.endsWith('/') || ((await stat(path).catch(() => undefined))?.isDirectory() ?? false)
    const file = resolve(isFolder ? join(path, FILE_NAME) : path)
    const made = await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    if (made !== undefined) await keepFolders(dirname(file), dirname(made))
    return file
  } catch (cause) {
    throw new QueueUnavailableError(`the folder of the database cannot be made: ${path}`, { cause })
  }
}

/** Makes folders that were just made durable in those that hold them, up to `last`: SQLite does so only with its files. */
async function keepFolders(made: string, last: string): Promise<void> {
  // Windows opens no folders, and needs no such thing.
  if (process.platform === 'win32') return
  for (let folder = made; folder !== last;) {
    folder = dirname(folder)
    const handle = await open(folder)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
}
