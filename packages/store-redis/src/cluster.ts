/**
 * Where the shards lie in a Redis Cluster: the masters of their slots, asked of the nodes themselves, and asked again
 * whenever a node is lost or says that a slot is elsewhere. There is a link to each master that has a shard, and to no other.
 */

import { Redis } from 'ioredis'
import { backoffMs } from './backoff.ts'
import { type Address, formatAddress } from './endpoint.ts'
import { Link } from './link.ts'
import { type ReachOptions, serverSettings } from './settings.ts'
import type { LinkBase, Topology } from './topology.ts'

/** A range of slots and its master. */
interface Range {
  readonly from: number
  readonly to: number
  readonly master: Address
}

/** A cluster. */
export class ClusterTopology implements Topology {
  readonly #reach: ReachOptions
  readonly #base: LinkBase
  /** The slots that matter here. */
  readonly #slots: readonly number[]
  readonly #links = new Map<string, Link>()
  readonly #masters = new Map<number, string>()
  readonly #asked = new Set<Redis>()
  #known: readonly Address[]
  #first = 0
  #failed = 0
  #refreshing: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(reach: ReachOptions, base: LinkBase, slots: readonly number[]) {
    this.#reach = reach
    this.#slots = slots
    this.#known = reach.endpoint.addresses
    this.#base = {
      ...base,
      onChange: () => {
        if (this.#isWhole()) this.#failed = 0
        else this.#refreshLater()
        base.onChange()
      },
    }
  }

  async open(): Promise<void> {
    this.#take(await this.#ask())
    for (const slot of this.#slots) {
      if (this.linkOf(slot) === undefined) throw new Error('the cluster has no master for some of its slots')
    }
    await Promise.all([...this.#links.values()].map((link) => link.open()))
  }

  linkOf(slot: number): Link | undefined {
    const name = this.#masters.get(slot)
    return name === undefined ? undefined : this.#links.get(name)
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  /** What is published in a cluster is heard on each of its nodes. */
  async listenAt(): Promise<Address> {
    const there = [...this.#links.values()].filter(({ session }) => session !== undefined)
    const link = there[this.#first % Math.max(1, there.length)]
    if (link === undefined) return this.#next()
    this.#first += 1
    return link.locate()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    for (const redis of this.#asked) redis.disconnect()
    for (const link of this.#links.values()) link.close()
  }

  #isWhole(): boolean {
    return this.#slots.every((slot) => this.linkOf(slot)?.session !== undefined)
  }

  #refreshLater(): void {
    if (this.#closed || this.#retry !== undefined) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      void this.refresh().then(() => {
        if (!this.#isWhole()) this.#refreshLater()
      })
    }, backoffMs(this.#failed))
    this.#failed += 1
  }

  async #refresh(): Promise<void> {
    try {
      const ranges = await this.#ask()
      if (this.#closed) return
      this.#take(ranges)
      for (const link of this.#links.values()) link.start()
    } catch {
      // Nobody answers: what is known stays, and the links say why.
      this.#refreshLater()
    }
    this.#base.onChange()
  }

  /** Makes links to new masters, and ends those that nothing needs. */
  #take(ranges: readonly Range[]): void {
    const needed = new Set<string>()
    for (const slot of this.#slots) {
      const range = ranges.find(({ from, to }) => from <= slot && slot <= to)
      if (range === undefined) {
        this.#masters.delete(slot)
        continue
      }
      const { master } = range
      const name = formatAddress(master)
      needed.add(name)
      this.#masters.set(slot, name)
      if (!this.#links.has(name)) this.#links.set(name, new Link({ ...this.#base, locate: async () => master }))
    }
    for (const [name, link] of this.#links) {
      if (needed.has(name)) continue
      this.#links.delete(name)
      link.close()
    }
  }

  /** Asks one node after the other, another one first each time, until one answers. */
  async #ask(): Promise<readonly Range[]> {
    let reason: unknown
    for (let n = 0; n < this.#known.length && !this.#closed; n += 1) {
      const address = this.#next()
      const redis = new Redis(serverSettings(this.#reach, address))
      let broken: unknown
      redis.on('error', (error: unknown) => {
        broken ??= error
      })
      this.#asked.add(redis)
      try {
        await redis.connect()
        const ranges = rangesOf(await redis.call('CLUSTER', 'SLOTS'), address)
        if (ranges.length > 0) {
          this.#known = unique([...ranges.flatMap(({ nodes }) => nodes), ...this.#reach.endpoint.addresses])
          return ranges
        }
        reason = new Error(`${formatAddress(address)} knows no slots`)
      } catch (error) {
        reason = broken ?? error
      } finally {
        this.#asked.delete(redis)
        redis.disconnect()
      }
    }
    throw reason
  }

  #next(): Address {
    const address = this.#known[this.#first % this.#known.length]
    this.#first += 1
    if (address === undefined) throw new TypeError('the URL of Redis has no host')
    return address
  }
}

/** Reads CLUSTER SLOTS: for each range its first and last slot, then its nodes, the master first. */
function rangesOf(reply: unknown, asked: Address): readonly (Range & { readonly nodes: readonly Address[] })[] {
  const found: (Range & { readonly nodes: readonly Address[] })[] = []
  for (const row of Array.isArray(reply) ? reply : []) {
    const [from, to, ...nodes] = Array.isArray(row) ? row : []
    const addresses = nodes.flatMap((node) => addressOf(node, asked))
    const [master] = addresses
    if (master !== undefined) found.push({ from: Number(from), to: Number(to), master, nodes: addresses })
  }
  return found
}

function addressOf(node: unknown, asked: Address): readonly Address[] {
  const [host, port] = Array.isArray(node) ? node : []
  if (!Number.isInteger(port)) return []
  // A node that does not know its own address is the one that was asked.
  return [{ host: typeof host === 'string' && host !== '' && host !== '?' ? host : asked.host, port: Number(port) }]
}

function unique(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()]
}
