/** Names of messages by the Maildir convention, unique among all deliveries of all hosts that share the folder. */

import type { Clock, Random } from '@postroad/runtime'

/** What makes a name unique. */
export interface NameSource {
  readonly hostname: string
  readonly clock: Clock
  readonly random: Random
  readonly processId: number
}

/**
 * A new unique name, without sizes: `seconds.M<microseconds>P<process>R<random>.host`.
 *
 * 64 bits of randomness make it unique by themselves; the rest is for people and for the order in which readers list.
 */
export function createUniqueName({ hostname, clock, random, processId }: NameSource): string {
  const now = Math.max(0, Math.floor(clock.now()))
  const microseconds = String((now % 1_000) * 1_000).padStart(6, '0')
  return `${Math.floor(now / 1_000)}.M${microseconds}P${processId}R${toHex(random.bytes(8))}.${safeHostname(hostname)}`
}

/** The name in the mailbox, with the sizes that spare readers a look into the file: `S` on disk, `W` with CRLF. */
export function withSizes(uniqueName: string, sizeBytes: number, virtualSizeBytes: number): string {
  return `${uniqueName},S=${sizeBytes},W=${virtualSizeBytes}`
}

/** Bytes in hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The convention writes `/` as `\057` and `:` as `\072`; whatever else is no letter of a host's name becomes `_`. */
function safeHostname(hostname: string): string {
  const safe = hostname.slice(0, 64).replaceAll('/', '\\057').replaceAll(':', '\\072')
  return safe.replaceAll(/[^A-Za-z0-9.\\-]/g, '_') || 'localhost'
}
