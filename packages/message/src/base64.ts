/** Base64 as mail holds it (RFC 2045 §6.8): broken into lines, and read whatever else stands between. */

import { fromBase64 } from '@postroad/bytes'

/** The bytes of base64 text. What is not of the alphabet is passed over, padding may be missing, bits left over fall away. */
export function decodeBase64(text: string): Uint8Array {
  const digits = text.replace(/[^A-Za-z0-9+/]/g, '')
  const whole = fromBase64(digits + 'A'.repeat((4 - (digits.length % 4)) % 4))
  // Of the alphabet and a multiple of four long, so it is base64.
  return (whole ?? new Uint8Array()).subarray(0, Math.floor((digits.length * 3) / 4))
}
