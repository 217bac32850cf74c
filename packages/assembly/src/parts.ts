/**
 * Opens what the configuration names: the store and the directory, with the clock and the randomness of the machine.
 * The services of one process share these parts.
 */

import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { reasonOf, type Config } from '@postroad/config'
import type { Directory } from '@postroad/directory'
import { DirectoryFileError, openFileDirectory } from '@postroad/directory-file'
import type { WorkItem } from '@postroad/intake'
import type { Log } from '@postroad/observe'
import type { Store } from '@postroad/queue'
import { createRoutes, type Routes } from '@postroad/routes'
import type { Clock, Random } from '@postroad/runtime'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import { CannotOpenError, opening } from './cannot-open.ts'
import { observeDirectory } from './directory-events.ts'
import { openStore } from './open-store.ts'
import { ruleOf, smartHostRules } from './route-rules.ts'

/** What services stand on. Disposing closes what was opened; stop the services first. */
export interface Parts extends AsyncDisposable {
  /** The directory file; `reload` changes what it answers, in place. */
  readonly directory: Directory
  /** The `[[route]]` of the configuration, then the smart host, then what every table ends with. */
  readonly routes: Routes
  /** The machine's. */
  readonly clock: Clock
  /** The machine's, fit for secrets. */
  readonly random: Random
  /** The one that `openParts` was given; what is opened here reports to it too. */
  readonly log: Log
  /** Key and certificate chain in PEM; `undefined` where none is configured. */
  readonly tls: KeyPair | undefined
  /** The store, opened by the first who asks. Rejects with `CannotOpenError`, whose cause is the adapter's error. */
  openStore(): Promise<Store<WorkItem>>
  /**
   * Reads the directory again.
   *
   * @throws {CannotOpenError} naming every problem; the directory stays as it was.
   */
  reload(): Promise<void>
}

/** A private key and its certificate chain, in PEM. */
export interface KeyPair {
  /** Without a passphrase. */
  readonly key: string
  /** The certificate of `key` first, then those of its issuers. */
  readonly cert: string
}

/**
 * Opens the parts of a configuration. Where it cannot nothing stays open.
 *
 * @throws {CannotOpenError} whose sentence names the setting, the place and the reason.
 * @throws {RouteRulesError} where a route has what looks like a domain or a mailbox and is none.
 */
export async function openParts(config: Config, log: Log): Promise<Parts> {
  const tls = await readKeyPair(config)
  const routes = createRoutes([...config.routes.map(ruleOf), ...smartHostRules(config)])
  const { path } = config.directory
  const directory = await readDirectory(path, () => openFileDirectory({ path, observer: observeDirectory(log) }))
  let store: Promise<Store<WorkItem>> | undefined
  return {
    directory,
    routes,
    clock: systemClock,
    random: systemRandom,
    log,
    tls,
    openStore: () => (store ??= openStore(config, log)),
    reload: () => readDirectory(path, () => directory.reload()),
    async [Symbol.asyncDispose]() {
      const opened = await store?.catch(() => undefined)
      await opened?.[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

/** Says what is wrong with the directory file, where something is. */
async function readDirectory<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof DirectoryFileError)) throw error
    if (error.code === 'DIRECTORY_FILE_INVALID') {
      const lines = error.problems.map(({ place, message }) => `${path}: ${place === '' ? '' : `${place}: `}${message}`)
      throw new CannotOpenError('directory.path', lines.join('\n'), error)
    }
    const reason =
      error.cause === undefined ? error.problems.map(({ message }) => message).join(' ') : reasonOf(error.cause)
    const missing = isMissing(error.cause) ? '; `postroad start` makes one to fill in' : ''
    throw new CannotOpenError('directory.path', `cannot read ${path}: ${reason}${missing}`, error)
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

/** Reads key and certificate, and finds out that they belong together before anybody connects. */
async function readKeyPair({ tls }: Config): Promise<KeyPair | undefined> {
  const { certificate, key: keyPath } = tls
  if (certificate === undefined || keyPath === undefined) return undefined
  const cert = await opening('tls.certificate', `cannot read ${certificate}`, readFile(certificate, 'utf8'))
  const key = await opening('tls.key', `cannot read ${keyPath}`, readFile(keyPath, 'utf8'))
  try {
    createSecureContext({ key, cert })
  } catch (error) {
    const attempt = `cannot use ${certificate} with ${keyPath}`
    throw new CannotOpenError('tls.certificate and tls.key', `${attempt}: ${reasonOf(error)}`, error)
  }
  return { key, cert }
}
