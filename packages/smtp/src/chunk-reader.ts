/**
 * Reads the content of one message that comes by BDAT (RFC 3030 §2): a given number of octets at a time, whatever they are.
 * No dot means anything, nothing in them ends the message.
 *
 * Text is judged as behind DATA: a bare CR, a bare LF or a NUL is refused, or its line ends repaired; a CRLF may lie in two
 * chunks. What was announced as BINARYMIME is given as it is.
 *
 * Gives slices of the input, copies nothing, keeps no byte between calls, looks at each byte once.
 */

import { CRLF, GivenContent, ONLY_LF } from './given-content.ts'
import type { ContentPart, ContentRules } from './given-content.ts'
import type { InputBuffer } from './input-buffer.ts'
import { OrdinaryBytes } from './ordinary-bytes.ts'

const NUL = 0
const LF = 10
const CR = 13
const END: ContentPart = { kind: 'end' }

/** One BDAT. */
export interface Chunk {
  /** How many follow the command. */
  readonly octets: number
  /** It is the last of its message. */
  readonly last: boolean
}

/** Reads one message, chunk by chunk. */
export class ChunkReader {
  readonly #rules: ContentRules
  readonly #given: GivenContent
  readonly #binary: boolean
  readonly #ordinary = new OrdinaryBytes()
  /** Octets of the chunk that have not come. */
  #left = 0
  #last = false
  #tooBig = false
  #lineBytes = 0
  /** The last octet was a CR. */
  #afterCr = false

  /** @param binary Any octets may come (BODY=BINARYMIME). */
  constructor(rules: ContentRules, binary: boolean) {
    this.#rules = rules
    this.#given = new GivenContent(rules)
    this.#binary = binary
  }

  /** The octets of a chunk come now. A message that would become too big with them is refused before they are read. */
  begin({ octets, last }: Chunk): void {
    this.#left = octets
    this.#last = last
    this.#tooBig = this.#given.sizeBytes + octets > this.#rules.maxBytes
  }

  /** Gives nothing more but the ends of chunks. */
  refuse(): void {
    this.#given.refuse()
  }

  /** The next part; `end` where all octets of the chunk have been read; `undefined` until more input comes. */
  read(input: InputBuffer): ContentPart | undefined {
    const given = this.#given
    const repair = given.takeRepair()
    if (repair !== undefined) return repair
    if (this.#tooBig && !given.refused) return given.fault('too-big')
    if (this.#left === 0) return this.#end()
    const from = input.at
    const end = Math.min(input.bytes.length, from + this.#left)
    if (from === end) return undefined
    if (!given.refused && !this.#binary) return this.#readText(input, end)
    this.#pass(input, end)
    if (!given.refused) return given.give(input.bytes.subarray(from, end))
    return this.#left === 0 ? END : undefined
  }

  #readText(input: InputBuffer, end: number): ContentPart {
    const { bytes, at: from } = input
    let at = from
    while (at < end) {
      if (this.#afterCr) {
        this.#afterCr = false
        this.#lineBytes = 0
        if (bytes[at] === LF) {
          at += 1
          continue
        }
        this.#pass(input, at)
        return this.#given.bareNewline(bytes.subarray(from, at), ONLY_LF)
      }
      const ordinary = at
      at = this.#ordinary.pass(bytes, at, end)
      this.#lineBytes += at - ordinary
      if (this.#lineBytes > this.#rules.maxLineBytes) return this.#given.fault('line-too-long')
      if (at === end) break
      const byte = bytes[at]
      at += 1
      if (byte === CR) this.#afterCr = true
      else if (byte === LF) {
        this.#lineBytes = 0
        this.#pass(input, at)
        return this.#given.bareNewline(bytes.subarray(from, at - 1), CRLF)
      } else if (byte === NUL) return this.#given.fault('nul')
      else this.#lineBytes += 1
    }
    this.#pass(input, end)
    this.#ordinary.release()
    return this.#given.give(bytes.subarray(from, end))
  }

  /** All octets of the chunk were read: a CR that ends the message is a bare one. */
  #end(): ContentPart {
    if (!this.#last || !this.#afterCr || this.#given.refused) return END
    this.#afterCr = false
    return this.#given.bareNewline(ONLY_LF.subarray(1), ONLY_LF)
  }

  #pass(input: InputBuffer, to: number): void {
    this.#left -= to - input.at
    input.at = to
  }
}
