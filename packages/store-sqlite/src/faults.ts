/** What SQLite says when it cannot, as sentences for people, and as errors of the port. */

import { ContentMissingError, QueueUnavailableError } from '@postroad/queue'
import type { Fault } from './protocol.ts'

/** Primary result codes of SQLite that deserve a sentence of their own. */
const SENTENCES: ReadonlyMap<number, string> = new Map([
  [5, 'the database is locked by another process'],
  [6, 'the database is locked by another connection'],
  [8, 'the database is read-only'],
  [10, 'the disk could not be read or written'],
  [11, 'the database is damaged'],
  [13, 'the disk is full'],
  [14, 'the database file could not be opened'],
  [26, 'the file is not a database'],
])

/** Codes that blame the request, not the machine: mismatch, constraint, too big, misuse, range. */
const OF_THE_REQUEST: ReadonlySet<number> = new Set([18, 19, 20, 21, 25])

/** SQLITE_IOERR_FSYNC. */
const IOERR_FSYNC = 1_034

/** Thrown inside a thread where an entry names content that is not there. */
export class NoContent extends Error {
  override readonly name = 'NoContent'
  readonly content: string

  constructor(content: string) {
    super(`there is no content ${content}`)
    this.content = content
  }
}

/** Thrown where the file is of a version that this code does not know. */
export class UnknownSchema extends Error {
  override readonly name = 'UnknownSchema'
}

/** Thrown where the files were removed or replaced under a connection. */
export class FileGone extends Error {
  override readonly name = 'FileGone'
}

/** Thrown where a sync has failed and what the log holds is not safe elsewhere yet. */
export class LogDoubtful extends Error {
  override readonly name = 'LogDoubtful'
}

/** What was thrown, as data. */
export function faultOf(error: unknown): Fault {
  const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  if (isSentence(error)) return { sentence: error.message, cause, isDamage: false }
  const code = resultCode(error)
  const sentence = (code === undefined ? undefined : SENTENCES.get(code)) ?? 'the database failed'
  return { sentence, cause, isDamage: isDamaged(error) }
}

/** Whether others of the same batch may succeed without this one. */
export function blamesRequest(error: unknown): boolean {
  if (isSentence(error)) return false
  const code = resultCode(error)
  return code === undefined || OF_THE_REQUEST.has(code)
}

/** Whether somebody else holds a lock, so that trying again may help. */
export function isLocked(error: unknown): boolean {
  const code = resultCode(error)
  return code === 5 || code === 6
}

/** Whether the disk did not confirm what was written: of the log since, nobody knows what lies on it. */
export function isSyncFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === IOERR_FSYNC
}

/** Whether what was to be read or written is damaged. */
export function isDamaged(error: unknown): boolean {
  return resultCode(error) === 11
}

/**
 * The error a caller gets.
 *
 * @param detail What more is known: the pages that are damaged.
 */
export function unavailable({ sentence, cause }: Fault, path: string, detail?: string): QueueUnavailableError {
  const more = detail === undefined ? '' : ` (${detail})`
  return new QueueUnavailableError(`${sentence}: ${path}${more}`, { cause: new Error(cause) })
}

/** The error a caller gets for content that is not there. */
export function contentMissing(content: string): ContentMissingError {
  return new ContentMissingError(`there is no content ${content}`)
}

/** Of ours, and said as it is to be heard. */
function isSentence(error: unknown): error is Error {
  return error instanceof UnknownSchema || error instanceof FileGone || error instanceof LogDoubtful
}

function resultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}
