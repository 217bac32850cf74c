/** A thread that is inside SQLite is not waited for where nobody needs it any more. */

import { join } from 'node:path'
import { createManualClock } from '@postroad/runtime'
import { expect, it } from 'vitest'
import { BOUNDS } from '../src/bounds.ts'
import { LazyThread } from '../src/lazy-thread.ts'
import type { ReadSteps } from '../src/protocol.ts'

const data = {
  path: '',
  folder: '',
  groupConcurrency: 20,
  poisonDeaths: 3,
  settledMemoryMs: 1,
  journalRecords: 9,
  journalTotal: 9,
  bounds: BOUNDS,
}

it('is abandoned while it looks the file through, and then asked for nothing', async () => {
  const module = join(import.meta.dirname, 'programs/busy-thread.ts')
  const thread = new LazyThread<ReadSteps>({ module, data, clock: createManualClock() })
  await thread.start()
  const asked = thread.ask('examine', undefined).catch((error: unknown) => error)
  // It is asked in the next turn.
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  thread.abandon()
  await expect(thread.ask('examine', undefined)).rejects.toThrow('the store is disposed')
  let isOver = false
  void asked.then(() => (isOver = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(isOver).toBe(false)
  expect(await asked).toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
})
