/** Facts of content, for a sender who has none yet. */

import type { ContentFacts } from '@postroad/envelope'

const CR = 0x0d
const LF = 0x0a
const DOT = 0x2e

/** Reads content once, in any cut, and tells its facts. */
export class ContentScan {
  #sizeBytes = 0
  #headerBytes: number | undefined
  #eightBit = false
  #utf8Header = false
  #nul = false
  #bareNewlines = false
  #lineBytes = 0
  #longestLineBytes = 0
  #dotLines = 0
  #previous = LF
  /** The line before ended with CRLF, or there was none. */
  #afterCrlf = true

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) this.#take(bytes[at] ?? 0, this.#sizeBytes + at + 1)
    this.#sizeBytes += bytes.length
  }

  /** A CR without LF or an LF without CR came; whole after `end`. */
  get bareNewlines(): boolean {
    return this.#bareNewlines
  }

  /** All bytes have come. */
  end(): ContentFacts {
    const endsWithCrlf = this.#afterCrlf && this.#lineBytes === 0
    if (this.#previous === CR) this.#bareNewlines = true
    const longestLineBytes = Math.max(this.#longestLineBytes, this.#lineBytes)
    return {
      sizeBytes: this.#sizeBytes,
      headerBytes: this.#headerBytes ?? this.#sizeBytes,
      eightBit: this.#eightBit,
      binary: this.#nul || this.#bareNewlines || longestLineBytes > 998,
      utf8Header: this.#utf8Header,
      longestLineBytes,
      dotLines: this.#dotLines,
      endsWithCrlf,
    }
  }

  #take(byte: number, offset: number): void {
    const atLineStart = this.#afterCrlf && this.#lineBytes === 0
    if (byte === LF && this.#previous === CR) {
      this.#lineBytes -= 1
      if (this.#lineBytes === 0) this.#headerBytes ??= offset
      this.#longestLineBytes = Math.max(this.#longestLineBytes, this.#lineBytes)
      this.#lineBytes = 0
      this.#afterCrlf = true
    } else {
      if (byte === 0) this.#nul = true
      if (byte === LF || this.#previous === CR) this.#bareNewlines = true
      if (byte === DOT && atLineStart) this.#dotLines += 1
      if (byte > 127) {
        this.#eightBit = true
        if (this.#headerBytes === undefined) this.#utf8Header = true
      }
      this.#lineBytes += 1
    }
    this.#previous = byte
  }
}
