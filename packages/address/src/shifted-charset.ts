/**
 * Charsets of two bytes for a character that mail sent in seven bits, with marks where they begin and end: HZ
 * (RFC 1843) and ISO-2022-KR (RFC 1557). `TextDecoder` refuses both; behind the marks they are GB 2312 and KS X 1001
 * without the high bit, which it knows with it.
 */

import { byteAt } from '@postroad/bytes'

const LF = 10
const SHIFT_OUT = 14
const SHIFT_IN = 15
const ESCAPE = 27
const TILDE = 126

/** Text in HZ: `~{` begins characters of GB 2312, `~}` ends them, `~~` is a tilde, `~` at a line's end joins lines. */
export function decodeHz(bytes: Uint8Array): string {
  const wide = new Uint8Array(bytes.length)
  let length = 0
  let high = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = byteAt(bytes, at)
    const next = byte === TILDE ? byteAt(bytes, at + 1) : -1
    if (next === 123 || next === 125 || next === LF) {
      high = next === 123 ? 128 : 0
      at += 1
    } else {
      // RFC 1843 leaves it at a line's end, whatever was open.
      if (byte === LF) high = 0
      wide[length] = byte > 32 ? byte | high : byte
      length += 1
      if (next === TILDE) at += 1
    }
  }
  return new TextDecoder('gbk').decode(wide.subarray(0, length))
}

/** Text in ISO-2022-KR: `ESC $ ) C` announces it, SO begins characters of KS X 1001, SI ends them. */
export function decodeIso2022Kr(bytes: Uint8Array): string {
  const wide = new Uint8Array(bytes.length)
  let length = 0
  let high = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = byteAt(bytes, at)
    if (byte === SHIFT_OUT || byte === SHIFT_IN) high = byte === SHIFT_OUT ? 128 : 0
    else if (byte === ESCAPE && byteAt(bytes, at + 1) === 36) at += 3
    else {
      wide[length] = byte > 32 ? byte | high : byte
      length += 1
    }
  }
  return new TextDecoder('euc-kr').decode(wide.subarray(0, length))
}
