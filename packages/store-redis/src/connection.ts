/**
 * The connections to Redis: one for scripts, one that listens.
 *
 * An outage is an error at once: nothing is queued in the client, nothing is sent again by itself, an answer that does
 * not come in time breaks the connection (and with it whatever else waited). Connections are made again in the
 * background; what Redis promises is checked anew each time before anything else is sent.
 */

import { QueueUnavailableError } from '@postroad/queue'
import { Redis } from 'ioredis'
import { checkDurability } from './durability.ts'
import { RedisStoreError } from './errors.ts'
import { FORMAT } from './keys.ts'
import type { RedisStoreObserver } from './observer.ts'
import type { Script } from './scripts/script.ts'

/** What a script is called with. */
export type Argument = string | number | Uint8Array

/** How connections are made. */
export interface ConnectionOptions {
  readonly url: string
  readonly durability: 'strict' | 'relaxed'
  readonly commandTimeoutMs: number
  readonly formatKey: string
  readonly channel: string
  readonly observer: RedisStoreObserver | undefined
}

const LONGEST_RETRY_MS = 2_000

/** Both connections of one store. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #commands: Redis
  readonly #listener: Redis
  readonly #pending = new Set<Promise<unknown>>()
  #state: 'opening' | 'available' | 'unavailable' | 'closed' = 'opening'
  #cause: unknown
  #gathering: Redis['stream'] | undefined
  /** Called when work came to be due, when a connection is there again, and at the end. */
  onWork: (ms: number) => void = () => {}

  /** Opens both connections. Rejects with `QueueUnavailableError` or `RedisStoreError`; nothing stays open then. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(options)
    try {
      await connection.#open()
      return connection
    } catch (error) {
      connection.#state = 'closed'
      connection.#commands.disconnect()
      connection.#listener.disconnect()
      throw error instanceof RedisStoreError ? error : unavailable(connection.#cause ?? error)
    }
  }

  private constructor(options: ConnectionOptions) {
    this.#options = options
    const settings = {
      replyMapping: 'legacy' as const,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: 0,
      commandTimeout: options.commandTimeoutMs,
      socketTimeout: options.commandTimeoutMs,
      connectTimeout: options.commandTimeoutMs,
      retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS),
    }
    this.#commands = new Redis(options.url, settings)
    this.#listener = new Redis(options.url, settings)
    this.#commands.on('error', (error: unknown) => this.#lose(error))
    this.#commands.on('close', () => this.#lose(new Error('the connection to Redis was closed')))
    this.#listener.on('error', () => {})
    this.#listener.on('message', (_channel: string, ms: string) => this.onWork(Number(ms)))
  }

  /** Whether calls have a chance. */
  get available(): boolean {
    return this.#state === 'available'
  }

  /**
   * Runs a script; the reply holds `Buffer`s, numbers, lists and `null`.
   *
   * @throws {QueueUnavailableError} Where Redis is away or refuses; whether the script ran is then unknown.
   */
  async run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.#track(async () => {
      const rest = [keys.length, ...keys, ...args.map(toArgument)]
      try {
        return await this.#commands.callBuffer('EVALSHA', script.sha1, ...rest)
      } catch (error) {
        // Redis forgot it: a restart, a fail-over, SCRIPT FLUSH. It has then done nothing, so it may be sent whole.
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
        return this.#commands.callBuffer('EVAL', script.lua, ...rest)
      }
    })
  }

  /** Reads fields of a hash. */
  async fields(key: string, names: readonly string[]): Promise<readonly (Buffer | null)[]> {
    return this.#track(() => this.#commands.hmgetBuffer(key, ...names))
  }

  /** Reads a list whole. */
  async items(key: string): Promise<readonly string[]> {
    return this.#track(() => this.#commands.lrange(key, 0, -1))
  }

  /** Refuses new calls, waits for those begun, and closes. Harmless a second time. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#cause = undefined
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
    this.#commands.disconnect()
    this.#listener.disconnect()
  }

  async #track<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#state === 'closed') throw new QueueUnavailableError('the store is closed')
    if (this.#state !== 'available') throw unavailable(this.#cause)
    this.#gather()
    const running = call()
    this.#pending.add(running)
    try {
      return await running
    } catch (error) {
      throw unavailable(error)
    } finally {
      this.#pending.delete(running)
    }
  }

  /** What is sent within one turn of the event loop leaves in one write. */
  #gather(): void {
    const { stream } = this.#commands
    if (this.#gathering === stream) return
    this.#gathering = stream
    stream.cork()
    setImmediate(() => {
      if (this.#gathering === stream) this.#gathering = undefined
      stream.uncork()
    })
  }

  async #open(): Promise<void> {
    await this.#commands.connect()
    await this.#check()
    await this.#checkFormat()
    await this.#listener.connect()
    await this.#listener.subscribe(this.#options.channel)
    if (this.#commands.status !== 'ready') throw this.#cause
    this.#state = 'available'
    this.#commands.on('ready', () => void this.#regain())
    this.#listener.on('ready', () => void this.#listen())
  }

  async #check(): Promise<void> {
    if (this.#options.durability === 'strict') await checkDurability(this.#commands)
  }

  async #checkFormat(): Promise<void> {
    const { formatKey } = this.#options
    await this.#commands.setnx(formatKey, FORMAT)
    const format = await this.#commands.get(formatKey)
    if (format === FORMAT) return
    throw new RedisStoreError(
      'REDIS_FORMAT_UNKNOWN',
      `The store in Redis has the format ${format}, this release knows ${FORMAT}: use the release that wrote it, or another prefix.`,
    )
  }

  #lose(error: unknown): void {
    if (this.#state === 'closed') return
    this.#cause = withoutCommand(error)
    if (this.#state !== 'available') return
    this.#state = 'unavailable'
    this.#options.observer?.({ type: 'store.unavailable', error: this.#cause })
  }

  /** The connection is there again; it is used once Redis has told that it still promises what it must. */
  async #regain(): Promise<void> {
    if (this.#state === 'closed') return
    try {
      await this.#check()
      await this.#checkFormat()
    } catch (error) {
      if (this.#commands.status !== 'ready') return
      this.#cause = withoutCommand(error)
      if (error instanceof RedisStoreError) this.#options.observer?.({ type: 'store.refused', error })
      // Looks again after a while: somebody may have set it right.
      setTimeout(() => {
        if (this.#commands.status === 'ready' && this.#state === 'unavailable') void this.#regain()
      }, LONGEST_RETRY_MS).unref()
      return
    }
    // It may have been lost again meanwhile, or closed.
    if (this.#state !== 'unavailable' || this.#commands.status !== 'ready') return
    this.#state = 'available'
    this.#cause = undefined
    this.#options.observer?.({ type: 'store.available' })
    this.onWork(0)
  }

  async #listen(): Promise<void> {
    await this.#listener.subscribe(this.#options.channel).catch(() => {})
    // A word may have been missed.
    if (this.available) this.onWork(0)
  }
}

function toArgument(value: Argument): string | number | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}

/** What went wrong, without the command: neither message content nor a password may come into a log. */
function withoutCommand(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RedisStoreError || 'syscall' in error) return error
  // Redis repeats the arguments of a command that it does not know.
  return new Error(error.message.split(', with args')[0])
}

function unavailable(error: unknown): QueueUnavailableError {
  if (error instanceof QueueUnavailableError) return error
  const cause = withoutCommand(error)
  const why = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''
  return new QueueUnavailableError(`Redis is not available${why}`, { cause })
}
