/**
 * Walks through the parts of a message as it streams by (RFC 2046 §5.1, §5.2.1).
 *
 * Every byte is in one event or in one header section, in order, and the same events come however the message is cut
 * (runs of bytes are cut where the message is). Any bytes will do. Time is linear in them for each `maxDepth`: a line is
 * compared with the boundaries of all multiparts around it at once. Kept between calls are at most the header section
 * that has begun, the headers of the parts around, and some 24 KiB of what may be a delimiter.
 *
 * A line ends with CRLF or a bare LF, as readers of stored mail see it. The fields of MIME are heeded without
 * MIME-Version, too.
 */

import { indexOf, indexOfByte } from '@postroad/bytes'
import { BoundarySet, MOST_DELIMITER_BYTES } from './boundary.ts'
import { OUTSIDE_PART } from './mime-part.ts'
import type { MimeBytesType, MimeEvent, MimePart, MimeWalkerOptions, UndividedReason } from './mime-part.ts'
import { readPartType } from './part-type.ts'
import type { PartType } from './part-type.ts'
import { SectionScanner } from './section-scanner.ts'
import type { Section } from './section-scanner.ts'

const LF = 10
const CR = 13
const NOTHING = new Uint8Array()

/** A part that has begun and not ended. */
interface Frame {
  readonly part: MimePart
  /** Of a multipart whose close-delimiter has not come. */
  boundary: Uint8Array | undefined
  /** The depth of the nearest multipart around it; -1 where there is none. */
  readonly owner: number
  children: number
}

/** Walks through one message. */
export class MimeWalker {
  readonly #maxDepth: number
  readonly #maxParts: number
  readonly #maxHeaderBytes: number
  readonly #boundaries: BoundarySet = new BoundarySet()
  readonly #section: SectionScanner
  readonly #outside: Frame = { part: OUTSIDE_PART, boundary: undefined, owner: -1, children: 0 }
  /** The innermost part, and those around it. */
  #frame: Frame = this.#outside
  readonly #around: Frame[] = []
  #count = 0
  #events: MimeEvent[] = []
  /** What the next bytes are; `delimiter` and `close`: the rest of a delimiter's line. */
  #mode: 'header' | 'body' | 'delimiter' | 'close' = 'header'
  /** In a body: at the start of a line, where a delimiter needs no line break before it. */
  #atLineStart = false
  /** In a delimiter's line: how far it was looked at in these bytes. */
  #lineSeen = 0
  /** Bytes of earlier chunks that wait for what follows them, in the first `#length` of this memory. */
  #held: Uint8Array = NOTHING
  #length = 0
  /** How many of them there must be before they are looked at again: so they are not looked at for each that comes. */
  #enough = 0
  /** How many bytes came before those that are looked at now. */
  #offset = 0
  #isFinished = false

  constructor(options: MimeWalkerOptions = {}) {
    this.#maxDepth = options.maxDepth ?? 100
    this.#maxParts = options.maxParts ?? 10_000
    this.#maxHeaderBytes = options.maxHeaderBytes ?? 262_144
    this.#section = new SectionScanner(this.#boundaries, this.#maxHeaderBytes, options.maxHeaderFields ?? 1_000)
  }

