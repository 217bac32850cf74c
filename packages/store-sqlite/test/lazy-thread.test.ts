/** A thread that is inside SQLite is not waited for where nobody needs it any more. */

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createManualClock } from '@postroad/runtime'
import { expect, it, onTestFinished } from 'vitest'
import { BOUNDS } from '../src/bounds.ts'
import { LazyThread } from '../src/lazy-thread.ts'
import type { ReadSteps } from '../src/protocol.ts'
import { createFolder } from './folder.ts'

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
  const path = 'busy'
  const channel = new BroadcastChannel(path)
  onTestFinished(() => channel.close())
  const thread = new LazyThread<ReadSteps>({ module, data: { ...data, path }, clock: createManualClock() })
  const asked = thread.ask('examine', undefined).catch((error: unknown) => error)
  await once(channel, 'message')
  await thread.abandon()
  await expect(thread.ask('examine', undefined)).rejects.toThrow('the store is disposed')
  let isOver = false
  void asked.then(() => (isOver = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(isOver).toBe(false)
  expect(await asked).toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
})

it('is not opened any more once it was abandoned while it started, and not asked', async () => {
  const path = join(await createFolder(), 'opened')
  const module = join(import.meta.dirname, 'programs/marking-thread.ts')
  const thread = new LazyThread<ReadSteps>({ module, data: { ...data, path }, clock: createManualClock() })
  const asked = thread.ask('examine', undefined).catch((error: unknown) => error)
  await thread.abandon()
  expect(existsSync(path)).toBe(true)
  expect(await asked).toMatchObject({ message: 'the store is disposed' })
  expect(existsSync(`${path}.asked`)).toBe(false)
})
