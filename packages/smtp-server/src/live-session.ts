/** What is known of a session, as its handler sees it: one object, its fields moving on. */

import type { Hello, Protocol, ServerSession, SessionView, TlsView } from '@postroad/smtp'

/** Where a client is; a `net.Socket` fits. What is left out counts as a pipe: no address, ports 0. */
export interface Peer {
  /**
   * IPv4 or IPv6; an IPv4 address that came over an IPv6 socket (`::ffff:192.0.2.1`) counts as what it is. By it sessions
   * are counted, and the client is found among `trusted` and the proxies.
   */
  readonly remoteAddress?: string | undefined
  /** For `SessionView.remotePort` alone; absent: 0. */
  readonly remotePort?: number | undefined
  /** The one that the client called, for `SessionView.localPort` alone; absent: 0. */
  readonly localPort?: number | undefined
}

let sessionsSoFar = 0

/** A `SessionView` that this package may write to. */
export class LiveSession implements SessionView {
  readonly sessionId: string
  readonly protocol: Protocol
  readonly hostname: string
  remoteAddress: string
  remotePort: number
  localPort: number
  /** The addresses are what a proxy said. */
  proxied: boolean
  tls: TlsView | undefined = undefined
  hello: Hello | undefined = undefined
  account: string | undefined = undefined
  #session: ServerSession | undefined

  constructor(protocol: Protocol, hostname: string, peer: Peer, proxied = false) {
    sessionsSoFar += 1
    this.sessionId = `s${sessionsSoFar.toString(36)}`
    this.protocol = protocol
    this.hostname = hostname
    this.remoteAddress = canonicalAddress(peer.remoteAddress ?? '')
    this.remotePort = peer.remotePort ?? 0
    this.localPort = peer.localPort ?? 0
    this.proxied = proxied
  }

  get forwarded(): ReadonlyMap<string, string> | undefined {
    return this.#session?.forwarded
  }

  /** What it does not keep itself is looked up there. */
  follow(session: ServerSession): void {
    this.#session = session
  }
}

/** An IPv4 address that came over an IPv6 socket (`::ffff:192.0.2.1`) is shown as what it is. */
export function canonicalAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address
}
