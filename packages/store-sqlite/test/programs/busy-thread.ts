/** A worker thread of a store that is inside SQLite for a while, and hears nothing meanwhile, once it is asked anything. */

import { DatabaseSync } from 'node:sqlite'
import { parentPort } from 'node:worker_threads'

const database = new DatabaseSync(':memory:')
parentPort?.on('message', () => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
  database.function('begun', () => (parentPort?.postMessage({ kind: 'ready' }), 1))
  database.exec(
    `WITH RECURSIVE n(n) AS (SELECT begun() UNION ALL SELECT n + 1 FROM n WHERE n < 2000000) SELECT max(n) FROM n`,
  )
})
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
parentPort?.postMessage({ kind: 'ready' })
