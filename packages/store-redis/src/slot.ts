/** The slots of a Redis Cluster: which of 16,384 a key is among (the cluster specification, "Key distribution model"). */

const SLOTS = 16_384
const POLYNOMIAL = 0x10_21

/** The slot of a key: of what stands within its first braces, where something does. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = key.indexOf('}', open + 1)
  const tag = open !== -1 && close > open + 1 ? key.slice(open + 1, close) : key
  return crc16(new TextEncoder().encode(tag)) % SLOTS
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) {
      crc = crc & 0x80_00 ? (crc << 1) ^ POLYNOMIAL : crc << 1
    }
    crc &= 0xff_ff
  }
  return crc
}
