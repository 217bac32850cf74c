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

/** What was thrown, as data. */
export function faultOf(error: unknown): Fault {
  const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  if (error instanceof UnknownSchema) return { sentence: error.message, cause }
  const code = resultCode(error)
  const sentence = (code === undefined ? undefined : SENTENCES.get(code)) ?? 'the database failed'
  return { sentence, cause }
}

/** Whether others of the same batch may succeed without this one. */
export function blamesRequest(error: unknown): boolean {
  const code = resultCode(error)
  return code === undefined || OF_THE_REQUEST.has(code)
}

/** Whether somebody else holds a lock, so that trying again may help. */
export function isLocked(error: unknown): boolean {
  const code = resultCode(error)
  return code === 5 || code === 6
}

/** The error a caller gets. */
export function unavailable({ sentence, cause }: Fault, path: string): QueueUnavailableError {
  return new QueueUnavailableError(`${sentence}: ${path}`, { cause: new Error(cause) })
}

/** The error a caller gets for content that is not there. */
export function contentMissing(content: string): ContentMissingError {
  return new ContentMissingError(`there is no content ${content}`)
}

function resultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}
