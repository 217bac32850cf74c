/** Where the database lies: one place, whatever name it is opened by. */

import { mkdir, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { checkSqliteStore, openSqliteStore } from '../src/index.ts'
import { databaseFile, locate } from '../src/location.ts'
import { openThreads } from '../src/store.ts'
import { entry, put } from './entry.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const setUp = async () => {
  const folder = await createFolder()
  await mkdir(join(folder, 'disk'))
  await mkdir(join(folder, 'etc'))
  const path = join(folder, 'disk', 'mail.db')
  const link = join(folder, 'etc', 'link.db')
  return { folder, path, link }
}

it('is the file that a link leads to, also one that is not there yet, and one in a folder that is a link', async () => {
  const { folder, path, link } = await setUp()
  await symlink('../disk/mail.db', link)
  await symlink('disk', join(folder, 'folder'))
  expect(await locate(link)).toBe(path)
  expect(await locate(join(folder, 'folder', 'mail.db'))).toBe(path)
  expect(await locate(join(folder, 'folder'))).toBe(join(folder, 'disk', 'postroad.sqlite'))
  const store = await openSqliteStore({ path: link, codec: textCodec })
  await store[Symbol.asyncDispose]()
  expect(await readdir(join(folder, 'disk'))).toEqual(['mail.db'])
  expect(await databaseFile(link)).toBe(path)
  expect(await databaseFile(join(folder, 'folder', 'mail.db'))).toBe(path)
})

it('refuses links that lead in a circle', async () => {
  const { link } = await setUp()
  await symlink('link.db', link)
  await expect(openSqliteStore({ path: link, codec: textCodec })).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    message: expect.stringContaining(link),
  })
})

it('is shared by those who open it by a link and by its own name: work, content and the log', async () => {
  const { path, link } = await setUp()
  const { store } = await openThreads({ path, codec: textCodec }, { lookMs: 3_600_000 })
  onTestFinished(() => store[Symbol.asyncDispose]())
  await symlink('../disk/mail.db', link)
  let pagesMoved = -1
  const other = await openThreads(
    {
      path: link,
      codec: textCodec,
      observer: (event) => {
        if (event.kind === 'checkpoint') pagesMoved = event.pagesLeft
      },
    },
    { checkpointBytes: 100_000 },
  )
  onTestFinished(() => other.store[Symbol.asyncDispose]())
  const waiting = store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 600_000 })
  await store.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })
  await other.store.queue.enqueue([entry('large', { content: await put(other.store.spool, 'large', 400_000) })])
  const [lease] = await waiting
  let size = 0
  for await (const chunk of store.spool.open(lease?.content ?? expect.fail('no content'))) size += chunk.length
  expect(size).toBe(400_000)
  await expect.poll(() => pagesMoved).toBeGreaterThanOrEqual(0)
  expect(await checkSqliteStore({ path: link })).toMatchObject({ path, findings: [] })
})
