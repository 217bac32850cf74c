/** Destinations as text: the key of their group, and a phrase for people. */

import { groupId, type GroupId } from '@postroad/envelope'
import { asciiKey } from './domain-pattern.ts'
import type { Destination } from './route.ts'

/** What a host begins with that is the path of a unix socket. */
const UNIX = 'unix:'

/**
 * The group of a destination: `local`, `mx:` and the domain with A-labels, `smtp:host:port`, `lmtp:host:port`,
 * `lmtp:unix:/path`.
 *
 * A smart host is one group whatever the recipient's domain, so that its mail shares connections and limits. An IPv6
 * address stands in brackets. How TLS is used is no part of it.
 */
export function groupOf(destination: Destination): GroupId {
  switch (destination.transport) {
    case 'local':
      return groupId('local')
    case 'mx':
      return groupId(`mx:${asciiKey(destination.domain)}`)
    default:
      return groupId(`${destination.protocol}:${hostAndPort(destination.host, destination.port)}`)
  }
}

/** A destination for people: its group, and for a host how TLS is used: `smtp:mx.example.net:587, TLS required`. */
export function formatDestination(destination: Destination): string {
  const group: string = groupOf(destination)
  if (destination.transport !== 'host' || destination.host.startsWith(UNIX)) return group
  return `${group}, ${TLS_PHRASES[destination.tls]}`
}

const TLS_PHRASES = {
  none: 'no TLS',
  opportunistic: 'TLS where offered',
  required: 'TLS required',
  implicit: 'TLS from the start',
} as const

function hostAndPort(host: string, port: number): string {
  if (host.startsWith(UNIX)) return host
  const name = host.toLowerCase()
  return name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`
}
