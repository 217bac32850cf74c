/** Pages of a database file, for tests that damage them. */

import { open } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'

const PAGE_BYTES = 32_768

/** A page of a table or index. */
export interface PageOnDisk {
  readonly page: number
  /** `leaf`, `internal` or `overflow`. */
  readonly kind: string
}

/** The pages of a table or index, the root first. */
export function pagesOf(path: string, name: string): readonly PageOnDisk[] {
  // A store that was disposed does not wait for the thread that looks for damage: that one may still be closing the file.
  const database = new DatabaseSync(path, { timeout: 10_000 })
  const rows = database.prepare('SELECT pageno, pagetype FROM dbstat WHERE name = ? ORDER BY path').all(name)
  database.close()
  return rows.map(({ pageno, pagetype }) => ({ page: Number(pageno), kind: String(pagetype) }))
}

/** Fills a page with nonsense. The database must be closed. */
export async function damagePage(path: string, page: number): Promise<void> {
  await writePage(path, page, new Uint8Array(PAGE_BYTES).fill(0xa5))
}

/** Puts a page back as it was in `whole`. The database must be closed. */
export async function restorePage(path: string, page: number, whole: Uint8Array): Promise<void> {
  await writePage(path, page, whole.subarray((page - 1) * PAGE_BYTES, page * PAGE_BYTES))
}

async function writePage(path: string, page: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(bytes, 0, PAGE_BYTES, (page - 1) * PAGE_BYTES)
  await file.close()
}
