/**
 * Receipts: how a delivery that comes a second time is recognised.
 *
 * When a delivery with a key is durable, a small file `tmp/K<hash of the key>` is written that names the message. It is
 * kept for an hour; a delivery that finds it takes itself for done, whatever the reader has made of the message since. It
 * costs one attempt to open a file, and holds between processes. A receipt is never written before the message is durable,
 * and is not synced itself: a crash can lose it, which makes a duplicate, and cannot make one that lies.
 */

import { createHash } from 'node:crypto'
import { readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromUtf8 } from '@postroad/bytes'
import type { Clock } from '@postroad/runtime'

/** How long a receipt is kept, in milliseconds. */
export const RECEIPT_MS = 3_600_000

/** Most receipts of one store at once; the oldest give way. */
const MAX_RECEIPTS = 10_000

/** How many that have expired are removed with one delivery, so that no delivery waits long. */
const EXPIRED_AT_ONCE = 2

/** The receipts of one store. */
export interface Receipts {
  /** The location of the message that came with the key; `undefined` where none is known. Rejects as the system does. */
  find(maildir: string, key: string): Promise<string | undefined>
  /** Writes a receipt, and removes some that have expired. Never rejects: without a receipt a repetition is a duplicate. */
  write(maildir: string, key: string, fileName: string): Promise<void>
  /** Takes over a receipt that lay there before, to remove it in time; `bornAt` in milliseconds since the epoch. */
  adopt(path: string, bornAt: number): void
}

/** Whether a name in `tmp/` is that of a receipt. */
export function isReceiptName(name: string): boolean {
  return /^K[0-9a-f]{64}$/.test(name)
}

/** Creates the receipts of one store. */
export function createReceipts(clock: Clock): Receipts {
  // In the order in which they came, which is that of their age but for those adopted.
  const kept = new Map<string, number>()

  const expire = async (): Promise<void> => {
    for (let removed = 0; removed < EXPIRED_AT_ONCE; removed += 1) {
      const [oldest] = kept
      if (oldest === undefined) return
      const [path, bornAt] = oldest
      if (clock.now() - bornAt < RECEIPT_MS && kept.size <= MAX_RECEIPTS) return
      kept.delete(path)
      await unlink(path).catch(() => undefined)
    }
  }

  return {
    async find(maildir, key) {
      try {
        const fileName = await readFile(receiptPath(maildir, key), 'utf8')
        // One that a crash cut short still says that the message was delivered.
        return fileName.startsWith('new/') ? join(maildir, fileName) : maildir
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    async write(maildir, key, fileName) {
      const path = receiptPath(maildir, key)
      try {
        await writeFile(path, `new/${fileName}`, { mode: 0o600 })
        kept.delete(path)
        kept.set(path, clock.now())
      } catch {
        // Nothing depends on it.
      }
      await expire()
    },
    adopt(path, bornAt) {
      kept.set(path, bornAt)
    },
  }
}

function receiptPath(maildir: string, key: string): string {
  return join(maildir, 'tmp', `K${createHash('sha256').update(fromUtf8(key)).digest('hex')}`)
}
