/** What the file system says when it cannot, as sentences for people, and as errors of the port. */

import { ContentMissingError, QueueUnavailableError } from '@postroad/queue'

/** Codes of the system that deserve a sentence of their own. */
const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'the folder or file may not be used'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'the disk takes no file of this size'],
  ['EIO', 'the disk could not be read or written'],
  ['EMFILE', 'this process has too many files open'],
  ['ENFILE', 'the machine has too many files open'],
  ['ENOENT', 'the folder or file is gone'],
  ['ENOSPC', 'the disk is full'],
  ['ENOTDIR', 'a file lies where a folder must be'],
  ['EPERM', 'the folder or file may not be used'],
  ['EROFS', 'the file system is read-only'],
])

/** The system's code of what was thrown, such as `ENOENT`; empty where it has none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** The error a caller gets where the file system refused; what is one already passes through. */
export function unavailable(cause: unknown, path: string): Error {
  if (cause instanceof QueueUnavailableError || cause instanceof ContentMissingError) return cause
  const sentence = SENTENCES.get(codeOf(cause)) ?? 'the file system failed'
  return new QueueUnavailableError(`${sentence}: ${path}`, { cause })
}

/** The error a caller gets for a file that is not what was written. */
export function damaged(what: string, path: string): QueueUnavailableError {
  return new QueueUnavailableError(`a content file is damaged (${what}): ${path}`)
}

/** The error a caller gets for content that is not there. */
export function contentMissing(content: string): ContentMissingError {
  return new ContentMissingError(`there is no content ${content}`)
}
