/**
 * Content on its way out: dot-stuffing (RFC 5321 §4.5.2), and the search for newlines that must not be sent.
 *
 * Both read their bytes once, in any cut, and copy nothing.
 */

const DOT = 0x2e
const LF = 0x0a
const CR = 0x0d

/** Doubles the dot at the beginning of a line. */
export class DotStuffer {
  #atLineStart = true

  /** Gives slices of `bytes` that together are the stuffed content; they share its memory. */
  push(bytes: Uint8Array, give: (slice: Uint8Array) => void): void {
    if (bytes.length === 0) return
    let from = 0
    // Dots are looked for, not line ends: base64 has none, text fewer than it has lines.
    for (let at = bytes.indexOf(DOT); at !== -1; at = bytes.indexOf(DOT, at + 1)) {
      if (at === 0 ? !this.#atLineStart : bytes[at - 1] !== LF) continue
      give(bytes.subarray(from, at + 1))
      from = at
    }
    give(from === 0 ? bytes : bytes.subarray(from))
    this.#atLineStart = bytes[bytes.length - 1] === LF
  }
}

/** Looks for a CR without LF or an LF without CR (RFC 5321 §2.3.8): content that has one cannot be sent with DATA. */
export class BareNewlineScan {
  #afterCr = false
  #found = false

  /** Takes the next bytes; true as soon as one was found. */
  push(bytes: Uint8Array): boolean {
    if (this.#found || bytes.length === 0) return this.#found
    if (this.#afterCr && bytes[0] !== LF) this.#found = true
    for (let at = bytes.indexOf(CR); at !== -1 && !this.#found; at = bytes.indexOf(CR, at + 1)) {
      if (at + 1 < bytes.length && bytes[at + 1] !== LF) this.#found = true
    }
    for (let at = bytes.indexOf(LF); at !== -1 && !this.#found; at = bytes.indexOf(LF, at + 1)) {
      if (at === 0 ? !this.#afterCr : bytes[at - 1] !== CR) this.#found = true
    }
    this.#afterCr = bytes[bytes.length - 1] === CR
    return this.#found
  }

  /** All bytes have come: whether one was found; a CR at the very end is one. */
  end(): boolean {
    return this.#found || this.#afterCr
  }
}
