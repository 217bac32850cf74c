/**
 * Idle connections, kept for the next transaction to the same destination.
 *
 * One that the peer closes leaves by itself; one that is not asked for within `maxIdleMs`, is used up, or finds no
 * room, is closed with QUIT. The one used last is given out first, so that the others grow old.
 */

import type { ClientConnection } from './client-connection.ts'
import { ConnectionSlots } from './connection-slots.ts'

/** Bounds of the pool. */
export interface PoolOptions {
  /** How long an idle connection is kept; default 20 s. 0: none is kept. */
  readonly maxIdleMs?: number
  /** Most idle connections for one destination; default 20. */
  readonly maxIdlePerDestination?: number
  /** Most idle connections in all; default 200. */
  readonly maxIdle?: number
  /** Most transactions over one connection; default 100. A peer may name a smaller number (RFC 9422 §4). */
  readonly maxUses?: number
  /**
   * Most connections at work for one destination; default no bound, since the queue of a relay has one. Deliveries beyond
   * it wait for their turn, first come, first served, until their signal fires: `deferred` with 4.4.1 then. 1 at least.
   */
  readonly maxPerDestination?: number
}

/** The defaults. */
export const POOL_DEFAULTS: Required<PoolOptions> = {
  maxIdleMs: 20_000,
  maxIdlePerDestination: 20,
  maxIdle: 200,
  maxUses: 100,
  maxPerDestination: Number.POSITIVE_INFINITY,
}

/** Idle connections; see the head of this file. */
export class ConnectionPool {
  readonly #maxIdleMs: number
  readonly #maxIdlePerDestination: number
  readonly #maxIdle: number
  readonly #maxUses: number
  readonly #slots: ConnectionSlots
  readonly #idle = new Map<string, ClientConnection[]>()
  readonly #leaving = new Set<Promise<void>>()
  #size = 0
  #closed = false

  constructor(options: PoolOptions = {}) {
    this.#maxIdleMs = options.maxIdleMs ?? POOL_DEFAULTS.maxIdleMs
    this.#maxIdlePerDestination = options.maxIdlePerDestination ?? POOL_DEFAULTS.maxIdlePerDestination
    this.#maxIdle = options.maxIdle ?? POOL_DEFAULTS.maxIdle
    this.#maxUses = options.maxUses ?? POOL_DEFAULTS.maxUses
    this.#slots = new ConnectionSlots(Math.max(1, options.maxPerDestination ?? POOL_DEFAULTS.maxPerDestination))
  }

  /** How many idle connections there are. */
  get size(): number {
    return this.#size
  }

  /** Waits for the right to use a connection; false where the signal fired before. To be given up with `leave`. */
  enter(key: string, signal: AbortSignal): true | Promise<boolean> {
    return this.#slots.enter(key, signal)
  }

  /** Gives up the right that `enter` gave. The connection itself was given back, or is gone. */
  leave(key: string): void {
    this.#slots.leave(key)
  }

  /** An idle connection to the destination, now the caller's; `undefined` where there is none. */
  take(key: string): ClientConnection | undefined {
    const connections = this.#idle.get(key)
    for (let connection = connections?.at(-1); connection !== undefined; connection = connections?.at(-1)) {
      this.#remove(connection)
      if (connection.usable) return connection
    }
    return undefined
  }

  /** Gives a connection back: kept, or closed in the background. One that is gone is forgotten. */
  give(connection: ClientConnection): void {
    if (!connection.usable) return connection.destroy('lost')
    const connections = this.#idle.get(connection.key) ?? []
    const full = connections.length >= this.#maxIdlePerDestination || this.#size >= this.#maxIdle
    if (this.#closed || full || this.#maxIdleMs <= 0 || this.#isUsedUp(connection)) {
      return this.#quit(connection)
    }
    connections.push(connection)
    this.#idle.set(connection.key, connections)
    this.#size += 1
    connection.onGone = this.#remove
    connection.onParkedLong = this.#dismiss
    connection.park(this.#maxIdleMs)
  }

  /** Closes a connection with QUIT in the background: it is of no more use. */
  retire(connection: ClientConnection): void {
    if (connection.usable) this.#quit(connection)
    else connection.destroy('lost')
  }

  /** Closes what is idle, waits until it and what was about to leave is closed, and keeps nothing from now on. */
  async close(): Promise<void> {
    this.#closed = true
    for (const connection of [...this.#idle.values()].flat()) this.#dismiss(connection)
    await Promise.all(this.#leaving)
  }

  #isUsedUp({ transactions, session }: ClientConnection): boolean {
    return transactions >= this.#maxUses || session.transactionsLeft === 0
  }

  #quit(connection: ClientConnection): void {
    const leaving = connection.quit().finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }

  readonly #remove = (connection: ClientConnection): void => {
    const connections = this.#idle.get(connection.key)
    const at = connections?.indexOf(connection) ?? -1
    if (connections === undefined || at === -1) return
    connections.splice(at, 1)
    if (connections.length === 0) this.#idle.delete(connection.key)
    this.#size -= 1
    connection.onGone = undefined
    connection.onParkedLong = undefined
    connection.unpark()
  }

  readonly #dismiss = (connection: ClientConnection): void => {
    this.#remove(connection)
    this.#quit(connection)
  }
}
