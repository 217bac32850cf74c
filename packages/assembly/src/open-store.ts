/** Opens the store that the configuration names, and checks it. Only the adapter that is configured is loaded. */

import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { maskRedisUrl, type Config } from '@postroad/config'
import { workItemCodec, type WorkItem } from '@postroad/intake'
import type { Log } from '@postroad/observe'
import { observeStore } from '@postroad/observe'
import type { Store } from '@postroad/queue'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import type { RedisStoreOptions } from '@postroad/store-redis'
import { CannotOpenError, opening } from './cannot-open.ts'
import { observeSqliteStore } from './store-events.ts'

/** Rejects with `CannotOpenError`, whose cause is the adapter's error. */
export async function openStore({ store }: Config, log: Log): Promise<Store<WorkItem>> {
  switch (store.kind) {
    case 'memory': {
      const { createMemoryStore } = await import('@postroad/queue/memory')
      return createMemoryStore<WorkItem>({ clock: systemClock, random: systemRandom, codec: workItemCodec })
    }
    case 'sqlite': {
      const { openSqliteStore } = await import('@postroad/store-sqlite')
      const { path } = store
      const attempt = `cannot open ${path}`
      await opening('store.path', attempt, mkdir(dirname(path), { recursive: true, mode: 0o700 }))
      const observer = observeSqliteStore(log)
      return opening('store.path', attempt, openSqliteStore<WorkItem>({ path, codec: workItemCodec, observer }))
    }
    case 'redis': {
      const { openRedisStore } = await import('@postroad/store-redis')
      const { prefix, durability, shards, replicas } = store
      const options: RedisStoreOptions<WorkItem> = {
        ...(await connectionOf(store)),
        prefix,
        durability,
        shards,
        ...(replicas > 0 ? { replicas: { acknowledge: replicas } } : {}),
        codec: workItemCodec,
        observer: observeStore(log),
      }
      return opening('store.url', `cannot use Redis at ${maskRedisUrl(store.url)}`, openRedisStore(options))
    }
  }
}

/** One thing that a check of a store found. */
export interface StoreFinding {
  /** `damage`: something is lost, or will go wrong. `leftover`: it takes room, and no more. */
  readonly severity: 'damage' | 'leftover'
  /** What is wrong, as a phrase for people. */
  readonly what: string
  /** The page, table, group, entry, content or file; in Redis the shard and what lies there. */
  readonly where: string
  /** What a person can do, as a phrase. */
  readonly advice: string
}

/** What a check of a store gave. */
export interface StoreCheck {
  /** The database, or where Redis is, without what may be secret in its URL. */
  readonly place: string
  /** Empty: nothing is wrong. Of a kind that is found very often the first, and how many more. */
  readonly findings: readonly StoreFinding[]
}

/**
 * Checks the store that is configured, beside whoever uses it; changes nothing.
 *
 * @throws {CannotOpenError} Where it cannot be read, or keeps nothing that could be checked (`memory`).
 */
export async function checkStore({ store }: Config): Promise<StoreCheck> {
  switch (store.kind) {
    case 'memory':
      throw new CannotOpenError('store.kind', 'a store in memory keeps nothing to check', undefined)
    case 'sqlite': {
      const { checkSqliteStore } = await import('@postroad/store-sqlite')
      const checking = checkSqliteStore({ path: store.path })
      const { path, findings } = await opening('store.path', `cannot check ${store.path}`, checking)
      return { place: path, findings }
    }
    case 'redis': {
      const { checkRedisStore } = await import('@postroad/store-redis')
      const place = maskRedisUrl(store.url)
      const checking = checkRedisStore({ ...(await connectionOf(store)), prefix: store.prefix, shards: store.shards })
      const { findings } = await opening('store.url', `cannot check Redis at ${place}`, checking)
      return { place, findings }
    }
  }
}

type RedisConnection = Pick<RedisStoreOptions<WorkItem>, 'url' | 'tls' | 'sentinel'>

async function connectionOf({ url, tls, sentinel }: Config['store']): Promise<RedisConnection> {
  const read = async (setting: string, path: string | undefined): Promise<string | undefined> =>
    path === undefined ? undefined : opening(`store.tls.${setting}`, `cannot read ${path}`, readFile(path, 'utf8'))
  return {
    url,
    ...given('tls', {
      ca: await read('ca', tls.ca),
      cert: await read('certificate', tls.certificate),
      key: await read('key', tls.key),
    }),
    ...given('sentinel', { ...sentinel }),
  }
}

/** An option with those of its values that are there; nothing where none is. */
function given<Name extends string>(
  name: Name,
  values: Readonly<Record<string, string | undefined>>,
): Partial<Record<Name, Readonly<Record<string, string>>>> {
  const there = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
  const option: Partial<Record<Name, Readonly<Record<string, string>>>> = {}
  if (there.length > 0) option[name] = Object.fromEntries(there)
  return option
}
