/** What XCLIENT says of a client (the document `XCLIENT_README` of Postfix), read into what a session knows of it. */

import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { canonicalAddress } from './live-session.ts'

/** What is said; what is absent stays as it was. */
export interface ForwardedClient {
  /** `''` where it is not known. */
  readonly remoteAddress?: string
  /** 0 where it is not known. */
  readonly remotePort?: number
  readonly localPort?: number
  /** Whom the client authenticated as before; `undefined` for nobody, also where nothing was said of it. */
  readonly account: string | undefined
}

/**
 * Reads ADDR, PORT, DESTPORT and LOGIN; `undefined` where one of them is no address or no port. The others (NAME, HELO,
 * PROTO, DESTADDR) are the handler's: the client says its name again anyway.
 *
 * @param attributes Decoded, by name in upper case; `undefined` for what is not available.
 */
export function readForwardedClient(attributes: ReadonlyMap<string, string | undefined>): ForwardedClient | undefined {
  const remoteAddress = attributes.has('ADDR') ? readAddress(attributes.get('ADDR')) : KEPT
  const remotePort = attributes.has('PORT') ? readPort(attributes.get('PORT')) : KEPT
  const localPort = attributes.has('DESTPORT') ? readPort(attributes.get('DESTPORT')) : KEPT
  if (remoteAddress === undefined || remotePort === undefined || localPort === undefined) return undefined
  return {
    ...(remoteAddress !== KEPT && { remoteAddress }),
    ...(remotePort !== KEPT && { remotePort }),
    ...(localPort !== KEPT && { localPort }),
    account: attributes.get('LOGIN'),
  }
}

const KEPT = Symbol('kept')

/** An IP address as the session gives it, without the `IPV6:` that XCLIENT wants before one; with it, all the same. */
function readAddress(text: string | undefined): string | undefined {
  if (text === undefined) return ''
  if (isIPv4(text)) return text
  const address = /^ipv6:/i.test(text) ? text.slice('IPV6:'.length) : text
  if (!isIPv6(address) || address.includes('%')) return undefined
  return canonicalAddress(new SocketAddress({ address, family: 'ipv6' }).address)
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return 0
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}
