/** Reads what lies in a Maildir. */

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withCrlf } from './compare.ts'

/** A message in a mailbox. */
export interface StoredMail {
  readonly path: string
  /** With CRLF line ends, as it came. */
  readonly content: Uint8Array
}

/** Everything in `new` of the account's Maildir, in the order of names; empty where there is no Maildir. */
export async function readMailbox(root: string, account: string): Promise<readonly StoredMail[]> {
  const folder = join(root, account, 'new')
  const names = await readdir(folder).catch(() => [])
  return Promise.all(
    names
      .toSorted((a, b) => a.localeCompare(b))
      .map(async (name) => {
        const path = join(folder, name)
        return { path, content: withCrlf(await readFile(path)) }
      }),
  )
}
