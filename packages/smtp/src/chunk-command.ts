/** Reads the argument of BDAT (RFC 3030 §2). */

import type { Chunk } from './chunk-reader.ts'

/**
 *     bdat-cmd   ::= "BDAT" SP chunk-size [ SP end-marker ] CR LF
 *     chunk-size ::= 1*DIGIT
 *     end-marker ::= "LAST"
 *
 * `undefined` where it is none of these, or has more than 15 digits: what follows cannot be counted then, so nobody knows
 * where commands begin again.
 */
export function parseChunk(argument: string): Chunk | undefined {
  let at = 0
  let octets = 0
  while (at < argument.length) {
    const digit = argument.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) break
    octets = octets * 10 + digit
    at += 1
  }
  if (at === 0 || at > MAX_DIGITS) return undefined
  if (at === argument.length) return { octets, last: false }
  while (argument.charCodeAt(at) === 0x20) at += 1
  return argument.charCodeAt(at - 1) === 0x20 && argument.slice(at).toUpperCase() === 'LAST'
    ? { octets, last: true }
    : undefined
}

const MAX_DIGITS = 15
