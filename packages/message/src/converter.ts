/** Carries out a conversion plan, in a second pass over the same content (RFC 6152 §3, RFC 2045 §6). */

import { byteAt, indexOfByte } from '@postroad/bytes'
import type { ConversionEdit, ConversionEncode, ConversionPlan } from './convert-edit.ts'
import { MessageError } from './errors.ts'
import { createTransferDecoder, createTransferEncoder } from './transfer-encoding.ts'
import type { TransferDecoder, TransferEncoder } from './transfer-encoding.ts'

const LF = 10
const CR = 13
const CRLF = Uint8Array.of(13, 10)
const SOFT_BREAK = Uint8Array.of(61, 13, 10)

/**
 * Converts content as a plan says. Keeps at most 998 bytes of it; what is not changed is given as slices of the chunks.
 *
 * What comes out has no byte above 127, no NUL, no CR or LF alone and no line over 998 octets, and where anything was
 * encoded last it ends with CRLF. It is the same however the content is cut.
 */
export class Converter {
  readonly #plan: Extract<ConversionPlan, { kind: 'convert' }>
  #index = 0
  #position = 0
  #coder: Coder | undefined
  /** What was copied last ended with CR. */
  #afterCr = false

  constructor(plan: Extract<ConversionPlan, { kind: 'convert' }>) {
    this.#plan = plan
  }

  /** Takes the next bytes and gives what is written for them: slices of the chunk, and bytes of our own. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const output: Uint8Array[] = []
    let at = 0
    while (at < chunk.length) {
      const edit = this.#plan.edits[this.#index]
      if (edit === undefined || this.#position < edit.start) {
        const end = edit === undefined ? chunk.length : Math.min(chunk.length, at + edit.start - this.#position)
        this.#copy(chunk.subarray(at, end), output)
        this.#position += end - at
        at = end
        continue
      }
      const end = Math.min(chunk.length, at + edit.end - this.#position)
      this.#replace(edit, chunk.subarray(at, end), output)
      this.#position += end - at
      at = end
      // Whether something follows the last edit decides how it ends.
      if (this.#position === edit.end && at < chunk.length) this.#end(edit, false, output)
    }
    return output
  }

  /**
   * The content has ended: gives what was still open. To be called once, last.
   *
   * @throws {MessageError} `MESSAGE_CONTENT_CHANGED` where the content was not as long as when it was planned: what was
   *   given must not be used.
   */
  finish(): readonly Uint8Array[] {
    const { edits, sizeBytes } = this.#plan
    if (this.#position !== sizeBytes) {
      throw new MessageError(
        'MESSAGE_CONTENT_CHANGED',
        'The content is not the one that the conversion was planned for.',
      )
    }
    const output: Uint8Array[] = []
    for (const edit of edits.slice(this.#index)) {
      this.#end(edit, true, output)
    }
    return output
  }

  #replace(edit: ConversionEdit, bytes: Uint8Array, output: Uint8Array[]): void {
    if (edit.encode === undefined) return
    this.#coder ??= new Coder(edit.encode)
    this.#coder.push(bytes, output)
  }

  #end(edit: ConversionEdit, isLast: boolean, output: Uint8Array[]): void {
    this.#index += 1
    this.#afterCr = false
    if (edit.bytes.length > 0) output.push(edit.bytes)
    this.#coder?.finish(isLast, output)
    this.#coder = undefined
  }

  #copy(bytes: Uint8Array, output: Uint8Array[]): void {
    if (!this.#plan.repairsLineEnds) {
      output.push(bytes)
      return
    }
    let start = 0
    for (let at = indexOfByte(bytes, LF); at !== -1; at = indexOfByte(bytes, LF, at + 1)) {
      const isCrlf = at === 0 ? this.#afterCr : byteAt(bytes, at - 1) === CR
      if (isCrlf) continue
      if (at > start) output.push(bytes.subarray(start, at))
      output.push(CRLF)
      start = at + 1
    }
    if (start < bytes.length) output.push(bytes.subarray(start))
    this.#afterCr = byteAt(bytes, bytes.length - 1) === CR
  }
}

/** Decodes and encodes one range. */
class Coder {
  readonly #decoder: TransferDecoder
  readonly #encoder: TransferEncoder
  /** Ends a last line in the encoding without adding to what it decodes to (RFC 2045 §6.7, rule 5, and §6.8). */
  readonly #lineEnd: Uint8Array
  #last = LF

  constructor({ from, to }: ConversionEncode) {
    this.#decoder = createTransferDecoder(from ?? 'binary')
    this.#encoder = createTransferEncoder(to)
    this.#lineEnd = to === 'base64' ? CRLF : SOFT_BREAK
  }

  push(bytes: Uint8Array, output: Uint8Array[]): void {
    this.#put(this.#encoder.push(this.#decoder.push(bytes)), output)
  }

  finish(isLast: boolean, output: Uint8Array[]): void {
    this.#put(this.#encoder.push(this.#decoder.finish()), output)
    this.#put(this.#encoder.finish(), output)
    if (isLast && this.#last !== LF) output.push(this.#lineEnd)
  }

  #put(bytes: Uint8Array, output: Uint8Array[]): void {
    if (bytes.length === 0) return
    this.#last = byteAt(bytes, bytes.length - 1)
    output.push(bytes)
  }
}
