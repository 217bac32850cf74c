/**
 * A worker thread of a store that is inside SQLite for a while, and hears nothing meanwhile, once it is asked anything.
 * Says so on the channel that is named as its database.
 */

import { DatabaseSync } from 'node:sqlite'
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads'

const database = new DatabaseSync(':memory:')
const channel = new BroadcastChannel(workerData.path)
parentPort?.on('message', () => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel between threads, not a window
  database.function('begun', () => (channel.postMessage('begun'), 1))
  database.exec(
    `WITH RECURSIVE n(n) AS (SELECT begun() UNION ALL SELECT n + 1 FROM n WHERE n < 2000000) SELECT max(n) FROM n`,
  )
})
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
parentPort?.postMessage({ kind: 'ready' })
