/** Limits hold over several processes on one Redis. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { contractCodec, describeProcesses } from '@postroad/queue/testing'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { openRedisStore } from '../src/index.ts'
import { randomPrefix } from './redis.ts'

const PROGRAM = join(import.meta.dirname, 'programs/store-worker.ts')

describeProcesses('The Redis store', {
  create: async () => randomPrefix(),
  open: (prefix, now) => openRedisStore({ url: redisUrl(), prefix, codec: contractCodec, now }),
  start: (prefix, aheadMs) =>
    spawn(process.execPath, [...process.execArgv, PROGRAM, redisUrl(), prefix, String(aheadMs)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
})
