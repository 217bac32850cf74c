/**
 * Reads replies (RFC 5321 §4.2) out of the bytes a server sends.
 *
 * Bytes go in through `receive`, whole replies come out of `next`. It never throws, keeps no more than one reply of
 * bounded size, and spends linear time however the bytes are cut. What is no reply sets `fault` and ends the reading:
 * after it nothing can be matched to a command any more.
 *
 * Read more generously than the grammar: a code without text (RFC 5321 §4.2), any second digit, and lines that end
 * with LF alone.
 */

import { toUtf8 } from '@postroad/bytes'
import { splitStatus, type EnhancedStatusCode, type Reply } from '@postroad/envelope'

/** Bounds of what one reply may be; beyond them lies a fault. */
export interface ReplyReaderOptions {
  /**
   * Longest line, CRLF included; default 12,296 bytes: RFC 5321 §4.5.3.1.5 asks for 512, a challenge of AUTH may have
   * 12,288 (RFC 4954 §4).
   */
  readonly maxLineBytes?: number
  /** Most lines of one reply; default 256. */
  readonly maxLines?: number
  /** Most bytes of one reply; default 32,768. */
  readonly maxReplyBytes?: number
}

/** The defaults. */
export const REPLY_DEFAULTS: Required<ReplyReaderOptions> = {
  maxLineBytes: 12_296,
  maxLines: 256,
  maxReplyBytes: 32_768,
}

/** Why the reading ended. */
export type ReplyFault = 'line-too-long' | 'reply-too-long' | 'malformed'

/** Reads replies; see the head of this file. */
export class ReplyReader {
  /**
   * Whether enhanced status codes are taken from the text of 2yz, 4yz and 5yz replies: only where the server offered
   * ENHANCEDSTATUSCODES, and never for the greeting and the reply to EHLO (RFC 2034 §4). Default false.
   */
  enhancedStatusCodes = false

  readonly #maxLineBytes: number
  readonly #maxLines: number
  readonly #maxReplyBytes: number
  #chunk: Uint8Array = EMPTY
  #at = 0
  /** The beginning of a line whose end has not come; grows by doubling up to `maxLineBytes`. */
  #partial: Uint8Array = EMPTY
  #partialBytes = 0
  #code = 0
  #lines: string[] = []
  #replyBytes = 0
  #fault: ReplyFault | undefined

  constructor(options: ReplyReaderOptions = {}) {
    this.#maxLineBytes = options.maxLineBytes ?? REPLY_DEFAULTS.maxLineBytes
    this.#maxLines = options.maxLines ?? REPLY_DEFAULTS.maxLines
    this.#maxReplyBytes = options.maxReplyBytes ?? REPLY_DEFAULTS.maxReplyBytes
  }

  /** What stopped the reading; `undefined` while replies can be read. */
  get fault(): ReplyFault | undefined {
    return this.#fault
  }

  /** Whether bytes lie here that belong to no reply given out yet. */
  get pending(): boolean {
    return this.#at < this.#chunk.length || this.#partialBytes > 0 || this.#lines.length > 0
  }

  /** Takes bytes; call `next` until it gives `undefined` before the next ones. The bytes are not kept after that. */
  receive(bytes: Uint8Array): void {
    if (this.#fault !== undefined) return
    if (this.#at < this.#chunk.length) {
      const joined = new Uint8Array(this.#chunk.length - this.#at + bytes.length)
      joined.set(this.#chunk.subarray(this.#at))
      joined.set(bytes, this.#chunk.length - this.#at)
      this.#chunk = joined
    } else {
      this.#chunk = bytes
    }
    this.#at = 0
  }

  /** The next whole reply; `undefined` until more bytes come, and for good after a fault. */
  next(): Reply | undefined {
    while (this.#fault === undefined && this.#at < this.#chunk.length) {
      const lf = this.#chunk.indexOf(LF, this.#at)
      const end = lf === -1 ? this.#chunk.length : lf + 1
      if (this.#partialBytes + end - this.#at > this.#maxLineBytes) return this.#stop('line-too-long')
      if (lf === -1) {
        this.#keepPartial(this.#chunk.subarray(this.#at))
        break
      }
      let line = this.#chunk.subarray(this.#at, lf)
      this.#at = end
      if (this.#partialBytes > 0) {
        this.#keepPartial(line)
        line = this.#partial.subarray(0, this.#partialBytes)
        this.#partialBytes = 0
      }
      const reply = this.#takeLine(line)
      if (reply !== undefined) return reply
    }
    if (this.#fault === undefined) {
      this.#chunk = EMPTY
      this.#at = 0
    }
    return undefined
  }

  #stop(fault: ReplyFault): undefined {
    this.#fault = fault
    this.#chunk = EMPTY
    this.#at = 0
    this.#partial = EMPTY
    this.#partialBytes = 0
    this.#lines = []
    return undefined
  }

  #keepPartial(bytes: Uint8Array): void {
    const needed = this.#partialBytes + bytes.length
    if (needed > this.#partial.length) {
      const grown = new Uint8Array(Math.max(256, needed, this.#partial.length * 2))
      grown.set(this.#partial.subarray(0, this.#partialBytes))
      this.#partial = grown
    }
    this.#partial.set(bytes, this.#partialBytes)
    this.#partialBytes = needed
  }

  /** A line without its LF. */
  #takeLine(line: Uint8Array): Reply | undefined {
    const length = line[line.length - 1] === CR ? line.length - 1 : line.length
    const code = parseCode(line, length)
    const separator = length > 3 ? line[3] : SP
    if (code === undefined || (separator !== SP && separator !== HYPHEN)) return this.#stop('malformed')
    // Every line of a reply carries the same code (RFC 5321 §4.2.1).
    if (this.#lines.length > 0 && code !== this.#code) return this.#stop('malformed')
    this.#replyBytes = this.#lines.length === 0 ? length : this.#replyBytes + length
    if (this.#lines.length >= this.#maxLines || this.#replyBytes > this.#maxReplyBytes) {
      return this.#stop('reply-too-long')
    }
    this.#code = code
    this.#lines.push(length > 4 ? toUtf8(line, 4, length).replace(UNPRINTABLE, '?') : '')
    if (separator === HYPHEN) return undefined
    const lines = this.#lines
    this.#lines = []
    return this.enhancedStatusCodes ? withStatus(code, lines) : { code, status: undefined, lines }
  }
}

const EMPTY = new Uint8Array(0)
const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const HYPHEN = 0x2d
const UNPRINTABLE = /[\u0000-\u0008\u000a-\u001f\u007f]/g

/** Three digits, the first from 2 to 5; other codes are fatal (RFC 5321 §4.2). */
function parseCode(line: Uint8Array, length: number): number | undefined {
  if (length < 3) return undefined
  const [a = 0, b = 0, c = 0] = line
  if (a < 0x32 || a > 0x35 || b < 0x30 || b > 0x39 || c < 0x30 || c > 0x39) return undefined
  return (a - 0x30) * 100 + (b - 0x30) * 10 + (c - 0x30)
}

/** Takes the status from every line (RFC 2034 §4); one of another class than the code's stays text. */
function withStatus(code: number, lines: readonly string[]): Reply {
  const { status } = splitStatus(String(lines[0]))
  if (status === undefined || Number(status.charAt(0)) !== Math.floor(code / 100)) {
    return { code, status: undefined, lines }
  }
  return { code, status, lines: lines.map((line) => withoutStatus(line, status)) }
}

function withoutStatus(line: string, status: EnhancedStatusCode): string {
  const split = splitStatus(line)
  return split.status === status ? split.text : line
}
