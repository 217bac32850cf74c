/**
 * The model test by hand, over many seeds: `node tooling/store-kills/src/model-run.ts [memory|sqlite|redis] [--runs n]
 * [--seed n] [--operations n]`. Prints what was run, and the shrunk operations of the first fault.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Store } from '@postroad/queue'
import { createMemoryStore } from '@postroad/queue/memory'
import { checkStoreModel, contractCodec, type OpenOptions, type StoreHarness } from '@postroad/queue/testing'
import { createSeededRandom } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { openRedisStore } from '@postroad/store-redis'
import { openSqliteStore } from '@postroad/store-sqlite'
import { startRedis } from '@postroad/tooling-redis'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    operations: { type: 'string', default: '60' },
  },
})
const [store = 'memory'] = positionals
const [runs, seed, operations] = [Number(values.runs), Number(values.seed), Number(values.operations)]

/** Opens again what `open` opens, then ends the object before: a take-over, so that long runs leave no threads behind. */
function createReopen(open: (options: OpenOptions) => Promise<Store<string>>): {
  first: (options: OpenOptions) => Promise<Store<string>>
  again: (options: OpenOptions) => Promise<Store<string>>
} {
  let last: Store<string> | undefined
  const first = async (options: OpenOptions): Promise<Store<string>> => (last = await open(options))
  return {
    first,
    again: async (options) => {
      const before = last
      const store = await first(options)
      await before?.[Symbol.asyncDispose]()
      return store
    },
  }
}

/** A harness of the store named, and its end. */
async function createHarness(): Promise<{ harness: StoreHarness; end: () => Promise<void> }> {
  if (store === 'sqlite') {
    const folders: string[] = []
    const { first, again } = createReopen(({ now, queue = {} }) =>
      openSqliteStore({ path: folders.at(-1) ?? '', codec: contractCodec, clock: { ...systemClock, now }, queue }),
    )
    return {
      harness: {
        async open(options) {
          folders.push(await mkdtemp(join(tmpdir(), 'postroad-model-')))
          return first(options)
        },
        reopen: again,
      },
      end: async () => {
        for (const folder of folders) await rm(folder, { recursive: true, force: true })
      },
    }
  }
  if (store === 'redis') {
    const server = await startRedis()
    let serial = 0
    const { first, again } = createReopen((options) =>
      openRedisStore({ url: server.url, prefix: `model-${serial}`, codec: contractCodec, ...options }),
    )
    return {
      harness: {
        open: (options) => {
          serial += 1
          return first(options)
        },
        reopen: again,
      },
      end: () => server.stop(),
    }
  }
  if (store !== 'memory') throw new Error(`no store is named ${store}: memory, sqlite or redis`)
  const random = createSeededRandom(1)
  return {
    harness: {
      open: async ({ now, queue = {} }) =>
        createMemoryStore<string>({ codec: contractCodec, clock: { ...systemClock, now }, random, queue }),
    },
    end: async () => {},
  }
}

const { harness, end } = await createHarness()
const beganAt = systemClock.monotonic()
let steps = 0
let failure: unknown
try {
  await checkStoreModel(harness, {
    runs,
    seed,
    operations,
    shared: store !== 'memory',
    onRun(done, length) {
      steps += length
      if (done <= runs && done % 100 === 0) console.log(`${done} of ${runs} runs, ${steps} operations`)
    },
  })
} catch (error) {
  failure = error
}
await end()
const seconds = Math.round((systemClock.monotonic() - beganAt) / 1_000)
const result = failure === undefined ? 'no fault' : 'FAULT'
console.log(`model ${store}: ${runs} runs from seed ${seed}, ${steps} operations, ${seconds} s: ${result}`)
if (failure !== undefined) {
  console.error(failure instanceof Error ? failure.message : failure)
  process.exitCode = 1
}
