/** Hears words of work, on a connection of its own that is made again whenever it broke. */

import { Redis } from 'ioredis'
import { backoffMs } from './backoff.ts'
import type { Address } from './endpoint.ts'
import { withoutCommand } from './refusal.ts'
import { type ReachOptions, serverSettings } from './settings.ts'

/** What is listened to, and who is told. */
export interface ListenerOptions {
  readonly reach: ReachOptions
  readonly locate: () => Promise<Address>
  readonly channels: readonly string[]
  readonly onWord: (channel: string, text: string) => void
  /** It listens again, and words may have been missed. */
  readonly onAgain: () => void
}

/** One listening connection. */
export class Listener {
  readonly #options: ListenerOptions
  #redis: Redis | undefined
  #retry: NodeJS.Timeout | undefined
  #failed = 0
  #closed = false

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Begins to listen. Rejects where it cannot; it has given up then. */
  async open(): Promise<void> {
    const { reach, locate, channels, onWord } = this.#options
    const address = await locate()
    if (this.#closed) return
    const redis = new Redis(serverSettings(reach, address))
    this.#redis = redis
    let cause: unknown
    redis.on('error', (error: unknown) => {
      cause ??= error
    })
    redis.on('message', onWord)
    try {
      await redis.connect()
      await redis.subscribe(...channels)
    } catch (error) {
      redis.disconnect()
      throw withoutCommand(cause ?? error)
    }
    this.#failed = 0
    redis.once('close', () => this.#again())
    if (redis.status !== 'ready') this.#again()
  }

  /** Listens elsewhere: the master is another one. */
  move(): void {
    this.#redis?.disconnect()
  }

  /** Ends it for good. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#redis?.disconnect()
  }

  #again(): void {
    if (this.#closed) return
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.open().then(
        () => this.#options.onAgain(),
        () => this.#again(),
      )
    }, backoffMs(this.#failed))
    this.#retry.unref()
    this.#failed += 1
  }
}
