/**
 * Has replicas confirm what was written: `WAIT`, or `WAITAOF` where the server has it.
 *
 * On a connection of its own, so that nothing else waits behind a slow replica. Redis counts what a connection itself wrote;
 * so each round writes a little first, and what stands before that in the one stream to the replicas is covered with it,
 * also where the call that asks changed nothing because its first try had done it. While one round is under way all who
 * ask gather for the next.
 */

import { QueueUnavailableError } from '@postroad/queue'
import type { Redis } from 'ioredis'
import type { ShardKeys } from './keys.ts'
import { numberOf } from './reply.ts'
import { confirm } from './scripts/confirm.ts'

/** How many replicas must have what is acknowledged. */
export interface ReplicaOptions {
  /** So many replicas, 1 and up, have it when a call resolves. */
  readonly acknowledge: number
  /** How long they may take, in whole milliseconds from 1 to 3,600,000; the call rejects then. Default 1,000. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 1_000

/** How long replicas may take, in milliseconds. */
export function replicaTimeoutMs({ timeoutMs = TIMEOUT_MS }: ReplicaOptions): number {
  return timeoutMs
}

/** Rounds of confirmation on one connection. */
export class Confirmation {
  readonly #redis: Redis
  readonly #options: ReplicaOptions
  #next: Promise<void> | undefined
  #running: Promise<unknown> = Promise.resolve()
  /** Whether the server may have WAITAOF. */
  #aof = true

  /** @param redis Connected to the server that ran what is to be confirmed. */
  constructor(redis: Redis, options: ReplicaOptions) {
    this.#redis = redis
    this.#options = options
  }

  /**
   * Resolves once enough replicas have all that was answered on this server before the call.
   *
   * @param keys Of a shard that lies on this server.
   * @throws {QueueUnavailableError} Where fewer have it in time. It may come to be there all the same.
   */
  confirm(keys: ShardKeys): Promise<void> {
    this.#next ??= this.#begin(keys)
    return this.#next
  }

  async #begin(keys: ShardKeys): Promise<void> {
    await this.#running
    this.#next = undefined
    const round = this.#round(keys)
    this.#running = round.catch(() => {})
    return round
  }

  async #round({ seq, moving }: ShardKeys): Promise<void> {
    const { acknowledge } = this.#options
    const timeoutMs = replicaTimeoutMs(this.#options)
    // Nothing is written into a slot that is being moved: see `ShardKeys.moving`.
    const written = this.#redis.call('EVAL', confirm.lua, 2, seq, moving, '')
    const waited = this.#wait(acknowledge, timeoutMs)
    await Promise.all([written, waited])
    const confirmed = await waited
    if (confirmed >= acknowledge) return
    throw new QueueUnavailableError(
      `Redis has it, but ${confirmed} of the ${acknowledge} replicas that must have it too said so within ${timeoutMs} ms`,
    )
  }

  async #wait(acknowledge: number, timeoutMs: number): Promise<number> {
    if (this.#aof) {
      try {
        const reply = await this.#redis.call('WAITAOF', 1, acknowledge, timeoutMs)
        const [local, replicas] = Array.isArray(reply) ? reply : []
        return numberOf(local) >= 1 ? numberOf(replicas) : 0
      } catch (error) {
        if (!isWithoutAof(error)) throw error
        this.#aof = false
      }
    }
    return numberOf(await this.#redis.call('WAIT', acknowledge, timeoutMs))
  }
}

/** Redis before 7.2, one without an append-only file, or a user who may not. */
function isWithoutAof(error: unknown): boolean {
  return error instanceof Error && /^(ERR unknown command|ERR WAITAOF cannot be used|NOPERM)/.test(error.message)
}
