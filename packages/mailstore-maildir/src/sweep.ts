/** Clears `tmp/` of what dead writers left. */

import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isReceiptName, RECEIPT_MS, type Receipts } from './receipt.ts'

/** Most files looked at in one sweep, so that no delivery waits long. */
const MOST_FILES = 1_000
/** Age after which a file in `tmp/` is nobody's, by the Maildir convention: 36 hours. */
const LEFTOVER_MS = 36 * 3_600_000

/**
 * Removes leftovers older than 36 hours and receipts older than an hour from one Maildir; receipts that are still young
 * are handed over. Files of which nothing can be learned are passed over. Never rejects.
 *
 * @param now Milliseconds since the epoch.
 */
export async function sweepLeftovers(maildir: string, now: number, receipts: Receipts): Promise<void> {
  const tmp = join(maildir, 'tmp')
  const names = await readdir(tmp).catch(() => [])
  for (const name of names.slice(0, MOST_FILES)) {
    const path = join(tmp, name)
    const status = await stat(path).catch(() => undefined)
    if (status === undefined || !status.isFile()) continue
    const age = now - status.mtimeMs
    const isReceipt = isReceiptName(name)
    if (age > (isReceipt ? RECEIPT_MS : LEFTOVER_MS)) await unlink(path).catch(() => undefined)
    else if (isReceipt) receipts.adopt(path, status.mtimeMs)
  }
}
