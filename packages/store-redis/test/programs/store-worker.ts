/** A worker of the suite over processes: opens the store of the arguments (URL, prefix), its clock ahead by the third. */

import { contractCodec, runStoreWorker } from '@postroad/queue/testing'
import { openRedisStore } from '../../src/index.ts'

const [, , url = '', prefix = '', aheadMs = '0'] = process.argv
const now = () => Date.now() + Number(aheadMs)
const store = await openRedisStore({ url, prefix, codec: contractCodec, now })
await runStoreWorker(store, process)
await store[Symbol.asyncDispose]()
