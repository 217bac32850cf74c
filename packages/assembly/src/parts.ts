/**
 * Opens what the configuration names: the store and the directory, with the clock and the randomness of the machine.
 * The services of one process share these parts.
 */

import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from '@postroad/config'
import type { Directory } from '@postroad/directory'
import { openFileDirectory } from '@postroad/directory-file'
import { workItemCodec, type WorkItem } from '@postroad/intake'
import { observeStore, type Log } from '@postroad/observe'
import type { Store } from '@postroad/queue'
import { createRoutes, type Routes } from '@postroad/routes'
import type { Clock, Random } from '@postroad/runtime'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import { ruleOf, smartHostRules } from './route-rules.ts'

/** What services stand on. Disposing closes what was opened; stop the services first. */
export interface Parts extends AsyncDisposable {
  readonly directory: Directory
  readonly routes: Routes
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Key and certificate chain in PEM; `undefined` where none is configured. */
  readonly tls: KeyPair | undefined
  /** The store, opened by the first who asks. Rejects with the adapter's error, which says what is wrong. */
  openStore(): Promise<Store<WorkItem>>
}

/** A private key and its certificate chain, in PEM. */
export interface KeyPair {
  readonly key: string
  readonly cert: string
}

/** Opens the parts of a configuration. Rejects with an error whose sentence names what is wrong; nothing stays open. */
export async function openParts(config: Config, log: Log): Promise<Parts> {
  const tls = await readKeyPair(config)
  const routes = createRoutes([...config.routes.map(ruleOf), ...smartHostRules(config)])
  const directory = await openFileDirectory({ path: config.directory.path })
  let store: Promise<Store<WorkItem>> | undefined
  return {
    directory,
    routes,
    clock: systemClock,
    random: systemRandom,
    log,
    tls,
    openStore: () => (store ??= openStore(config, log)),
    async [Symbol.asyncDispose]() {
      const opened = await store?.catch(() => undefined)
      await opened?.[Symbol.asyncDispose]()
      await directory[Symbol.asyncDispose]()
    },
  }
}

/** Only the store that is configured is loaded. */
async function openStore({ store }: Config, log: Log): Promise<Store<WorkItem>> {
  switch (store.kind) {
    case 'memory': {
      const { createMemoryStore } = await import('@postroad/queue/memory')
      return createMemoryStore<WorkItem>({ clock: systemClock, random: systemRandom, codec: workItemCodec })
    }
    case 'sqlite': {
      const { openSqliteStore } = await import('@postroad/store-sqlite')
      await mkdir(dirname(store.path), { recursive: true })
      return openSqliteStore<WorkItem>({ path: store.path, codec: workItemCodec })
    }
    case 'redis': {
      const { openRedisStore } = await import('@postroad/store-redis')
      return openRedisStore<WorkItem>({
        url: store.url,
        prefix: store.prefix,
        durability: store.durability,
        codec: workItemCodec,
        observer: observeStore(log),
      })
    }
  }
}

async function readKeyPair({ tls }: Config): Promise<KeyPair | undefined> {
  if (tls.certificate === undefined || tls.key === undefined) return undefined
  const [cert, key] = await Promise.all([readFile(tls.certificate, 'utf8'), readFile(tls.key, 'utf8')])
  return { key, cert }
}
