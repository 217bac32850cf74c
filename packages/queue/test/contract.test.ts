/** The memory store keeps every contract, with and without a codec between. */

import { createSeededRandom, type Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { createMemoryStore } from '../src/memory.ts'
import { contractCodec, describeStoreContract } from '../src/testing/index.ts'

describeStoreContract('The memory store', {
  async open({ now, queue = {} }) {
    const clock: Clock = { ...systemClock, now }
    return createMemoryStore<string>({ codec: contractCodec, clock, random: createSeededRandom(1), queue })
  },
})
