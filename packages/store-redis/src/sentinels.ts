/** Asks Sentinels who the master is, and hears from one of them when it is another. */

import { Redis } from 'ioredis'
import { backoffMs } from './backoff.ts'
import { type Address, formatAddress } from './endpoint.ts'
import { type ReachOptions, sentinelSettings } from './settings.ts'

const SWITCHED = '+switch-master'

/** The Sentinels of one master. */
export class Sentinels {
  readonly #reach: ReachOptions
  readonly #asked = new Set<Redis>()
  /** Which is asked first: another one each time, for one may be cut off from the others. */
  #first = 0
  #failed = 0
  #watching: Redis | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false
  /** The master is another one now. */
  onSwitch: () => void = () => {}
  /** Where the master is, as one of them says: what happened before this listened is not told. */
  onNamed: (master: Address) => void = () => {}

  constructor(reach: ReachOptions) {
    this.#reach = reach
  }

  /** Where the master is, as the first Sentinel says that answers. Rejects where none does. */
  async locate(): Promise<Address> {
    const { addresses, master } = this.#reach.endpoint
    const reasons: string[] = []
    for (let n = 0; n < addresses.length; n += 1) {
      const address = this.#next()
      if (address === undefined || this.#closed) break
      const redis = this.#connectTo(address)
      this.#asked.add(redis)
      let reason: unknown
      redis.on('error', (error: unknown) => {
        reason ??= error
      })
      try {
        await redis.connect()
        const reply = await redis.call('SENTINEL', 'get-master-addr-by-name', master)
        const [host, port] = Array.isArray(reply) ? reply : []
        if (typeof host === 'string') return { host, port: Number(port) }
        reasons.push(`${formatAddress(address)} knows no master "${master}"`)
      } catch (error) {
        reasons.push(`${formatAddress(address)}: ${messageOf(reason ?? error)}`)
      } finally {
        this.#asked.delete(redis)
        redis.disconnect()
      }
    }
    throw new Error(`no Sentinel says where the master is (${reasons.join('; ')})`)
  }

  /** Begins to listen, in the background and until `close`. */
  watch(): void {
    if (this.#closed) return
    const address = this.#next()
    if (address === undefined) return
    const redis = this.#connectTo(address)
    this.#watching = redis
    redis.on('error', () => {})
    redis.on('message', (_channel: string, text: string) => {
      if (text.split(' ', 1)[0] === this.#reach.endpoint.master) this.onSwitch()
    })
    redis.on('close', () => {
      if (this.#closed || this.#watching !== redis) return
      this.#watching = undefined
      this.#retry = setTimeout(() => this.watch(), backoffMs(this.#failed))
      this.#retry.unref()
      this.#failed += 1
    })
    redis
      .connect()
      .then(() => redis.subscribe(SWITCHED))
      .then(() => this.#lookAgain())
      .catch(() => redis.disconnect())
  }

  async #lookAgain(): Promise<void> {
    this.#failed = 0
    this.onNamed(await this.locate())
  }

  /** Ends it for good. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#watching?.disconnect()
    for (const redis of this.#asked) redis.disconnect()
  }

  #next(): Address | undefined {
    const { addresses } = this.#reach.endpoint
    const address = addresses[this.#first % addresses.length]
    this.#first += 1
    return address
  }

  #connectTo(address: Address): Redis {
    return new Redis(sentinelSettings(this.#reach, address))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
