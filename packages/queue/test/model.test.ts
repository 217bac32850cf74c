/** The memory store behaves as the model. `POSTROAD_MODEL_SEEDS=n` runs more. */

import { createSeededRandom, type Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { createMemoryStore } from '../src/memory.ts'
import { contractCodec, describeStoreModel } from '../src/testing/index.ts'

const runs = Number(process.env['POSTROAD_MODEL_SEEDS'] ?? 2_000)

describeStoreModel(
  'The memory store',
  {
    async open({ now, queue = {} }) {
      const clock: Clock = { ...systemClock, now }
      return createMemoryStore<string>({ codec: contractCodec, clock, random: createSeededRandom(1), queue })
    },
  },
  { runs, timeoutMs: Math.max(120_000, runs * 20) },
)
