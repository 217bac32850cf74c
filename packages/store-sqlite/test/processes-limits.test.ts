/** Limits hold over several processes on one file. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describeProcesses } from '@postroad/queue/testing'
import { systemClock } from '@postroad/runtime/system'
import { openSqliteStore } from '../src/index.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const PROGRAM = join(import.meta.dirname, 'programs/store-worker.ts')

describeProcesses('The SQLite store', {
  create: createFolder,
  open: (path, now) => openSqliteStore({ path, codec: textCodec, clock: { ...systemClock, now } }),
  start: (path, aheadMs) =>
    spawn(process.execPath, [...process.execArgv, PROGRAM, path, String(aheadMs)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
})
