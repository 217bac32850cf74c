/**
 * Whether the files that a connection writes are still those that lie under their names. SQLite goes on writing to a file
 * that was removed or moved, and all that would be gone with the process; and who opens the database while its log or
 * the index of that is not there shares no lock with those who had it open before: they write over each other.
 */

import { type Stats, statSync } from 'node:fs'
import { FileGone } from './faults.ts'

/** What must not be touched while the database is open: the end of the name, and what is said where it was. */
const WATCHED = [
  { suffix: '', sentence: 'the database was removed or replaced while it was open: put it back' },
  {
    suffix: '-wal',
    sentence: 'the log of the database was removed while it was open: end all processes that have it open',
  },
  {
    suffix: '-shm',
    sentence: 'the index of the log was removed while it was open: end all processes that have it open',
  },
] as const

/** Watches over the database file, its log, and the index of the log. */
export class FileGuard {
  readonly #files: readonly Watched[]
  #logBytes = 0
  #isGone = false

  /** To be made right after the database was opened. */
  constructor(path: string) {
    this.#files = WATCHED.map(({ suffix, sentence }) => {
      const file = `${path}${suffix}`
      return { file, sentence, isLog: suffix === '-wal', identity: identityOf(lookAt(file)) }
    })
  }

  /** The length of the log at the last check, in bytes. */
  get logBytes(): number {
    return this.#logBytes
  }

  /** Whether the last check found that something was not there: then another is due before anything is written. */
  get isGone(): boolean {
    return this.#isGone
  }

  /**
   * To be called after each commit, before anybody hears of it.
   *
   * @throws {FileGone} Where what was committed is not in the file any more, or may be written over.
   */
  check(): void {
    this.#isGone = true
    for (const watched of this.#files) {
      const stats = lookAt(watched.file)
      const identity = identityOf(stats)
      if (watched.isLog) this.#logBytes = stats?.size ?? 0
      // The log and its index are made by the first transaction of all.
      watched.identity ??= identity
      if (!isSame(watched.identity, identity)) throw new FileGone(watched.sentence)
    }
    this.#isGone = false
  }
}

/** Which file it is, whatever its name. */
export interface FileIdentity {
  readonly device: number
  readonly inode: number
}

/** The file that lies under a name; `undefined` where none does. */
export function identityAt(path: string): FileIdentity | undefined {
  return identityOf(lookAt(path))
}

/**
 * Sees to it that the database lies where it was opened first.
 *
 * @param identity Of the file then; `undefined`: it was not opened yet, and may be any.
 * @throws {FileGone} Where it is not there, or is another.
 */
export function requireSame(path: string, identity: FileIdentity | undefined): void {
  if (identity !== undefined && !isSame(identity, identityAt(path))) throw new FileGone(WATCHED[0].sentence)
}

interface Watched {
  readonly file: string
  readonly sentence: string
  readonly isLog: boolean
  identity: Identity
}

type Identity = FileIdentity | undefined

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw new FileGone(`a file of the database cannot be looked at (${error instanceof Error ? error.message : ''})`)
  }
}

function identityOf(stats: Stats | undefined): Identity {
  return stats && { device: stats.dev, inode: stats.ino }
}

function isSame(one: Identity, other: Identity): boolean {
  return one?.device === other?.device && one?.inode === other?.inode
}
