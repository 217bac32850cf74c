/**
 * The bytes that were received and not read yet.
 *
 * Holds one chunk, by reference, and where reading stands in it. A chunk that comes while another is unread is joined
 * to what is left of that; whoever drains the session before it gives more never pays for a copy.
 */

import { concat } from '@postroad/bytes'

const NONE = new Uint8Array(0)

/** Unread bytes: `bytes` from `at` to its end. Readers move `at` forward and touch nothing else. */
export class InputBuffer {
  bytes: Uint8Array = NONE
  at = 0

  /** Bytes not read yet. */
  get length(): number {
    return this.bytes.length - this.at
  }

  /** Adds bytes at the end. They are kept, not copied: they must not change until they were read. */
  push(bytes: Uint8Array): void {
    this.bytes = this.length === 0 ? bytes : concat([this.bytes.subarray(this.at), bytes])
    this.at = 0
  }

  /** Forgets what is unread, and lets the chunk go. */
  clear(): void {
    this.bytes = NONE
    this.at = 0
  }
}
