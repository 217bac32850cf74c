/** The memory store is fair. `POSTROAD_FAIRNESS_ENTRIES=n` sets the size of the crowd. */

import { createSeededRandom, type Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { createMemoryStore } from '../src/memory.ts'
import { contractCodec, describeFairness } from '../src/testing/index.ts'

const entries = Number(process.env['POSTROAD_FAIRNESS_ENTRIES'] ?? 200_000)

describeFairness(
  'The memory store',
  {
    async open({ now, queue = {} }) {
      const clock: Clock = { ...systemClock, now }
      return createMemoryStore<string>({ codec: contractCodec, clock, random: createSeededRandom(1), queue })
    },
  },
  { entries },
)
