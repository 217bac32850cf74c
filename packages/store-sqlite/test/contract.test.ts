/** The SQLite store keeps every contract, on a real file. A crash ends its threads without a word. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractCodec, describeStoreContract, type OpenOptions } from '@postroad/queue/testing'
import { systemClock } from '@postroad/runtime/system'
import { afterAll } from 'vitest'
import { type OpenedStore, openThreads } from '../src/store.ts'

const folders: string[] = []
let opened: OpenedStore<string> | undefined

const open = async ({ now, queue = {} }: OpenOptions) => {
  opened = await openThreads({
    path: folders.at(-1) ?? '',
    codec: contractCodec,
    clock: { ...systemClock, now },
    queue,
  })
  return opened.store
}

describeStoreContract('The SQLite store', {
  async open(options) {
    folders.push(await mkdtemp(join(tmpdir(), 'postroad-sqlite-')))
    return open(options)
  },
  async reopen(options) {
    await opened?.kill()
    return open(options)
  },
})

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})
