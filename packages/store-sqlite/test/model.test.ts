/** The SQLite store behaves as the model, on a real file. `POSTROAD_MODEL_SEEDS=n` runs more. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { contractCodec, describeStoreModel, type OpenOptions } from '@postroad/queue/testing'
import { systemClock } from '@postroad/runtime/system'
import { afterAll } from 'vitest'
import { type OpenedStore, openThreads } from '../src/store.ts'

const runs = Number(process.env['POSTROAD_MODEL_SEEDS'] ?? 100)
const folders: string[] = []
let opened: OpenedStore<string> | undefined

const open = async ({ now, queue = {} }: OpenOptions) => {
  const path = folders.at(-1) ?? ''
  // Groups of a few entries are long here, so that what is done for long ones is done all the time.
  const bounds = { shortGroup: 1, takenPlaces: 3 }
  opened = await openThreads({ path, codec: contractCodec, clock: { ...systemClock, now }, queue }, bounds)
  return opened.store
}

/** Rows of entries, of their places and of content, where every entry was worked off and swept. */
const leftovers = async (): Promise<readonly string[]> => {
  const database = new DatabaseSync(join(folders.at(-1) ?? '', 'postroad.sqlite'), { readOnly: true })
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE name IN ('entry', 'due', 'taken', 'content', 'piece')")
      .all()
    return tables.flatMap(({ name }) => {
      const { count } = database.prepare(`SELECT count(*) AS count FROM ${String(name)}`).get() ?? {}
      return count === 0 ? [] : [`${String(count)} rows of ${String(name)}`]
    })
  } finally {
    database.close()
  }
}

describeStoreModel(
  'The SQLite store',
  {
    async open(options) {
      folders.push(await mkdtemp(join(tmpdir(), 'postroad-sqlite-model-')))
      return open(options)
    },
    async reopen(options) {
      await opened?.kill()
      return open(options)
    },
  },
  { runs, shared: true, leftovers, timeoutMs: Math.max(120_000, runs * 1_000) },
)

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})
