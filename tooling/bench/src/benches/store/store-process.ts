/**
 * A process with one of our stores in it: its callers, the store, and for Redis the server.
 *
 * Setup, beside what `loadStore` takes: `backlog` entries to build first, `deferred` to have them due tomorrow; `serial` for
 * one call of enqueue at a time; `late` to open the store only when there is work.
 */

import type { Lease, Store } from '@postroad/queue'
import type { Measured, Work } from '../../benchmark.ts'
import { serveContestant } from '../../serve-contestant.ts'
import { watchEventLoop } from './event-loop.ts'
import type { Job } from './message.ts'
import { loadStore } from './open-store.ts'
import { StoreWork } from './store-work.ts'

let store: Store<Job> | undefined
let own: StoreWork | undefined
let opened: Lease<Job> | undefined
let setup: Work = {}
let load: (() => Promise<Store<Job>>) | undefined

const work = (): StoreWork => {
  if (own === undefined) throw new Error('The store is not open.')
  return own
}

async function open(): Promise<void> {
  if (load === undefined) throw new Error('Nothing was set up.')
  store = await load()
  own = new StoreWork(store, setup)
}

/** Opens the store and leases once. */
async function measureOpening(): Promise<Measured> {
  const startedAt = performance.now()
  await open()
  const openMs = performance.now() - startedAt
  opened = await work().leaseOne()
  const firstLeaseMs = performance.now() - startedAt
  const rssMiB = process.memoryUsage.rss() / 2 ** 20
  return { operations: 1, seconds: firstLeaseMs / 1_000, figures: { openMs, firstLeaseMs, rssMiB } }
}

serveContestant({
  start: async (given, tell) => {
    setup = given
    load = await loadStore(given)
    if (given['late'] === true) return
    await open()
    await work().build(Number(given['backlog'] ?? 0), tell)
  },
  prepare: async (asked, roundMs) => {
    if (asked['kind'] === 'open') return
    if (store === undefined) await open()
    await work().prepare(asked, roundMs)
  },
  measure: async (asked, roundMs) => {
    if (asked['kind'] === 'open') return measureOpening()
    if (asked['watch'] !== true) return work().measure(asked, roundMs)
    const loop = watchEventLoop()
    const measured = await work().measure(asked, roundMs)
    return { ...measured, figures: loop.end() }
  },
  finish: async (asked) => {
    if (opened !== undefined) await work().giveBack(opened)
    opened = undefined
    await work().finish(asked)
  },
  end: async () => {
    await store?.[Symbol.asyncDispose]()
  },
})
