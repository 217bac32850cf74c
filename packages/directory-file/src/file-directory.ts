/**
 * The directory of a file.
 *
 * The file is read whole at the start and at each `reload`; between, nothing touches the disk. A reload that fails leaves
 * the directory as it was.
 *
 * A password is judged against all verifiers of the account, one after the other, until one opens. Of a name that does
 * not exist, or has no verifier, the verifiers of some other account are derived, always the same one for the same name,
 * and the answer is no: so such names take as long as those that exist, and cannot be told from them by the time.
 */

import { createHmac, randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { toUtf8Strict } from '@postroad/bytes'
import { type Directory, DirectoryUnavailableError } from '@postroad/directory'
import { createHashingGate } from './hashing-gate.ts'
import { type DirectoryFileContents, readDirectoryFile } from './file-text.ts'
import { createClosedVerifier, type Verifier } from './password.ts'
import { DirectoryFileError } from './problem.ts'

/** How a directory is opened. */
export interface FileDirectoryOptions {
  /** The TOML file. */
  readonly path: string
  /** Those not given have their defaults. */
  readonly limits?: FileDirectoryLimits
  /** Absent: nobody is told, not even that others can read the file. */
  readonly observer?: FileDirectoryObserver
}

/** Bounds. */
export interface FileDirectoryLimits {
  /** Passwords judged at once, 1 or more; default 2. Each may take 256 MiB at most, 32 MiB with the default scrypt. */
  readonly concurrentVerifications?: number
  /** Passwords that wait for their turn; beyond, `authenticate` rejects with `DirectoryUnavailableError`. Default 100. */
  readonly waitingVerifications?: number
  /** Longest password that is judged, in UTF-16 units; a longer one is refused. Default 1,024. */
  readonly maxPasswordLength?: number
  /** Largest file that is read, in bytes; default 16 MiB. */
  readonly maxFileBytes?: number
}

/** Told of each event, synchronously. */
export type FileDirectoryObserver = (event: FileDirectoryEvent) => void

/** One event. */
export type FileDirectoryEvent =
  /** The file was read and is used from now on. */
  | {
      readonly type: 'directory.loaded'
      readonly path: string
      readonly users: number
      readonly domains: number
      readonly aliases: number
    }
  /** Others than the file's owner can read it, and with it the verifiers. */
  | { readonly type: 'directory.exposed'; readonly path: string; readonly mode: number }
  /** Too many passwords wait; somebody may be trying many. */
  | { readonly type: 'directory.overloaded'; readonly path: string }

/** A directory whose file can be read again. */
export interface FileDirectory extends Directory, AsyncDisposable {
  /**
   * Reads the file again. Questions asked before are answered from the old contents.
   *
   * @throws {DirectoryFileError} where it cannot be read or used; then the old contents stay.
   */
  reload(): Promise<void>
}

/**
 * Opens the directory of a file.
 *
 * @throws {DirectoryFileError} `DIRECTORY_FILE_UNREADABLE`, or `DIRECTORY_FILE_INVALID` with every problem.
 */
export async function openFileDirectory(options: FileDirectoryOptions): Promise<FileDirectory> {
  const { path, limits = {}, observer } = options
  const { concurrentVerifications = 2, waitingVerifications = 100, maxPasswordLength = 1_024 } = limits
  const gate = createHashingGate({ concurrent: Math.max(1, concurrentVerifications), waiting: waitingVerifications })
  const secret = randomBytes(32)
  const closed = createClosedVerifier()
  let isClosed = false
  let reading: Promise<void> = Promise.resolve()
  let contents: DirectoryFileContents

  const load = async (): Promise<DirectoryFileContents> => {
    const { text, mode } = await readText(path, limits.maxFileBytes ?? 16 * 1_048_576)
    const result = readDirectoryFile(text)
    if (!result.ok) throw new DirectoryFileError('DIRECTORY_FILE_INVALID', path, result.problems)
    if ((mode & 0o077) !== 0) observer?.({ type: 'directory.exposed', path, mode: mode & 0o777 })
    observer?.({ type: 'directory.loaded', path, ...result.contents.counts })
    return result.contents
  }

  /** Verifiers of an account that is always the same for the same name, for who cannot get in anyway. */
  const decoysFor = (name: string): readonly Verifier[] => {
    const { decoys } = contents
    const draw = createHmac('sha256', secret).update(name).digest().readUInt32BE(0)
    return decoys[draw % Math.max(1, decoys.length)] ?? [closed]
  }

  const answer = async <Value>(value: (book: DirectoryFileContents['book']) => Value): Promise<Value> => {
    if (isClosed) throw new DirectoryUnavailableError('The directory is closed.')
    return value(contents.book)
  }

  contents = await load()
  return {
    async authenticate({ name, password }) {
      if (password.length > maxPasswordLength) return undefined
      const account = contents.book.accountOf(name)
      const own = account === undefined ? [] : (contents.verifiers.get(account) ?? [])
      const opens = await judge(own.length > 0 ? own : decoysFor(name), password)
      return opens && own.length > 0 && account !== undefined ? { name: account } : undefined
    },
    maySendAs: (account, mailbox) => answer((book) => book.maySendAs(account, mailbox)),
    domain: (domain) => answer((book) => book.domain(domain)),
    recipient: (mailbox) => answer((book) => book.recipient(mailbox)),
    reload() {
      const before = reading
      const loaded = (async () => {
        await before
        contents = await load()
      })()
      reading = loaded.catch(() => undefined)
      return loaded
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      gate.close()
    },
  }

  async function judge(verifiers: readonly Verifier[], password: string): Promise<boolean> {
    try {
      return await gate.run(async () => {
        for (const verifier of verifiers) if (await verifier.verify(password)) return true
        return false
      })
    } catch (error) {
      if (error instanceof DirectoryUnavailableError) {
        if (!isClosed) observer?.({ type: 'directory.overloaded', path })
        throw error
      }
      // No memory for the derivation, most likely. The cause of such a fault holds no password.
      throw new DirectoryUnavailableError('A password cannot be judged now.', { cause: error })
    }
  }
}

async function readText(path: string, maxBytes: number): Promise<{ readonly text: string; readonly mode: number }> {
  try {
    const file = await open(path, 'r')
    try {
      const { size, mode } = await file.stat()
      if (size > maxBytes)
        throw new DirectoryFileError('DIRECTORY_FILE_INVALID', path, [
          { place: '', message: `The file has ${size} bytes; at most ${maxBytes} are read.` },
        ])
      const text = toUtf8Strict(await file.readFile())
      if (text === undefined)
        throw new DirectoryFileError('DIRECTORY_FILE_INVALID', path, [{ place: '', message: 'The file is not UTF-8.' }])
      return { text, mode }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof DirectoryFileError) throw error
    const problems = [{ place: '', message: 'The file cannot be read.' }]
    throw new DirectoryFileError('DIRECTORY_FILE_UNREADABLE', path, problems, { cause: error })
  }
}
