/** What a session was sent and has not read yet, and how it is read: as lines, or by the reader of the content. */

import { InputBuffer } from './input-buffer.ts'
import { LineReader } from './line-reader.ts'
import type { Line } from './line-reader.ts'

/** The client's bytes. */
export class SessionInput {
  /** For the reader of the content. */
  readonly buffer: InputBuffer = new InputBuffer()
  readonly #lines: LineReader

  constructor(bareNewlines: 'refuse' | 'repair' = 'refuse') {
    this.#lines = new LineReader(bareNewlines)
  }

  /** Bytes that are kept: of a line that is not complete, and not read yet. */
  get heldBytes(): number {
    return this.buffer.length + this.#lines.heldBytes
  }

  /** Adds bytes; kept, not copied, until they were read. */
  push(bytes: Uint8Array): void {
    this.buffer.push(bytes)
  }

  /** The next line; `undefined` until more comes. */
  readLine(maxBytes: number): Line | undefined {
    return this.#lines.read(this.buffer, maxBytes)
  }

  /** Bytes that were skipped since the last call: the rest of a line that was refused before its end. */
  takeSkippedBytes(): number {
    return this.#lines.takeSkippedBytes()
  }

  /** Whether anything is there behind the line that was read last, the rest of a refused one not counted. */
  isBehind(): boolean {
    this.#lines.skipRest(this.buffer)
    return this.buffer.length > 0
  }

  /** All was read: lets go of it, so that an idle session keeps nothing. */
  release(): undefined {
    this.buffer.clear()
  }

  /** Forgets everything. */
  clear(): void {
    this.buffer.clear()
    this.#lines.clear()
  }
}
