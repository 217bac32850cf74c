/** Values in the shape in which they go to a thread and into a column. */

/** An instant or a duration in whole milliseconds; what is out of range, at its end. */
export function instant(ms: number): number {
  if (Number.isNaN(ms)) return 0
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(2 ** 52, Math.ceil(ms)))
}

/** Bytes in a buffer of their own: of a part of a larger one, a message between threads would carry all. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
