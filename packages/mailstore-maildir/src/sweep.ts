/** Clears `tmp/` of what dead writers left. */

import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isReceiptName, RECEIPT_MS, type Receipts } from './receipt.ts'

/** Age after which a file in `tmp/` is nobody's, by the Maildir convention: 36 hours. */
const LEFTOVER_MS = 36 * 3_600_000

/** What is swept. */
export interface SweepRequest {
  readonly root: string
  readonly maildirOf: (folder: string) => string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Takes over the receipts that are still young. */
  readonly receipts: Receipts
}

/**
 * Removes leftovers older than 36 hours and receipts older than an hour, in every Maildir below the root.
 *
 * Files of which nothing can be learned are passed over; rejects only where the root cannot be read.
 */
export async function sweepLeftovers({ root, maildirOf, now, receipts }: SweepRequest): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const tmp = join(maildirOf(entry.name), 'tmp')
    for (const name of await readdir(tmp).catch(() => [])) {
      const path = join(tmp, name)
      const status = await stat(path).catch(() => undefined)
      if (status === undefined || !status.isFile()) continue
      const age = now - status.mtimeMs
      const isReceipt = isReceiptName(name)
      if (age > (isReceipt ? RECEIPT_MS : LEFTOVER_MS)) await unlink(path).catch(() => undefined)
      else if (isReceipt) receipts.adopt(path, status.mtimeMs)
    }
  }
}
