/**
 * One connection to one master, as long as it lives. It is given out only after the server said that it is a master and
 * promises what it must; when it breaks it is gone for good.
 *
 * What is sent within one turn of the event loop leaves in one write. An answer that does not come in time breaks the
 * connection, and with it whatever else waited.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Confirmation, type ReplicaOptions, replicaTimeoutMs } from './confirmation.ts'
import { checkDurability } from './durability.ts'
import type { Address } from './endpoint.ts'
import type { ShardKeys } from './keys.ts'
import { type Argument, Evaluation, type Staged } from './evaluation.ts'
import type { Script } from './scripts/script.ts'
import { type ReachOptions, serverSettings } from './settings.ts'

/** What a session must have before it is used. */
export interface SessionOptions {
  readonly reach: ReachOptions
  readonly durability: 'strict' | 'relaxed'
  readonly replicas: ReplicaOptions | undefined
}

/** What ioredis says where an answer does not come in time. */
const TIMED_OUT = 'Command timed out'

/** How long to wait for a server that loads its data before it is asked again. */
const LOADING_MS = 250

/** A connection that is there, until it is not. */
export class Session {
  readonly #commands: Redis
  /** For `enqueue`, which brings content, so that nothing short waits behind it. */
  readonly #bringing: Redis
  #confirming: Redis | undefined
  #confirmation: Confirmation | undefined
  readonly #gathering = new Set<Redis['stream']>()
  #lost = false
  #cause: unknown
  /** Called once when the connection is gone. */
  onLost: (cause: unknown) => void = () => {}

