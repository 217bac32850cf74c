/**
 * The last bytes of a content file, which say how the rest is to be read.
 *
 * A file is only ever appended to, and the prefix is known last: so it lies behind the body, and the trailer behind
 * both. 40 bytes, big-endian:
 *
 * | from | bytes | |
 * |---|---|---|
 * | 0 | 4 | `PRcf` |
 * | 4 | 4 | version, 1 |
 * | 8 | 8 | length of the body |
 * | 16 | 8 | length of the prefix |
 * | 24 | 4 | CRC-32 of the body |
 * | 28 | 4 | CRC-32 of the prefix |
 * | 32 | 4 | CRC-32 of the content's id: a file under another's name is found out |
 * | 36 | 4 | CRC-32 of the 36 bytes before |
 */

import { crc32 } from 'node:zlib'

/** Length of a trailer. */
export const TRAILER_BYTES = 40

const MAGIC = 0x5052_6366
const VERSION = 1

/** How the rest of a file is to be read. */
export interface Trailer {
  readonly bodyBytes: number
  readonly prefixBytes: number
  readonly bodyCrc: number
  readonly prefixCrc: number
}

/** The bytes of a trailer. */
export function formatTrailer(id: string, { bodyBytes, prefixBytes, bodyCrc, prefixCrc }: Trailer): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC)
  view.setUint32(4, VERSION)
  view.setBigUint64(8, BigInt(bodyBytes))
  view.setBigUint64(16, BigInt(prefixBytes))
  view.setUint32(24, bodyCrc)
  view.setUint32(28, prefixCrc)
  view.setUint32(32, crc32(id))
  view.setUint32(36, crc32(bytes.subarray(0, 36)))
  return bytes
}

/**
 * Reads a trailer.
 *
 * @param bytes The last bytes of the file, `TRAILER_BYTES` or less.
 * @param fileBytes The length of the whole file.
 * @returns What is wrong, as words, where it is not the trailer of a whole file of this content.
 */
export function parseTrailer(id: string, bytes: Uint8Array, fileBytes: number): Trailer | string {
  if (bytes.length !== TRAILER_BYTES) return 'too short'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0) !== MAGIC) return 'no trailer'
  if (view.getUint32(36) !== crc32(bytes.subarray(0, 36))) return 'a damaged trailer'
  if (view.getUint32(4) !== VERSION) return `version ${view.getUint32(4)}, written by a newer release`
  if (view.getUint32(32) !== crc32(id)) return 'the file of other content'
  const bodyBytes = Number(view.getBigUint64(8))
  const prefixBytes = Number(view.getBigUint64(16))
  if (bodyBytes + prefixBytes + TRAILER_BYTES !== fileBytes) return 'a wrong length'
  return { bodyBytes, prefixBytes, bodyCrc: view.getUint32(24), prefixCrc: view.getUint32(28) }
}
