/** Where a service listens or is reached: `127.0.0.1:25`, `[::1]:25`, `mail.example.org:25`, `unix:/run/x.sock`. */

import { isIPv4, isIPv6 } from 'node:net'

/** A TCP host and port, or the path of a unix socket. */
export type Endpoint =
  /** `host` is a name or an IP address without brackets; `port` 0 asks the system for a free one. */
  { readonly host: string; readonly port: number } | { readonly path: string }

/** Reads an endpoint; `undefined` for anything that is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    return path.startsWith('/') && !path.includes('\0') ? { path } : undefined
  }
  const colon = text.lastIndexOf(':')
  if (colon < 1) return undefined
  const host = parseHost(text.slice(0, colon))
  const port = text.slice(colon + 1)
  if (host === undefined || !/^[0-9]{1,5}$/.test(port) || Number(port) > 65_535) return undefined
  return { host, port: Number(port) }
}

/** Writes an endpoint as `parseEndpoint` reads it. */
export function formatEndpoint(endpoint: Endpoint): string {
  if ('path' in endpoint) return `unix:${endpoint.path}`
  return `${isIPv6(endpoint.host) ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`
}

/** A name or an IPv4 address as it is, an IPv6 address out of its brackets; `undefined` for anything else. */
function parseHost(text: string): string | undefined {
  if (text.startsWith('[') && text.endsWith(']')) {
    const address = text.slice(1, -1)
    return isIPv6(address) ? address : undefined
  }
  return isIPv4(text) || isHostname(text) ? text : undefined
}

/**
 * Whether text is a host name in ASCII: labels of 1 to 63 letters, digits and inner hyphens, 253 octets in all
 * (RFC 5321 §4.1.2, RFC 1123 §2.1). A name whose last label is a number is refused: it is a mistyped address.
 */
export function isHostname(text: string): boolean {
  const labels = text.split('.')
  return (
    text.length <= 253 &&
    labels.every((label) => label.length <= 63 && /^[A-Za-z0-9-]+$/.test(label) && !/^-|-$/.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
  )
}
