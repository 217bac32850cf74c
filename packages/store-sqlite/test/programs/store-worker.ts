/** A worker of the suite over processes: opens the store of the first argument, its clock ahead by the second. */

import { runStoreWorker } from '@postroad/queue/testing'
import { systemClock } from '@postroad/runtime/system'
import { openSqliteStore } from '../../src/index.ts'
import { textCodec } from './text-codec.ts'

const [, , path = '', aheadMs = '0'] = process.argv
const clock = { ...systemClock, now: () => systemClock.now() + Number(aheadMs) }
const store = await openSqliteStore({ path, codec: textCodec, clock })
await runStoreWorker(store, process)
await store[Symbol.asyncDispose]()
