/** What has failed to open has left nothing open. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import type * as Guard from '../src/guard.ts'
import { openSqliteStore } from '../src/index.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const file = vi.hoisted(() => ({ look: (): undefined => undefined }))

// As seen from the main thread alone: removed, or out of reach, just after the writer opened it.
vi.mock('../src/guard.ts', async (original) => ({
  ...(await original<typeof Guard>()),
  identityAt: () => file.look(),
}))

it.each([
  { what: 'is not there any more', look: (): undefined => undefined },
  {
    what: 'cannot be looked at',
    look: (): undefined => {
      throw new Error('EACCES')
    },
  },
])('says so where its file $what once it is open, and ends its threads', async ({ look }) => {
  file.look = look
  const path = join(await createFolder(), 'mail.db')
  await expect(openSqliteStore({ path, codec: textCodec })).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
  // The last connection takes the log and the bells along.
  expect(['-wal', '-shm', '.bells'].filter((suffix) => existsSync(`${path}${suffix}`))).toEqual([])
})
