/** The header section of the original message, made fit to be returned (RFC 6522 §4). */

import { concat, fromLatin1 } from '@postroad/bytes'
import { parseHeader } from '@postroad/message'

const MOST_HEADER_BYTES = 65_536
const LONGEST_LINE = 998
const CRLF = fromLatin1('\r\n')

/** Header fields that can be sent: whole ones up to 64 KiB, lines ended by CRLF, none over 998 octets, no NUL. */
export function cleanHeader(header: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = []
  let left = MOST_HEADER_BYTES
  for (const { raw } of parseHeader(header).fields) {
    const lines = cleanLines(raw)
    for (const line of lines) left -= line.length
    if (left < 0) break
    chunks.push(...lines)
  }
  return concat(chunks)
}

function cleanLines(raw: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let line: number[] = []
  const end = (): void => {
    if (line.length > 0) lines.push(Uint8Array.from(line), CRLF)
    line = []
  }
  for (const byte of raw) {
    if (byte === 10) end()
    else if (byte !== 13 && byte !== 0) {
      if (line.length === LONGEST_LINE) {
        end()
        line.push(32)
      }
      line.push(byte)
    }
  }
  end()
  return lines
}
