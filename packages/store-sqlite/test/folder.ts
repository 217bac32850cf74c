/** A folder of its own for each test. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Makes a folder that is removed after the test. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-sqlite-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
