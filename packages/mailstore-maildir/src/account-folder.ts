/** The name of an account's folder: every account has one of its own, and none leads out of the root. */

import { fromUtf8 } from '@postroad/bytes'

/** Longest name of a file on the file systems of the day, in bytes. */
const MAX_NAME_BYTES = 255

const KEPT = /^[A-Za-z0-9._+@-]$/

/**
 * The account's folder below the root: its name in UTF-8, percent-encoded but for letters, digits and `._+@-`; a dot in
 * front is encoded too, so that no folder is hidden or is `..`. Different names have different folders, on a file system
 * that tells upper from lower case.
 *
 * `undefined` where the name is empty, or its folder's name would be longer than 255 bytes.
 */
export function accountFolder(account: string): string | undefined {
  if (account === '' || account.length > MAX_NAME_BYTES) return undefined
  let folder = ''
  for (const byte of fromUtf8(account)) {
    const character = String.fromCharCode(byte)
    const isKept = KEPT.test(character) && !(folder === '' && character === '.')
    folder += isKept ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return folder.length > MAX_NAME_BYTES ? undefined : folder
}
