/** Networks whose word is believed, as settings name them: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`, `unix`. */

import { BlockList, isIP } from 'node:net'
import { SmtpServerError } from './errors.ts'

/** A set of addresses. */
export class Networks {
  readonly #list = new BlockList()
  readonly #pipes: boolean

  /**
   * @param networks Addresses, networks with the length of their prefix, and `unix` for whoever has no address: unix
   *   sockets and other streams.
   * @throws {SmtpServerError} `SMTP_SERVER_NETWORK`
   */
  constructor(networks: readonly string[]) {
    this.#pipes = networks.includes('unix')
    for (const network of networks) if (network !== 'unix') this.#add(network)
  }

  /** Whether an address is in one of them; `''`: whoever has none. */
  has(address: string): boolean {
    if (address === '') return this.#pipes
    const plain = withoutZone(address)
    const family = isIP(plain)
    return family !== 0 && this.#list.check(plain, family === 6 ? 'ipv6' : 'ipv4')
  }

  #add(network: string): void {
    const slash = network.indexOf('/')
    const address = slash === -1 ? network : network.slice(0, slash)
    // `isIP` takes an address with a zone, which means nothing here.
    const family = address.includes('%') ? 0 : isIP(address)
    const longest = family === 6 ? 128 : 32
    const prefix = slash === -1 ? String(longest) : network.slice(slash + 1)
    if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > longest) {
      throw new SmtpServerError('SMTP_SERVER_NETWORK', `neither an address nor a network: ${network}`)
    }
    this.#list.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4')
  }
}

/** An address that is bound to an interface (`fe80::1%eth0`) without it. */
function withoutZone(address: string): string {
  const zone = address.indexOf('%')
  return zone === -1 ? address : address.slice(0, zone)
}
