/**
 * Writes the header of the PROXY protocol, versions 1 and 2 (the document `proxy-protocol.txt` of HAProxy): by it a proxy
 * tells a server whom it speaks for, before anything else.
 */

import { isIPv4, isIPv6 } from 'node:net'
import { SmtpClientError } from './errors.ts'

/** Whom a connection is made for. */
export type ProxyHeader =
  /** A client that is connected to a server of ours: both addresses IPv4, or both IPv6. */
  | { readonly version: 1 | 2; readonly client: ProxyEndpoint; readonly server: ProxyEndpoint }
  /** Nobody but us: LOCAL in version 2, UNKNOWN in version 1. */
  | { readonly version: 1 | 2; readonly local: true }

/** One end of a TCP connection. */
export interface ProxyEndpoint {
  /** An IPv4 or IPv6 address, without the name of an interface. */
  readonly address: string
  /** 0 to 65,535. */
  readonly port: number
}

const SIGNATURE: readonly number[] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]
/** Version and command in one byte, as are family and protocol. */
const LOCAL = 0x20
const PROXY = 0x21
const TCP_OVER_IPV4 = 0x11
const TCP_OVER_IPV6 = 0x21

/**
 * The bytes of a header.
 *
 * @throws {SmtpClientError} `SMTP_CLIENT_PROXY_HEADER` where it holds what is no address or no port, or addresses of two
 *   families.
 */
export function formatProxyHeader(header: ProxyHeader): Uint8Array {
  if ('local' in header) {
    return header.version === 1 ? lineOf('UNKNOWN') : Uint8Array.from([...SIGNATURE, LOCAL, 0, 0, 0])
  }
  const { version, client, server } = header
  const ports = [client.port, server.port]
  const addresses = [client.address, server.address]
  const ipv4 = addresses.every((address) => isIPv4(address))
  if (!ports.every(isPort) || !(ipv4 || addresses.every(isPlainIPv6))) {
    throw new SmtpClientError(
      'SMTP_CLIENT_PROXY_HEADER',
      'The PROXY header has no two addresses of one family and ports.',
    )
  }
  const texts = ipv4 ? addresses : addresses.map(canonicalIPv6)
  if (version === 1) return lineOf(ipv4 ? 'TCP4' : 'TCP6', ...texts, ...ports.map(String))
  const octets = [...texts.flatMap(ipv4 ? octetsOfIPv4 : octetsOfIPv6), ...ports.flatMap(octetsOfWord)]
  return Uint8Array.from([...SIGNATURE, PROXY, ipv4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6, 0, octets.length, ...octets])
}

function lineOf(...words: readonly string[]): Uint8Array {
  return new TextEncoder().encode(`PROXY ${words.join(' ')}\r\n`)
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535
}

/** Without the name of an interface, which `isIPv6` allows. */
function isPlainIPv6(address: string): boolean {
  return isIPv6(address) && !address.includes('%')
}

/** In groups of hexadecimal digits alone, the longest row of zeros left out. */
function canonicalIPv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}

function octetsOfIPv4(address: string): readonly number[] {
  return address.split('.').map(Number)
}

function octetsOfIPv6(canonical: string): readonly number[] {
  const [head = [], tail = []] = canonical.split('::').map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail].flatMap((group) => octetsOfWord(Number.parseInt(group, 16)))
}

function octetsOfWord(word: number): readonly number[] {
  return [word >> 8, word & 0xff]
}
