/** Where the shards lie: on one server, or on several of a cluster. */

import type { Address, Endpoint } from './endpoint.ts'
import { Link, type LinkOptions } from './link.ts'
import { Sentinels } from './sentinels.ts'
import type { ReachOptions } from './settings.ts'

/** Finds the way to a slot. */
export interface Topology {
  /** Connects to everything. Rejects with the first reason. */
  open(): Promise<void>
  /** The link to the master of a slot; `undefined` where nobody knows one. */
  linkOf(slot: number): Link | undefined
  /** A reply told that things are not where they were: looks again, and resolves when that is done. */
  refresh(): Promise<void>
  /** A server on which words of work can be heard. */
  listenAt(): Promise<Address>
  /** Ends all connections for good. */
  close(): void
}

/** Options of links, but for where they lead. */
export type LinkBase = Omit<LinkOptions, 'locate'>

/** One server, the same for every slot. */
export class SingleTopology implements Topology {
  readonly #link: Link
  readonly #locate: () => Promise<Address>
  readonly #sentinels: Sentinels | undefined

  constructor(reach: ReachOptions, base: LinkBase, onMoved: () => void) {
    const sentinels = reach.endpoint.kind === 'sentinel' ? new Sentinels(reach) : undefined
    this.#sentinels = sentinels
    this.#locate = sentinels === undefined ? async () => onlyAddress(reach.endpoint) : () => sentinels.locate()
    this.#link = new Link({ ...base, locate: this.#locate })
    if (sentinels !== undefined) {
      const leave = (): void => {
        // The old master may be alive and not know yet that it is none.
        this.#link.leave(new Error('the Sentinels have named another master'))
        onMoved()
      }
      sentinels.onSwitch = leave
      sentinels.onNamed = (master) => {
        if (this.#link.isElsewhere(master)) leave()
      }
    }
  }

  async open(): Promise<void> {
    await this.#link.open()
    this.#sentinels?.watch()
  }

  linkOf(): Link {
    return this.#link
  }

  async refresh(): Promise<void> {}

  listenAt(): Promise<Address> {
    return this.#locate()
  }

  close(): void {
    this.#sentinels?.close()
    this.#link.close()
  }
}

function onlyAddress({ addresses }: Endpoint): Address {
  const [address] = addresses
  if (address === undefined) throw new TypeError('the URL of Redis has no host')
  return address
}
