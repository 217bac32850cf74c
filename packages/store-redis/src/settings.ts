/** How ioredis makes one connection: nothing is queued, nothing is sent again by itself, nothing is connected again by itself. */

import type { RedisOptions } from 'ioredis'
import type { Address, Endpoint, RedisTlsOptions } from './endpoint.ts'

/** What ioredis takes; replies have the shapes of RESP2. */
export type ConnectionSettings = RedisOptions & { readonly replyMapping: 'legacy' }

/** What all connections of a store have in common. */
export interface ReachOptions {
  readonly endpoint: Endpoint
  readonly tls: RedisTlsOptions | undefined
  readonly sentinel: { readonly username?: string; readonly password?: string } | undefined
  /** How long an answer may take, in milliseconds; the connection is given up then. */
  readonly commandTimeoutMs: number
}

/** After how much silence the system asks whether the other side is there, in milliseconds; its own default is two hours. */
const KEEP_ALIVE_MS = 10_000

/** Settings of a connection to one server. `extraMs`: how much longer an answer may take here. */
export function serverSettings(reach: ReachOptions, address: Address, extraMs = 0): ConnectionSettings {
  const { host, port } = address
  return { ...commonSettings(reach, extraMs), host, port, ...(reach.endpoint.tls ? { tls: { ...reach.tls } } : {}) }
}

/** Settings of a connection to a Sentinel. */
export function sentinelSettings(reach: ReachOptions, address: Address): ConnectionSettings {
  const { username, password } = reach.sentinel ?? {}
  const { db: _, username: __, password: ___, ...settings } = serverSettings(reach, address)
  return {
    ...settings,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}

function commonSettings({ endpoint, commandTimeoutMs }: ReachOptions, extraMs: number): ConnectionSettings {
  const { username, password, database } = endpoint
  return {
    replyMapping: 'legacy',
    lazyConnect: true,
    // What a server is, is asked for where it matters.
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    commandTimeout: commandTimeoutMs + extraMs,
    socketTimeout: commandTimeoutMs + extraMs,
    connectTimeout: commandTimeoutMs,
    // Who only listens sends nothing, and would not learn that the other side is gone.
    keepAlive: KEEP_ALIVE_MS,
    db: database,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
}
