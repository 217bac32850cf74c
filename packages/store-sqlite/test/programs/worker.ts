/**
 * Leases and settles what comes, waiting in between; prints `ready`, the job of each lease, and for each request to the
 * writer `look`. Ends when its input does.
 */

import { openThreads } from '../../src/store.ts'
import { textCodec } from './text-codec.ts'

const observer = (event: { readonly kind: string; readonly thread?: string }): void => {
  if (event.kind === 'batch' && event.thread === 'writer') process.stdout.write('look\n')
}
// It looks by itself once an hour: what it finds before, it was rung for.
const { store } = await openThreads({ path: process.argv[2] ?? '', codec: textCodec, observer }, { lookMs: 3_600_000 })
const ending = new AbortController()
process.stdin.resume()
process.stdin.on('end', () => ending.abort())
const request = { limit: 10, durationMs: 60_000, waitMs: 3_600_000, signal: ending.signal }
await store.limits.mark('ready', 1)
process.stdout.write('ready\n')
while (!ending.signal.aborted) {
  const leases = await store.queue.lease(request)
  for (const { job, token } of leases) {
    process.stdout.write(`job ${job}\n`)
    await store.queue.settle([{ token, kind: 'done' }])
  }
}
await store[Symbol.asyncDispose]()
process.stdout.write('ended\n')
