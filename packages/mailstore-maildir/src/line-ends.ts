/**
 * CRLF to LF, as the readers of a Maildir expect, over chunks cut anywhere.
 *
 * Only the pair is changed: a CR that no LF follows is kept, and so is an LF without a CR before it.
 */

const CR = 0x0d
const LF = 0x0a

/** Takes chunks with CRLF line ends, gives them with LF. */
export interface LineEndConverter {
  /**
   * Converts a chunk, and a CR that the last one ended with, into `target` from `offset` on; the target needs room for
   * one byte more than the chunk has. Returns the offset behind what was written.
   */
  convert(chunk: Uint8Array, target: Uint8Array, offset: number): number
  /** Writes what is left at the end, a CR or nothing, and returns the offset behind it. */
  end(target: Uint8Array, offset: number): number
  /** Bytes given so far: the size of the file. */
  readonly sizeBytes: number
  /** The same with each LF that stands alone counted as two: the size that readers show. */
  readonly virtualSizeBytes: number
}

/** Creates a converter for one message. */
export function createLineEndConverter(): LineEndConverter {
  let held = false
  let sizeBytes = 0
  let bareLfs = 0
  let last = 0

  return {
    convert(chunk, target, offset) {
      let at = offset
      for (let index = 0; index < chunk.length; index += 1) {
        const byte = chunk[index] ?? 0
        if (held && byte !== LF) {
          target[at] = CR
          at += 1
          last = CR
        }
        held = byte === CR
        if (held) continue
        if (byte === LF && last !== CR) bareLfs += 1
        target[at] = byte
        at += 1
        last = byte
      }
      sizeBytes += at - offset
      return at
    },
    end(target, offset) {
      if (!held) return offset
      held = false
      target[offset] = CR
      sizeBytes += 1
      return offset + 1
    },
    get sizeBytes() {
      return sizeBytes
    },
    get virtualSizeBytes() {
      return sizeBytes + bareLfs
    },
  }
}
