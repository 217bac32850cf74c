/** The check of a store: what is damaged, and what was left behind. */

import { lstat } from 'node:fs/promises'
import { checkContentFile, listContentFiles } from '@postroad/spool-fs'
import { QueueUnavailableError } from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { BOUNDS } from './bounds.ts'
import { LazyThread } from './lazy-thread.ts'
import { databaseFile } from './location.ts'
import type { CheckSteps, Finding } from './protocol.ts'
import { TOLD } from './steps/invariants.ts'

/** How many files are asked about at once. */
const AT_ONCE = 500

/** How a check is made. */
export interface SqliteCheckOptions {
  /** As for `openSqliteStore`. Nothing is changed, and none is made; SQLite may leave an empty log and its index there. */
  readonly path: string
  /** Default: the machine's clock. */
  readonly clock?: Clock
  /** Whether large content is read whole, to compare its checksums; default `false`: its length and its end. */
  readonly readsContent?: boolean
}

/** What a check found. */
export interface SqliteCheck {
  /** The database file. */
  readonly path: string
  /** The version of its schema. */
  readonly version: number
  /** Empty where all is well. Of each kind some 100 are told, and then how many more there are. */
  readonly findings: readonly Finding[]
}

/**
 * Checks a store: every page of the database by SQLite's own check, what must be true of the tables together, and the
 * files of large content. Reads all of the database, on a thread of its own; beside live writers it sees one moment of
 * it, and their log grows meanwhile.
 *
 * @throws {QueueUnavailableError} Where there is no such file, it is no database of ours, or not even its first page can
 *   be read.
 */
export async function checkSqliteStore(options: SqliteCheckOptions): Promise<SqliteCheck> {
  const { clock = systemClock, readsContent = false } = options
  const path = await databaseFile(options.path).catch((cause: unknown) => {
    throw new QueueUnavailableError(`the database file could not be opened: ${options.path}`, { cause })
  })
  const folder = `${path}.content`
  const data = {
    path,
    folder,
    groupConcurrency: 0,
    poisonDeaths: 0,
    settledMemoryMs: 0,
    journalRecords: 0,
    journalTotal: 0,
    bounds: BOUNDS,
  }
  const wholeClock: Clock = {
    now: () => Math.floor(clock.now()),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  }
  const thread = new LazyThread<CheckSteps>({ module: '@postroad/store-sqlite/checker', data, clock: wholeClock })
  try {
    const { version, findings } = await thread.ask('check', undefined)
    const all = [...findings]
    for await (const finding of few(checkNamed(thread, folder, readsContent))) all.push(finding)
    for await (const finding of few(checkUnnamed(thread, folder, clock.now()))) all.push(finding)
    return { path, version, findings: all }
  } finally {
    await thread.close()
  }
}

/** The first findings of one kind, and how many more there are. */
async function* few(findings: AsyncIterable<Finding>): AsyncGenerator<Finding, void, undefined> {
  let count = 0
  let last: Finding | undefined
  for await (const finding of findings) {
    count += 1
    last = finding
    if (count <= TOLD) yield finding
  }
  if (count > TOLD && last !== undefined)
    yield { ...last, what: `and ${count - TOLD} more`, where: 'the files of contents' }
}

/** Files that are named must be whole. */
async function* checkNamed(
  thread: LazyThread<CheckSteps>,
  folder: string,
  reads: boolean,
): AsyncGenerator<Finding, void, undefined> {
  for (let after = 0; ;) {
    const files = await thread.ask('files', { after })
    for (const { id, sizeBytes } of files) {
      const state = await checkContentFile(folder, id, { reads })
      if (state.kind === 'whole' && state.sizeBytes === sizeBytes) continue
      // Settled meanwhile, and its file removed: nothing is wrong.
      if ((await thread.ask('files', { after: 0, id })).length === 0) continue
      const advice = 'put its file back from a copy, or drop the entries that name it'
      const where = `content ${id}, ${state.path ?? folder}`
      yield { severity: 'damage', what: whatIs(state, sizeBytes), where, advice }
    }
    const last = files.at(-1)
    if (last === undefined) return
    after = last.serial
  }
}

/** Files that nobody names, and whose time is over, will be swept. */
async function* checkUnnamed(
  thread: LazyThread<CheckSteps>,
  folder: string,
  now: number,
): AsyncGenerator<Finding, void, undefined> {
  let batch: { readonly id: string; readonly path: string }[] = []
  const findings = async function* (): AsyncGenerator<Finding, void, undefined> {
    const asked = batch
    batch = []
    const named = new Set(await thread.ask('named', { ids: asked.map(({ id }) => id) }))
    for (const { id, path } of asked) {
      // Settled since it was listed: the note goes after the file, so what has no note has no file either.
      if (named.has(id) || !(await isThere(path))) continue
      const where = `content ${id}, ${path}`
      yield { severity: 'leftover', what: 'no entry names it', where, advice: 'sweep the spool' }
    }
  }
  for await (const { id, path, expiresAt } of listContentFiles(folder)) {
    if (expiresAt >= now) continue
    batch.push({ id, path })
    if (batch.length >= AT_ONCE) yield* findings()
  }
  yield* findings()
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}

function whatIs(state: Awaited<ReturnType<typeof checkContentFile>>, sizeBytes: number): string {
  switch (state.kind) {
    case 'missing':
      return 'its file is not there'
    case 'damaged':
      return `its file is damaged: ${state.error instanceof Error ? state.error.message : String(state.error)}`
    case 'whole':
      return `its file holds ${state.sizeBytes} bytes; they were ${sizeBytes}`
  }
}
