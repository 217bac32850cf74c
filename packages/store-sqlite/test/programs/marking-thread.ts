/** A worker thread of a store that makes a file when it opens, as SQLite makes the index of its log. */

import { writeFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

writeFileSync(workerData.path, '')
parentPort?.on('message', () => writeFileSync(`${workerData.path}.asked`, ''))
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
parentPort?.postMessage({ kind: 'ready' })
