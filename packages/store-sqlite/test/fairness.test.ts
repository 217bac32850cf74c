/** The SQLite store is fair. `POSTROAD_FAIRNESS_ENTRIES=n` sets the size of the crowd. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractCodec, describeFairness } from '@postroad/queue/testing'
import { systemClock } from '@postroad/runtime/system'
import { afterAll } from 'vitest'
import { openSqliteStore } from '../src/index.ts'

const entries = Number(process.env['POSTROAD_FAIRNESS_ENTRIES'] ?? 20_000)
const folders: string[] = []

describeFairness(
  'The SQLite store',
  {
    async open({ now, queue = {} }) {
      const path = await mkdtemp(join(tmpdir(), 'postroad-sqlite-fairness-'))
      folders.push(path)
      return openSqliteStore({ path, codec: contractCodec, clock: { ...systemClock, now }, queue })
    },
  },
  { entries, timeoutMs: Math.max(120_000, entries) },
)

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))
