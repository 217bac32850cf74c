/** XOR of two digests (RFC 5802 §2.2). */

import { byteAt } from '@postroad/bytes'

/** Both must be of the same length. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ byteAt(b, index))
}
