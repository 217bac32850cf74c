/** The Redis store is fair. `POSTROAD_FAIRNESS_ENTRIES=n` sets the size of the crowd. */

import { contractCodec, describeFairness } from '@postroad/queue/testing'
import { redisUrl } from '@postroad/tooling-vitest/provided'
import { openRedisStore } from '../src/index.ts'
import { randomPrefix } from './redis.ts'

const entries = Number(process.env['POSTROAD_FAIRNESS_ENTRIES'] ?? 20_000)

describeFairness(
  'The Redis store',
  {
    open: (options) => openRedisStore({ url: redisUrl(), prefix: randomPrefix(), codec: contractCodec, ...options }),
  },
  { entries, timeoutMs: Math.max(120_000, entries) },
)