  /** Takes the next bytes and gives what was found. The chunk may be reused once the events were dealt with. */
  push(chunk: Uint8Array): readonly MimeEvent[] {
    this.#events = []
    if (!this.#isFinished) this.#take(chunk, false)
    return this.#events
  }

  /**
   * The message has ended: what was open ends. A message without a byte is a part, too. Afterwards there are no events.
   */
  finish(): readonly MimeEvent[] {
    this.#events = []
    if (!this.#isFinished) {
      this.#isFinished = true
      this.#take(NOTHING, true)
      this.#endAbove(-1, this.#offset)
    }
    return this.#events
  }

  #take(chunk: Uint8Array, isLast: boolean): void {
    let rest = chunk
    while (this.#length > 0) {
      // What waits is looked at with as much of the chunk as can decide it; the rest of the chunk stays where it is.
      const before = this.#length
      const most = this.#mode === 'header' ? this.#maxHeaderBytes + 1 - before : MOST_DELIMITER_BYTES
      const joined = rest.subarray(0, Math.max(1, most))
      this.#hold(joined)
      const isEnough = isLast || this.#length >= this.#enough
      const consumed = isEnough ? this.#walk(this.#held.subarray(0, this.#length), isLast) : 0
      this.#offset += consumed
      this.#release(consumed < before ? consumed : this.#length)
      rest = rest.subarray(consumed < before ? joined.length : consumed - before)
      if (consumed < before && rest.length === 0) return
    }
    const consumed = this.#walk(rest, isLast)
    this.#offset += consumed
    if (consumed < rest.length) this.#hold(rest.subarray(consumed))
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length
    if (needed > this.#held.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#length))
      grown.set(this.#held.subarray(0, this.#length))
      this.#held = grown
    }
    this.#held.set(bytes, this.#length)
    this.#length = needed
  }

  /** Forgets the first held bytes. Events may lie on their memory: it is left to them. */
  #release(count: number): void {
    if (count === 0) return
    this.#held = this.#held.slice(count, this.#length)
    this.#length = this.#held.length
  }

  /** Walks through the bytes as far as they can be decided: to their end where they are the last. */
  #walk(bytes: Uint8Array, isLast: boolean): number {
    let at = 0
    for (;;) {
      const mode = this.#mode
      if (mode === 'header') {
        const section = this.#section.scan(bytes, at, isLast)
        this.#enough = 0
        if (section === undefined) return at
        this.#begin(at, section)
        at = section.bodyStart
      } else {
        at = mode === 'body' ? this.#body(bytes, at, isLast) : this.#restOfLine(bytes, at, isLast)
        this.#enough = 2 * (bytes.length - at)
        if (this.#mode === mode) return at
      }
    }
  }

