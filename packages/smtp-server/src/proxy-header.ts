/**
 * Reads the header of the PROXY protocol, versions 1 and 2 (the document `proxy-protocol.txt` of HAProxy): by it a proxy
 * says whom it speaks for, before anything else.
 *
 * Pure: the bytes that have come so far go in, what they are comes out. Nothing throws, nothing is kept, and never is
 * more wanted than `MAX_PROXY_HEADER_BYTES`. What begins otherwise than a header does is refused at its first wrong byte.
 */

import { isIPv4, isIPv6, SocketAddress } from 'node:net'

/** Whom the proxy speaks for. */
export interface ProxiedPeer {
  /** In its canonical text; `''` for a unix socket. */
  readonly remoteAddress: string
  readonly remotePort: number
  /** The port that the client connected to. */
  readonly localPort: number
}

/** What bytes at the start of a connection are. */
export type ProxyHeader =
  /** Not whole yet; it is not looked at again before `atLeastBytes` are there. */
  | { readonly kind: 'more'; readonly atLeastBytes: number }
  /** No header, or one that is wrong. */
  | { readonly kind: 'bad' }
  /** `peer` is absent where the proxy speaks for itself or does not say for whom: the connection's own addresses count. */
  | { readonly kind: 'header'; readonly lengthBytes: number; readonly peer?: ProxiedPeer }

/** The longest line of version 1 with its CRLF. */
const MAX_LINE_BYTES = 107

/**
 * The longest header that is taken, in bytes. Version 2 could have 64 KiB of TLVs; what is known to be sent (certificate
 * names, ids of networks) stays far below this.
 */
export const MAX_PROXY_HEADER_BYTES = 4_096

const BAD: ProxyHeader = { kind: 'bad' }
const WORD = Uint8Array.from('PROXY ', (character) => character.charCodeAt(0))
const SIGNATURE = Uint8Array.from('\r\n\r\n\0\r\nQUIT\n', (character) => character.charCodeAt(0))
/** Signature, version and command, family and protocol, length. */
const FIXED_BYTES = 16
const LF = 10
const CR = 13

/** Reads a header from all the bytes that a connection has brought so far. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  const binary = bytes[0] === SIGNATURE[0]
  const start = binary ? SIGNATURE : WORD
  for (let index = 0; index < start.length && index < bytes.length; index += 1) {
    if (bytes[index] !== start[index]) return BAD
  }
  return binary ? readBinary(bytes) : readLine(bytes)
}

// Version 1

/** `PROXY TCP4 192.0.2.1 198.51.100.1 40000 25` or `PROXY UNKNOWN` and anything, CRLF. */
function readLine(bytes: Uint8Array): ProxyHeader {
  const end = bytes.subarray(0, MAX_LINE_BYTES).indexOf(LF)
  if (end === -1) {
    return bytes.length >= MAX_LINE_BYTES ? BAD : { kind: 'more', atLeastBytes: bytes.length + 1 }
  }
  if (end <= WORD.length || bytes[end - 1] !== CR) return BAD
  const [family, remoteAddress = '', localAddress = '', remotePort = '', localPort = '', ...others] =
    String.fromCharCode(...bytes.subarray(WORD.length, end - 1)).split(' ')
  const lengthBytes = end + 1
  if (family === 'UNKNOWN') return { kind: 'header', lengthBytes }
  if (family !== 'TCP4' && family !== 'TCP6') return BAD
  const isAddress = family === 'TCP4' ? isIPv4 : isPlainIPv6
  const fits = isAddress(remoteAddress) && isAddress(localAddress) && isPort(remotePort) && isPort(localPort)
  if (!fits || others.length > 0) return BAD
  return {
    kind: 'header',
    lengthBytes,
    peer: {
      remoteAddress: family === 'TCP4' ? remoteAddress : canonicalIPv6(remoteAddress),
      remotePort: Number(remotePort),
      localPort: Number(localPort),
    },
  }
}

/** Without the name of an interface, which `isIPv6` allows. */
function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%')
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535
}

// Version 2

const VERSION = 0x20
const LOCAL = 0
const PROXY = 1
// Family and protocol in one byte.
const UNSPECIFIED = 0x00
const TCP_OVER_IPV4 = 0x11
const TCP_OVER_IPV6 = 0x21
const UNIX_STREAM = 0x31
/** Two addresses, and two ports of two bytes where the family has them. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [UNSPECIFIED, 0],
  [TCP_OVER_IPV4, 12],
  [TCP_OVER_IPV6, 36],
  [UNIX_STREAM, 216],
])

function readBinary(bytes: Uint8Array): ProxyHeader {
  if (bytes.length < FIXED_BYTES) return { kind: 'more', atLeastBytes: FIXED_BYTES }
  const command = byteAt(bytes, 12) ^ VERSION
  const lengthBytes = FIXED_BYTES + wordAt(bytes, 14)
  if (lengthBytes > MAX_PROXY_HEADER_BYTES || (command !== LOCAL && command !== PROXY)) return BAD
  const family = byteAt(bytes, 13)
  const needed = command === LOCAL ? 0 : ADDRESS_BYTES.get(family)
  if (needed === undefined || lengthBytes < FIXED_BYTES + needed) return BAD
  if (bytes.length < lengthBytes) return { kind: 'more', atLeastBytes: lengthBytes }
  // What stands behind the addresses, and all of a LOCAL, is not for us.
  if (needed === 0) return { kind: 'header', lengthBytes }
  return { kind: 'header', lengthBytes, peer: readPeer(bytes, family) }
}

function readPeer(bytes: Uint8Array, family: number): ProxiedPeer {
  if (family === UNIX_STREAM) return { remoteAddress: '', remotePort: 0, localPort: 0 }
  if (family === TCP_OVER_IPV4) {
    const remoteAddress = bytes.subarray(FIXED_BYTES, FIXED_BYTES + 4).join('.')
    return { remoteAddress, remotePort: wordAt(bytes, FIXED_BYTES + 8), localPort: wordAt(bytes, FIXED_BYTES + 10) }
  }
  const groups = Array.from({ length: 8 }, (_, index) => wordAt(bytes, FIXED_BYTES + 2 * index).toString(16))
  return {
    remoteAddress: canonicalIPv6(groups.join(':')),
    remotePort: wordAt(bytes, FIXED_BYTES + 32),
    localPort: wordAt(bytes, FIXED_BYTES + 34),
  }
}

function canonicalIPv6(address: string): string {
  return new SocketAddress({ address, family: 'ipv6' }).address
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

function wordAt(bytes: Uint8Array, index: number): number {
  return byteAt(bytes, index) * 256 + byteAt(bytes, index + 1)
}
