/**
 * Where content lies below the folder of a spool.
 *
 * `staging/ID~TTL` while it is not kept (TTL in milliseconds, base 36), `kept/HH/ID` once `persist` kept it. HH is a
 * hash that is equal for 256 contents in a row, so that what is kept at the same time mostly shares one folder, and one
 * sync of it. Ids may come from outside: what is no id of ours has no path.
 */

import { join } from 'node:path'

/** Letters, digits, `_` and `-`, a dot, a number in base 36. Never a dot in front, never a separator. */
const ID = /^[A-Za-z0-9_-]{1,64}\.[0-9a-z]{1,10}$/
const STAGED = /^([A-Za-z0-9_-]{1,64}\.[0-9a-z]{1,10})~([0-9a-z]{1,11})$/
/** The longest time to live that a name keeps, in milliseconds: some 285 years. */
const LONGEST_TTL_MS = 9_000_000_000_000

/** Whether a spool of files can have made this id. */
export function isContentFileId(id: string): boolean {
  return ID.test(id)
}

/** The folder of content that is being written. */
export function stagingFolder(folder: string): string {
  return join(folder, 'staging')
}

/** The folder of the sub-folders of what is kept. */
export function keptFolder(folder: string): string {
  return join(folder, 'kept')
}

/** The file of content that is not kept yet. The id must be one of ours. */
export function stagingPath(folder: string, id: string, ttlMs: number): string {
  const ttl = Math.min(LONGEST_TTL_MS, Math.max(0, Math.ceil(ttlMs) || 0))
  return join(stagingFolder(folder), `${id}~${ttl.toString(36)}`)
}

/**
 * The file of kept content, whether it is there or not.
 *
 * @param folder That of the spool.
 * @returns `undefined` where the id is not one a spool of files makes.
 */
export function contentFilePath(folder: string, id: string): string | undefined {
  return isContentFileId(id) ? join(subFolder(folder, id), id) : undefined
}

/** The sub-folder of kept content. The id must be one of ours. */
export function subFolder(folder: string, id: string): string {
  const dot = id.indexOf('.')
  const row = Math.floor(Number.parseInt(id.slice(dot + 1), 36) / 256)
  let hash = 0x811c_9dc5
  for (const character of `${id.slice(0, dot)}.${row}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x0100_0193)
  const short = (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & 0xff
  return join(keptFolder(folder), short.toString(16).padStart(2, '0'))
}

/** What the name of a staged file says; `undefined` where it is not one of ours. */
export function readStagedName(name: string): { readonly id: string; readonly ttlMs: number } | undefined {
  const [, id, ttl] = STAGED.exec(name) ?? []
  return id === undefined || ttl === undefined ? undefined : { id, ttlMs: Number.parseInt(ttl, 36) }
}
