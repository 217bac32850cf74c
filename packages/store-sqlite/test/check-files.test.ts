/** A check beside a store that removes files: what has gone since it was listed is no finding. */

import { join } from 'node:path'
import type * as spoolFs from '@postroad/spool-fs'
import { contentFilePath } from '@postroad/spool-fs'
import { contentId } from '@postroad/envelope'
import { expect, it, vi } from 'vitest'
import { checkSqliteStore, openSqliteStore } from '../src/index.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

vi.mock('@postroad/spool-fs', async (original) => {
  const actual = await original<typeof spoolFs>()
  return {
    ...actual,
    // As it was a moment ago: then its last entry was settled, the file removed, and the note of that too.
    listContentFiles: async function* (folder: string) {
      const id = contentId('aaaaaaaa.1')
      yield { id, path: actual.contentFilePath(folder, id) ?? '', isKept: true, fileBytes: 1, expiresAt: 0 }
    },
  }
})

it('finds nothing in a file that was settled and removed while the folder was listed', async () => {
  const path = join(await createFolder(), 'mail.db')
  const store = await openSqliteStore({ path, codec: textCodec })
  expect(contentFilePath(`${path}.content`, 'aaaaaaaa.1')).toBeDefined()
  expect(await checkSqliteStore({ path })).toMatchObject({ findings: [] })
  await store[Symbol.asyncDispose]()
})