  /** Connects and asks the server what it is. Rejects with the reason; nothing stays open then. */
  static async open(options: SessionOptions, address: Address, signal: AbortSignal): Promise<Session> {
    const settings = serverSettings(options.reach, address)
    const session = new Session(new Redis(settings), new Redis(settings))
    const stop = (): void => session.close(new Error('the store was closed'))
    signal.addEventListener('abort', stop, { once: true })
    try {
      await session.#open(options, address)
      return session
    } catch (error) {
      const cause = session.#cause ?? error
      session.close(cause)
      throw cause
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  private constructor(commands: Redis, bringing: Redis) {
    this.#commands = commands
    this.#bringing = bringing
    this.#watch(commands)
    this.#watch(bringing)
  }

  /** Runs a script; the reply holds `Buffer`s, numbers, lists and `null`. Rejects with what Redis or the connection said. */
  async run(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    staged: readonly Staged[] = [],
  ): Promise<unknown> {
    // All that enqueues goes one way and all else the other, so that each keeps its order.
    const redis = script.name === 'enqueue' ? this.#bringing : this.#commands
    this.#gather(redis)
    try {
      return await this.#evaluate(redis, new Evaluation('EVALSHA', script.sha1, keys, args, staged))
    } catch (error) {
      // Redis forgot it: a restart, a fail-over, SCRIPT FLUSH. It has then done nothing, so it may be sent whole.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.#evaluate(redis, new Evaluation('EVAL', script.lua, keys, args, staged))
    }
  }

  /** Resolves once the replicas asked for have all that was answered before. At once where none are asked for. */
  async confirm(keys: ShardKeys): Promise<void> {
    if (this.#confirmation !== undefined) await this.#inTime(this.#confirmation.confirm(keys))
  }

  /** Reads fields of a hash. */
  fields(key: string, names: readonly string[]): Promise<readonly (Buffer | null)[]> {
    this.#gather(this.#commands)
    return this.#inTime(this.#commands.hmgetBuffer(key, ...names))
  }

  /** Reads strings; `null` where there is none. */
  texts(keys: readonly string[]): Promise<readonly (Buffer | null)[]> {
    this.#gather(this.#commands)
    return this.#inTime(this.#commands.mgetBuffer(...keys))
  }

  /** Reads the bytes of a string from `start` to `end`, which is excluded; empty where there is none. */
  part(key: string, start: number, end: number): Promise<Buffer> {
    this.#gather(this.#commands)
    return this.#inTime(this.#commands.getrangeBuffer(key, start, end - 1))
  }

  /** Reads a list whole. */
  items(key: string): Promise<readonly string[]> {
    this.#gather(this.#commands)
    return this.#inTime(this.#commands.lrange(key, 0, -1))
  }

  /** Ends the connection; what waits is rejected. Harmless a second time. */
  close(cause: unknown): void {
    this.#lose(cause)
    this.#commands.disconnect()
    this.#bringing.disconnect()
    this.#confirming?.disconnect()
  }

  /** ioredis gives up the command alone, while answers to others come; what was sent would lie here for as long. */
  async #inTime<Reply>(reply: Promise<Reply>): Promise<Reply> {
    try {
      return await reply
    } catch (error) {
      if (error instanceof Error && error.message === TIMED_OUT) this.close(error)
      throw error
    }
  }

  async #evaluate(redis: Redis, evaluation: Evaluation): Promise<unknown> {
    for (const staging of evaluation.stagings) {
      const answer: unknown = redis.sendCommand(staging)
      if (answer instanceof Promise) answer.catch(() => {})
    }
    const reply: unknown = await this.#inTime(Promise.resolve(redis.sendCommand(evaluation)))
    evaluation.done()
    return reply
  }

  async #open({ reach, durability, replicas }: SessionOptions, address: Address): Promise<void> {
    await this.#commands.connect()
    const runId = await this.#meet(reach.endpoint.kind)
    await this.#connectTo(this.#bringing, runId)
    if (durability === 'strict') await checkDurability(this.#commands)
    if (replicas !== undefined) {
      this.#confirming = new Redis(serverSettings(reach, address, replicaTimeoutMs(replicas)))
      this.#watch(this.#confirming)
      if (runId === undefined) throw new Error('where replicas must confirm, the user must be allowed INFO')
      await this.#connectTo(this.#confirming, runId)
      this.#confirmation = new Confirmation(this.#confirming, replicas)
    }
    if (this.#lost) throw this.#cause
  }

  /** Connects to the same process of Redis once more; where INFO is refused to the user, nobody can tell. */
  async #connectTo(redis: Redis, runId: string | undefined): Promise<void> {
    await redis.connect()
    if (runId === undefined) return
    const other = fieldOf(await redis.info('server'), 'run_id')
    if (other !== runId) throw new Error('Redis was started anew, or is not one but several')
  }

  /** Asks the server what it is, and waits while it loads its data. Gives the name of its process. */
  async #meet(kind: 'single' | 'cluster' | 'sentinel'): Promise<string | undefined> {
    for (;;) {
      const info = await this.#commands.info().catch((error: unknown) => {
        // Where INFO is refused to the user, the first write will tell.
        if (error instanceof Error && error.message.startsWith('NOPERM')) return ''
        throw error
      })
      if (kind !== 'cluster' && fieldOf(info, 'redis_mode') === 'cluster') {
        throw new Error('this Redis is a node of a cluster, and the URL does not say redis+cluster://')
      }
      if (fieldOf(info, 'loading') !== '1') {
        if (fieldOf(info, 'role') === 'slave') throw new Error('this Redis is a replica and takes no writes')
        return fieldOf(info, 'run_id')
      }
      await sleep(LOADING_MS, undefined, { ref: false })
    }
  }

  #watch(redis: Redis): void {
    redis.on('error', (error: unknown) => this.close(error))
    redis.on('close', () => this.close(new Error('the connection to Redis was closed')))
  }

  #lose(cause: unknown): void {
    if (this.#lost) return
    this.#lost = true
    this.#cause ??= cause
    this.onLost(this.#cause)
  }

  #gather({ stream }: Redis): void {
    if (this.#gathering.has(stream)) return
    this.#gathering.add(stream)
    stream.cork()
    setImmediate(() => {
      this.#gathering.delete(stream)
      stream.uncork()
    })
  }
}

function fieldOf(info: string, name: string): string | undefined {
  const start = info.indexOf(`\n${name}:`)
  if (start === -1) return undefined
  return info.slice(start + name.length + 2).split(/\r?\n/, 1)[0]
}
