/** The spool of files keeps the contract, beside a memory store that is told to persist what it is to name. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContentId } from '@postroad/envelope'
import type { NewEntry, Store, StoreSpool } from '@postroad/queue'
import { createMemoryStore } from '@postroad/queue/memory'
import { describeSpoolContract } from '@postroad/queue/testing'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import { afterAll, expectTypeOf, it } from 'vitest'
import { type FileSpool, openFileSpool } from '../src/index.ts'

const folders: string[] = []

describeSpoolContract('A spool of files', {
  async open({ now }) {
    const folder = await mkdtemp(join(tmpdir(), 'postroad-spool-'))
    folders.push(folder)
    const clock = { ...systemClock, now }
    const store = createMemoryStore<string>({ clock, random: systemRandom })
    const files = await openFileSpool({ folder, clock })
    /** What entries name: a foreign spool's sweep must be told. */
    const named = new Set<ContentId>()
    const spool: StoreSpool = {
      stage: (options) => files.stage(options),
      persist: (contents) => files.persist(contents),
      open: (content, range) => files.open(content, range),
      drop: (contents) => files.drop(contents),
      sweep: (inUse) => files.sweep(async (ids) => new Set([...(await inUse(ids)), ...named])),
    }
    return {
      ...store,
      spool,
      queue: {
        enqueue: async (entries) => {
          const contents = entries.flatMap(({ content }) => (content && 'id' in content ? [content] : []))
          await files.persist(contents)
          for (const { id } of contents) named.add(id)
          await store.queue.enqueue(entries.map((entry) => withoutContent(entry)))
        },
        lease: (request) => store.queue.lease(request),
        renew: (token, request) => store.queue.renew(token, request),
        settle: (batch) => store.queue.settle(batch),
      },
      [Symbol.asyncDispose]: async () => {
        await files[Symbol.asyncDispose]()
        await store[Symbol.asyncDispose]()
      },
    }
  },
  gaps: [
    {
      test: 'drops what no entry names, and passes over the rest',
      reason: 'a foreign spool does not know the entries: what it is told to drop is gone',
    },
  ],
})

it('cannot be the spool of a store as it is: a sweep that is told of nothing in use would remove mail', () => {
  expectTypeOf<FileSpool>().not.toExtend<Store<string>['spool']>()
})

/** The memory store has a spool of its own, which does not know the file. */
function withoutContent({ id, job, group, priority, notBefore, labels }: NewEntry<string>): NewEntry<string> {
  return { id, job, group, priority, notBefore, labels }
}

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})
