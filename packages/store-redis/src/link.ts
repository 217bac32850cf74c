/** A way to one master: a session, and another one made in the background whenever it broke. */

import { backoffMs } from './backoff.ts'
import { type Address, formatAddress } from './endpoint.ts'
import { RedisStoreError } from './errors.ts'
import { withoutCommand } from './refusal.ts'
import { Session, type SessionOptions } from './session.ts'

/** What a link is told, and whom it tells. */
export interface LinkOptions extends SessionOptions {
  /** Finds out where the master is, each time before it is connected to. */
  readonly locate: () => Promise<Address>
  /** The session has come or gone. */
  readonly onChange: () => void
  /** The server does not promise what it must; it is asked again after a while, for somebody may have set it right. */
  readonly onRefused: (error: RedisStoreError) => void
}

/** One link. */
export class Link {
  readonly #options: LinkOptions
  readonly #stop = new AbortController()
  #session: Session | undefined
  #cause: unknown = new Error('not connected yet')
  #failed = 0
  #opening: Promise<void> | undefined
  /** Where the session leads, or the try that is under way. */
  #address: Address | undefined
  /** How often it was left. */
  #left = 0
  #retry: NodeJS.Timeout | undefined

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** The session that stands; `undefined` where there is none now. */
  get session(): Session | undefined {
    return this.#session
  }

  /** Where it leads. */
  locate(): Promise<Address> {
    return this.#options.locate()
  }

  /** Why there is none. */
  get cause(): unknown {
    return this.#cause
  }

  /** Tries once, or joins the try that is under way. Rejects with the reason; `start` or the next `open` tries again. */
  open(): Promise<void> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /** Tries until it stands. */
  start(): void {
    if (this.#stop.signal.aborted || this.#session !== undefined || this.#opening !== undefined) return
    this.open().catch((error: unknown) => {
      if (this.#stop.signal.aborted) return
      this.#cause = error
      if (error instanceof RedisStoreError) this.#options.onRefused(error)
      this.#again()
      this.#options.onChange()
    })
  }

  /** Whether it leads to another server, or is about to. */
  isElsewhere(address: Address): boolean {
    return this.#address !== undefined && formatAddress(this.#address) !== formatAddress(address)
  }

  /** Gives up the session, or the try that is under way: the master is another one. It is looked for anew. */
  leave(cause: Error): void {
    this.#left += 1
    this.#session?.close(cause)
  }

  /** The session turned out to be of use: the next outage begins with a short wait again. */
  proven(): void {
    this.#failed = 0
  }

  /** Ends it for good. */
  close(): void {
    this.#stop.abort()
    clearTimeout(this.#retry)
    this.#session?.close(new Error('the store was closed'))
    this.#session = undefined
  }

  async #open(): Promise<void> {
    const { signal } = this.#stop
    const left = this.#left
    const session = await this.#connect(signal)
    if (signal.aborted) {
      session.close(new Error('the store was closed'))
      return
    }
    if (left !== this.#left) {
      const cause = new Error('the master is another one than was connected to')
      session.close(cause)
      throw cause
    }
    this.#session = session
    session.onLost = (cause) => this.#lost(session, cause)
    this.#options.onChange()
  }

  async #connect(signal: AbortSignal): Promise<Session> {
    try {
      const address = await this.#options.locate()
      this.#address = address
      signal.throwIfAborted()
      return await Session.open(this.#options, address, signal)
    } catch (error) {
      throw error instanceof RedisStoreError ? error : withoutCommand(error)
    }
  }

  #lost(session: Session, cause: unknown): void {
    if (this.#session !== session || this.#stop.signal.aborted) return
    this.#session = undefined
    this.#cause = withoutCommand(cause)
    this.#again()
    this.#options.onChange()
  }

  #again(): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.start(), backoffMs(this.#failed))
    this.#failed += 1
  }
}
