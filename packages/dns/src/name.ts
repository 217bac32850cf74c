/** Names of DNS as text: canonical form, limits, and the names under which addresses are found. */

import { parseIpAddress } from './ip-address.ts'

/** Longest name in characters, final dot not counted (RFC 1035 §2.3.4: 255 octets on the wire). */
const MAX_NAME_LENGTH = 253
/** Longest label (RFC 1035 §2.3.4). */
const MAX_LABEL_LENGTH = 63

/** The name in lower case without its final dot; `.` for the root; `undefined` where it cannot stand in DNS. */
export function canonicalName(name: string): string | undefined {
  if (name === '.') return '.'
  const text = (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()
  if (text.length === 0 || text.length > MAX_NAME_LENGTH) return undefined
  const isRight = text.split('.').every((label) => label.length > 0 && label.length <= MAX_LABEL_LENGTH)
  return isRight && !/[^!-~]/.test(text) ? text : undefined
}

/** The name of an address's PTR records (RFC 1035 §3.5, RFC 3596); `undefined` where the text is no address. */
export function reverseName(address: string): string | undefined {
  const bytes = parseIpAddress(address)
  if (bytes === undefined) return undefined
  if (bytes.length === 4) return `${[...bytes].toReversed().join('.')}.in-addr.arpa`
  const nibbles = [...bytes].flatMap((byte) => [byte >> 4, byte & 15])
  return `${nibbles
    .toReversed()
    .map((nibble) => nibble.toString(16))
    .join('.')}.ip6.arpa`
}