  #begin(start: number, section: Section): void {
    const around = this.#frame
    const depth = around.part.depth + 1
    const type = readPartType(section.header, around.part)
    const undivided = this.#undivided(type, section.isLimited, depth)
    const kind = undivided === undefined ? type.kind : 'leaf'
    around.children += 1
    const part: MimePart = {
      index: this.#count,
      parent: depth === 0 ? undefined : around.part.index,
      depth,
      path: around.part.kind === 'message' && kind === 'multipart' ? around.part.path : pathIn(around),
      kind,
      undivided,
      header: section.header,
      contentType: type.contentType,
      transferEncoding: type.transferEncoding,
      headerStart: this.#offset + start,
      headerEnd: this.#offset + section.end,
      bodyStart: this.#offset + section.bodyStart,
    }
    this.#count += 1
    if (depth > 0) this.#around.push(around)
    const boundary = kind === 'multipart' ? type.boundary : undefined
    const owner = around.part.kind === 'multipart' ? around.part.depth : around.owner
    this.#frame = { part, boundary, owner, children: 0 }
    this.#events.push({ type: 'part', part })
    if (undivided === 'parts') this.#boundaries.clear()
    if (boundary !== undefined) this.#boundaries.add(boundary, depth)
    // A message begins with its header section at once.
    this.#mode = kind === 'message' ? 'header' : 'body'
    this.#atLineStart = true
  }

  #undivided(type: PartType, isLimited: boolean, depth: number): UndividedReason | undefined {
    if (this.#count >= this.#maxParts) return 'parts'
    if (isLimited) return 'header'
    return type.kind !== 'leaf' && depth >= this.#maxDepth ? 'depth' : type.undivided
  }

  /** Passes bytes of a body on up to the next delimiter, or to what may be one. */
  #body(bytes: Uint8Array, start: number, isLast: boolean): number {
    if (this.#boundaries.isEmpty) return this.#pass(bytes, start, bytes.length)
    if (this.#atLineStart) {
      const match = this.#boundaries.match(bytes, start, isLast)
      if (match.kind === 'more') return start
      this.#atLineStart = false
      if (match.kind === 'delimiter') return this.#delimiter(start, match.level, match.isClose, match.end)
    }
    const { needle } = this.#boundaries
    for (let lf = indexOf(bytes, needle, start); lf !== -1; lf = indexOf(bytes, needle, lf + 1)) {
      const match = this.#boundaries.match(bytes, lf + 1, isLast)
      if (match.kind === 'none') continue
      const end = this.#pass(bytes, start, breakAt(bytes, lf, start))
      return match.kind === 'more' ? end : this.#delimiter(end, match.level, match.isClose, match.end)
    }
    return this.#pass(bytes, start, isLast ? bytes.length : this.#undecidedFrom(bytes, start))
  }

  /** Where the bytes begin, at the end, that may be a delimiter once more have come. */
  #undecidedFrom(bytes: Uint8Array, start: number): number {
    const from = Math.max(start, bytes.length - this.#boundaries.needle.length + 1)
    const lf = bytes.subarray(from).lastIndexOf(LF)
    const isOpen = lf !== -1 && this.#boundaries.match(bytes, from + lf + 1, false).kind === 'more'
    return isOpen ? breakAt(bytes, from + lf, start) : beforeCr(bytes, start)
  }

  /** RFC 2046 §5.1.2: a delimiter of a multipart ends all that is open in it. Its line is still to be passed on. */
  #delimiter(start: number, level: number, isClose: boolean, end: number): number {
    this.#endAbove(level, this.#offset + start)
    if (isClose) this.#shut(this.#frame)
    this.#mode = isClose ? 'close' : 'delimiter'
    this.#lineSeen = end
    return start
  }

  /** Passes a delimiter's line on: with its line break where a part follows, without where an epilogue does. */
  #restOfLine(bytes: Uint8Array, start: number, isLast: boolean): number {
    const from = Math.max(start, this.#lineSeen)
    this.#lineSeen = 0
    const lf = indexOfByte(bytes, LF, from)
    const isClose = this.#mode === 'close'
    if (lf === -1) return this.#pass(bytes, start, isClose && !isLast ? beforeCr(bytes, from) : bytes.length)
    const end = this.#pass(bytes, start, isClose ? breakAt(bytes, lf, from) : lf + 1)
    this.#mode = isClose ? 'body' : 'header'
    return end
  }

  /** Gives the bytes from `start` to `end` out; returns `end`. */
  #pass(bytes: Uint8Array, start: number, end: number): number {
    const { part } = this.#frame
    if (start < end) {
      const slice = bytes.subarray(start, end)
      this.#events.push({ type: this.#typeOfBytes(), part, offset: this.#offset + start, bytes: slice })
    }
    return end
  }

  #typeOfBytes(): MimeBytesType {
    if (this.#mode !== 'body') return 'delimiter'
    if (this.#frame.part.kind !== 'multipart') return 'body'
    return this.#frame.boundary === undefined ? 'epilogue' : 'preamble'
  }

  /** Ends the parts that lie deeper than `level`, the multipart whose delimiter came; -1: the message has ended. */
  #endAbove(level: number, bodyEnd: number): void {
    while (this.#frame.part.depth > level) {
      const { part, boundary, owner } = this.#frame
      const cutOff = part.kind === 'multipart' ? boundary !== undefined : owner !== level
      this.#events.push({ type: 'end', part, bodyEnd, cutOff })
      this.#shut(this.#frame)
      this.#frame = this.#around.pop() ?? this.#outside
    }
  }

  /** Delimiters of this multipart are none any more. */
  #shut(frame: Frame): void {
    if (frame.boundary !== undefined) this.#boundaries.delete(frame.boundary)
    frame.boundary = undefined
  }
}

function pathIn(around: Frame): string {
  const { path } = around.part
  return path === '' ? `${around.children}` : `${path}.${around.children}`
}

/** Where the line break begins whose LF stands at `lf`. */
function breakAt(bytes: Uint8Array, lf: number, start: number): number {
  return lf > start && bytes[lf - 1] === CR ? lf - 1 : lf
}

/** The end of the bytes, or before a CR there: LF may follow it. */
function beforeCr(bytes: Uint8Array, start: number): number {
  return breakAt(bytes, bytes.length, start)
}
