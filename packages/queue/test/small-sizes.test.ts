/**
 * The memory store with pages of a few cells, and all else as small: what took an entry's memory before is found after a few
 * steps, not after thousands. It keeps the contract, behaves as the model, and is put back from its log as it was.
 *
 * `POSTROAD_MODEL_SEEDS=n` runs more.
 */

import { createSeededRandom, type Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { describe, expect, it, vi } from 'vitest'
import type { Store } from '../src/index.ts'
import { createMemoryStore, type StoreChange, type StoreLog } from '../src/memory.ts'
import { Cells } from '../src/memory/cells.ts'
import { contractCodec, describeStoreContract, describeStoreModel, type OpenOptions } from '../src/testing/index.ts'
import { Churn, OBJECT_JOBS, WRITTEN_JOBS } from './churn.ts'

vi.mock('../src/memory/sizes.ts', () => ({
  PAGE_BYTES: 256,
  MOST_SPARE_PAGES: 1,
  FEWEST_INDEX_PLACES: 2,
  FIRST_ROLL_PLACES: 1,
  FEW_ROLL_PLACES: 0,
  FEW_FORGOTTEN_IDS: 1,
}))

const runs = Number(process.env['POSTROAD_MODEL_SEEDS'] ?? 600)
const random = createSeededRandom(1)
let kept: StoreChange[] = []

async function open({ now, queue = {} }: OpenOptions): Promise<Store<string>> {
  const clock: Clock = { ...systemClock, now }
  const own = kept
  const log: StoreLog = {
    append: async (changes) => void own.push(...structuredClone(changes)),
    [Symbol.asyncDispose]: async () => {},
  }
  return createMemoryStore<string>({ codec: contractCodec, clock, random, queue, log, restore: [...kept] })
}

const harness = {
  open(options: OpenOptions) {
    kept = []
    return open(options)
  },
  reopen(options: OpenOptions) {
    // What the one before may still append is nobody's: a crash has ended it.
    kept = [...kept]
    return open(options)
  },
}

it('is small here', () => {
  const cells = new Cells(96)
  cells.take()
  expect(cells.bytes).toBe(192)
})

describeStoreContract('The memory store with small pages', harness)
describeStoreModel('The memory store with small pages', harness, {
  runs,
  seed: 2,
  operations: 80,
  timeoutMs: Math.max(120_000, runs * 50),
})

describe('the memory store with small pages has of each entry what was given for it, whatever comes and goes', () => {
  it.each([1, 2, 3, 4, 5, 6])('with a codec, seed %i', async (seed) => {
    const churn = new Churn(WRITTEN_JOBS, seed, 40)
    for (let n = 0; n < 1_500; n += 1) {
      await churn.step()
      if (n % 50 === 0) await churn.check()
    }
    await churn.drain()
    await churn.check()
  })

  it.each([7, 8, 9])('with jobs kept as they are, seed %i', async (seed) => {
    const churn = new Churn(OBJECT_JOBS, seed, 40)
    for (let n = 0; n < 1_500; n += 1) {
      await churn.step()
      if (n % 50 === 0) await churn.check()
    }
    await churn.drain()
    await churn.check()
  })
})
