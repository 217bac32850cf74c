/** IP addresses: from text to bytes, and whether they are reachable by anybody on the public Internet. */

import { isIPv4, isIPv6 } from 'node:net'

/** The 4 or 16 bytes of an address; `undefined` for any other text, also one with a zone (`fe80::1%eth0`). */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  if (!isIPv6(text) || text.includes('%')) return undefined

  // The last 32 bits may be written as an IPv4 address.
  const lastColon = text.lastIndexOf(':')
  const tail = text.slice(lastColon + 1)
  const hex = isIPv4(tail) ? `${text.slice(0, lastColon + 1)}${toGroups(tail)}` : text

  const [front = '', back] = hex.split('::')
  const before = groupsOf(front)
  const after = back === undefined ? [] : groupsOf(back)
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]))
}

const groupsOf = (text: string): readonly number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))

function toGroups(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
}

/**
 * Blocks of IPv4 that are not globally reachable, or are no unicast addresses: the IANA IPv4 Special-Purpose Address
 * Registry and the multicast space, as of 2024.
 */
const NOT_PUBLIC_IPV4: readonly string[] = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private use
  '100.64.0.0/10', // shared between a provider and its customers
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local; the metadata services of clouds
  '172.16.0.0/12', // private use
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays, withdrawn
  '192.168.0.0/16', // private use
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, with the limited broadcast
]

/** IPv6: all global unicast space in use. What lies outside (loopback, ULA, link-local, mapped, multicast) is not public. */
const GLOBAL_UNICAST_IPV6 = '2000::/3'

/** Blocks inside the global unicast space that are not public: the IANA IPv6 Special-Purpose Address Registry. */
const NOT_PUBLIC_IPV6: readonly string[] = [
  '2001::/23', // protocol assignments: Teredo, benchmarks, ORCHID
  '2001:db8::/32', // documentation
  '3fff::/20', // documentation
]

/** Blocks whose addresses lead to an IPv4 address inside them: NAT64's well-known prefix (at bit 96), 6to4 (at bit 16). */
const EMBEDDED_IPV4 = [
  { block: '64:ff9b::/96', at: 12 },
  { block: '2002::/16', at: 2 },
] as const

/**
 * Whether the text is an IP address that anybody on the public Internet may mean by it.
 *
 * Private, shared, loopback, link-local, unspecified, multicast, reserved, benchmark and documentation addresses are
 * not; NAT64 and 6to4 addresses are where the IPv4 address inside them is; IPv4-mapped ones never are, as no AAAA record
 * has a use for them. Text that is no address, or has a zone, is not.
 */
export function isPublicAddress(text: string): boolean {
  const address = parseIpAddress(text)
  return address !== undefined && isPublic(address)
}

function isPublic(address: Uint8Array): boolean {
  if (address.length === 4) return !NOT_PUBLIC_IPV4_BLOCKS.some((block) => isInside(address, block))
  const embedded = EMBEDDED_BLOCKS.find(({ block }) => isInside(address, block))
  if (embedded !== undefined) return isPublic(address.subarray(embedded.at, embedded.at + 4))
  return isInside(address, GLOBAL_UNICAST_BLOCK) && !NOT_PUBLIC_IPV6_BLOCKS.some((block) => isInside(address, block))
}

interface Block {
  readonly bytes: Uint8Array
  readonly bits: number
}

const NOT_PUBLIC_IPV4_BLOCKS = NOT_PUBLIC_IPV4.map(parseBlock)
const NOT_PUBLIC_IPV6_BLOCKS = NOT_PUBLIC_IPV6.map(parseBlock)
const GLOBAL_UNICAST_BLOCK = parseBlock(GLOBAL_UNICAST_IPV6)
const EMBEDDED_BLOCKS = EMBEDDED_IPV4.map(({ block, at }) => ({ block: parseBlock(block), at }))

function parseBlock(text: string): Block {
  const [address = '', bits = ''] = text.split('/')
  return { bytes: parseIpAddress(address) ?? new Uint8Array(0), bits: Number(bits) }
}

function isInside(address: Uint8Array, { bytes, bits }: Block): boolean {
  const whole = bits >> 3
  for (let index = 0; index < whole; index += 1) if (address[index] !== bytes[index]) return false
  const rest = bits & 7
  if (rest === 0) return true
  const mask = (0xff << (8 - rest)) & 0xff
  return ((address[whole] ?? 0) & mask) === ((bytes[whole] ?? 0) & mask)
}
