/** Gives back the memory of what was read from a socket, which the collector would find late. */

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Smaller chunks are not worth it: measured with messages of 10 KiB, it takes an eighth of the CPU away down to here. */
const LEAST_BYTES = 4_096

/** The memory of the chunk that is being read. */
export class ChunkMemory {
  #buffer: ArrayBuffer | undefined

  /**
   * For the chunks of a stream; `undefined` where they are not ours alone: those of a socket are, and what TLS over it
   * gives; those of another stream are whoever's who wrote them.
   */
  static of(stream: Duplex): ChunkMemory | undefined {
    return stream instanceof Socket ? new ChunkMemory() : undefined
  }

  /** A chunk has come. One that another lies beside in its buffer is left to the collector. */
  came(chunk: Uint8Array): void {
    const { buffer } = chunk
    const isAlone = chunk.byteOffset === 0 && chunk.byteLength === buffer.byteLength
    this.#buffer = isAlone && chunk.length >= LEAST_BYTES && buffer instanceof ArrayBuffer ? buffer : undefined
  }

  /** Where all was read: what shows the chunk has no bytes from now on. */
  release(unreadBytes: number): void {
    const buffer = this.#buffer
    if (buffer === undefined || unreadBytes > 0) return
    this.#buffer = undefined
    // In every Node that this runs on; ES2023, which this is compiled for, does not know it.
    const transfer: unknown = Reflect.get(buffer, 'transfer')
    if (typeof transfer === 'function') Reflect.apply(transfer, buffer, [0])
  }
}
