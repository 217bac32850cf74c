/**
 * Plans the conversion of 8-bit and binary content to 7-bit (RFC 6152 §3, RFC 3030 §3) in one pass over it.
 *
 * Leaf parts that need it are encoded, by the rules of RFC 2045 §6 and RFC 2049; what surrounds them is copied. Nothing
 * is lost: every encoded body decodes to the bytes that stood there, and where that cannot be, the plan is a refusal.
 *
 * - Text becomes quoted-printable while at most a sixth of it needs escapes (CR and LF not counted), else base64; all
 *   else becomes base64. A body whose encoding was broken by 8-bit bytes or long lines is decoded as
 *   `createTransferDecoder` does and encoded again.
 * - Labels of `8bit` and `binary` become true (RFC 2045 §6.2): composite parts and parts that were 7-bit say `7bit`.
 * - A message without MIME-Version gets one, and one without Content-Type whose text is 8-bit the charset
 *   `unknown-8bit`, which is registered for just that.
 * - What may not be encoded (RFC 2045 §6.4: header sections, delimiters, message subtypes, multiparts without boundary) has
 *   its lines ended with CRLF where it has a bare LF, as mail from a store may; anything worse in it is a refusal.
 * - Preambles and epilogues with such bytes become quoted-printable, which no reader decodes, but which loses nothing.
 * - message/global with anything inside that needs it is encoded whole (RFC 6532 §3.7).
 *
 * Memory is that of the walk and at most eleven edits for a part; time is linear.
 *
 * The plan has no facts of what comes out: they are those of the coders' output. A run of `Converter` into a
 * `ContentScanner` learns them, SIZE (RFC 1870 §5) included, before a second one sends.
 */

import type { ConversionEdit, ConversionEncode, ConversionPlan, ConversionRefusal } from './convert-edit.ts'
import { LineScanner } from './convert-lines.ts'
import { ConversionPart } from './convert-part.ts'
import { ContentScanner } from './facts.ts'
import { createField } from './field.ts'
import { OUTSIDE_PART } from './mime-part.ts'
import type { MimeBytesType, MimeEvent, MimePart, MimeWalkerOptions } from './mime-part.ts'
import { MimeWalker } from './mime-walker.ts'

/** What was found so far: in the content, or in a message/global that may be encoded whole. */
interface Findings {
  isNeeded: boolean
  bareLf: boolean
  refusal: ConversionRefusal | undefined
}

/** A part that is open. */
interface OpenPart {
  readonly own: ConversionPart
  /** Itself, where nothing is around it. */
  readonly parent: OpenPart
  /** Why nothing in its body may be changed. */
  readonly protection: ConversionRefusal | undefined
  /** Where in the edits its own begin, and which of them puts fields in. */
  readonly firstEdit: number
  readonly insertEdit: number
  /** What was found around it; only for a message/global. */
  readonly outside: Findings | undefined
  /** Something in it was encoded, and it is a message. */
  needsMime: boolean
  /** Something behind its header section was changed. */
  separates: boolean
}

/** A run of bytes of a multipart outside its parts. */
interface Run {
  readonly type: MimeBytesType
  readonly index: number
  readonly start: number
  readonly lines: LineScanner
}

/** Quoted-printable is the shorter while no more of the bytes than one in so many needs an escape. */
const ESCAPES_WORTH = 6

/** 1 for bytes that quoted-printable writes as three. */
const ESCAPED = new DataView(
  Uint8Array.from({ length: 256 }, (_, byte) =>
    byte === 61 || byte > 126 || (byte < 32 && ![9, 10, 13].includes(byte)) ? 1 : 0,
  ).buffer,
)

const NOTHING_FOUND: Findings = { isNeeded: false, bareLf: false, refusal: undefined }
const MIME_VERSION = createField('MIME-Version', '1.0').raw
// The registered charset of text that a gateway knows no other of.
const UNKNOWN_CHARSET = createField('Content-Type', 'text/plain; charset=unknown-8bit').raw

/** Takes content chunk by chunk, and says at its end what there is to convert. */
export class ConversionPlanner {
  readonly #walker: MimeWalker
  readonly #edits: ConversionEdit[] = []
  #found: Findings = { ...NOTHING_FOUND }
  #open: OpenPart = createOutside()
  #run: Run | undefined
  /** Of the leaf that is open: its facts, or, where it may not be encoded, its lines. */
  #scanner = new ContentScanner()
  #lines: LineScanner | undefined
  #escapes = 0
  #size = 0
  #isOverrun = false

  /** @param options Bounds of the walk; a part that goes over one and needs conversion is refused. */
  constructor(options: MimeWalkerOptions = {}) {
    this.#walker = new MimeWalker(options)
  }

  /** Takes the next bytes; they may be reused once it returns. */
  push(chunk: Uint8Array): void {
    this.#size += chunk.length
    for (const event of this.#walker.push(chunk)) this.#take(event)
  }

  /** The content has ended. To be called once, last. */
  finish(): ConversionPlan {
    for (const event of this.#walker.finish()) this.#take(event)
    const { isNeeded, bareLf, refusal } = this.#found
    if (refusal !== undefined) return { kind: 'refused', ...refusal }
    if (!isNeeded) return { kind: 'unneeded' }
    const edits = this.#edits.filter(({ start, end, bytes }) => end > start || bytes.length > 0)
    return { kind: 'convert', edits, repairsLineEnds: bareLf, sizeBytes: this.#size }
  }

  #take(event: MimeEvent): void {
    switch (event.type) {
      case 'part':
        this.#endRun(event.part.headerStart)
        this.#begin(event.part)
        break
      case 'body':
        this.#body(event.bytes)
        break
      case 'end':
        this.#endRun(event.bodyEnd)
        if (event.part.kind === 'leaf') this.#endLeaf(event.bodyEnd)
        else this.#endComposite(event.bodyEnd)
        break
      default:
        if (this.#run?.type !== event.type || this.#run.index !== event.part.index) {
          this.#endRun(event.offset)
          this.#run = { type: event.type, index: event.part.index, start: event.offset, lines: new LineScanner() }
        }
        this.#run.lines.push(event.bytes)
    }
  }

  /** Takes bytes of a leaf. Nothing more is looked for once it is clear what is to be done. */
  #body(bytes: Uint8Array): void {
    if (this.#lines !== undefined) {
      this.#lines.push(bytes)
      return
    }
    const isText = this.#open.own.part.contentType.type === 'text'
    const { eightBit, binary } = this.#scanner
    if (!eightBit && (isText || !binary)) this.#scanner.push(bytes)
    if (isText) this.#escapes += countEscapes(bytes)
  }

  #begin(part: MimePart): void {
    const parent = this.#open
    const own = new ConversionPart(part, parent.own.part.kind === 'message')
    this.#judgeLines(own.headerLines, parent.protection, own.headerLines.eightBit ? 'utf8-header' : 'header', part.path)
    // All that follows is its body, that of parts around it too.
    if (part.undivided === 'parts') this.#isOverrun = true
    const firstEdit = this.#edits.length
    const protection = parent.protection ?? protectionOf(part)
    const isComposite = part.kind !== 'leaf'
    if (isComposite && protection === undefined) this.#relabel(own)
    const insertEdit = this.#edits.length
    if (isComposite) this.#edits.push(own.insert([], false))
    const isGlobal = part.kind === 'message' && part.contentType.subtype === 'global' && protection === undefined
    const outside = isGlobal ? this.#found : undefined
    if (isGlobal) this.#found = { ...NOTHING_FOUND }
    const needsMime = false
    const separates = false
    this.#open = { own, parent, protection, firstEdit, insertEdit, outside, needsMime, separates }
    this.#scanner = new ContentScanner()
    this.#lines = !isComposite && refusalOf(own)?.reason === 'composite' ? new LineScanner() : undefined
    this.#escapes = 0
  }

  /** Lines that cannot be encoded: all that can be done is to end them with CRLF. */
  #judgeLines(
    lines: LineScanner,
    protection: ConversionRefusal | undefined,
    reason: ConversionRefusal['reason'],
    path: string,
  ): void {
    const isBad = lines.eightBit || lines.unsendable
    if (isBad || lines.bareLf) {
      this.#found.isNeeded = true
      this.#found.bareLf ||= lines.bareLf
      if (isBad || protection !== undefined) this.#found.refusal ??= protection ?? { reason, path }
    }
  }

  /** A run ends where something else begins. */
  #endRun(end: number): void {
    const run = this.#run
    if (run === undefined) return
    this.#run = undefined
    const { type, start } = run
    const lines = run.lines.finish()
    const open = this.#open
    const { path } = open.own.part
    if (type === 'delimiter' || open.protection !== undefined || !(lines.eightBit || lines.unsendable)) {
      this.#judgeLines(lines, open.protection, 'delimiter', path)
      return
    }
    this.#found.isNeeded = true
    this.#found.bareLf ||= lines.bareLf
    // RFC 2046 §5.1.1: neither is shown to anybody, so that they need no label. The line end that an epilogue begins with
    // is that of the close-delimiter.
    const from = type === 'epilogue' ? start + lines.firstLineBytes : start
    if (type === 'preamble') open.separates = true
    this.#edits.push(encodeEdit(from, end, { from: undefined, to: 'quoted-printable' }))
  }

  #endLeaf(bodyEnd: number): void {
    const { own, protection, parent } = this.#open
    const facts = this.#scanner.finish()
    const lines = this.#lines?.finish()
    this.#open = parent
    // What may not be encoded is of lines, as header sections are: those can be ended with CRLF.
    if (lines !== undefined) this.#judgeLines(lines, protection, 'composite', own.part.path)
    if (!facts.eightBit && !facts.binary) {
      if (protection === undefined) this.#relabel(own)
      return
    }
    this.#found.isNeeded = true
    const refusal = protection ?? refusalOf(own)
    if (refusal !== undefined) {
      this.#found.refusal ??= refusal
      return
    }
    const { contentType, transferEncoding, bodyStart } = own.part
    const isText = contentType.type === 'text' && this.#escapes * ESCAPES_WORTH <= bodyEnd - bodyStart
    const isEncoded = transferEncoding === 'quoted-printable' || transferEncoding === 'base64'
    const encode: ConversionEncode = isEncoded
      ? { from: transferEncoding, to: transferEncoding }
      : { from: undefined, to: isText ? 'quoted-printable' : 'base64' }
    const namesCharset = facts.eightBit && !isEncoded && own.isMessage && !own.hasContentType
    this.#encode(own, parent, bodyEnd, encode, namesCharset)
    // The empty line of a message around it that has none would end this one's fields instead.
    for (let around = parent; around.own.isUnseparatedAt(bodyStart); around = around.parent) {
      this.#separate(around)
    }
  }

  /** Encodes the body of a part, its label and what else its header section needs. */
  #encode(
    own: ConversionPart,
    parent: OpenPart,
    bodyEnd: number,
    encode: ConversionEncode,
    namesCharset: boolean,
  ): void {
    const fields: Uint8Array[] = []
    if (own.isMessage && !own.hasMimeVersion) fields.push(MIME_VERSION)
    if (namesCharset) fields.push(UNKNOWN_CHARSET)
    if (encode.from === undefined) {
      const { edits, missing } = own.label(encode.to)
      this.#edits.push(...edits)
      fields.push(missing)
    }
    this.#edits.push(own.insert(fields, true), encodeEdit(own.part.bodyStart, bodyEnd, encode))
    // Where one needs it those around it were told already.
    for (let around = parent; around.parent !== around && !around.needsMime; around = around.parent) {
      around.needsMime = true
    }
  }

  #separate(open: OpenPart): void {
    open.separates = true
    this.#edits[open.insertEdit] = open.own.insert([], true)
  }

  #endComposite(bodyEnd: number): void {
    const open = this.#open
    const { own, parent, outside } = open
    this.#open = parent
    if (outside !== undefined) {
      const inside = this.#found
      this.#found = outside
      if (inside.isNeeded) {
        outside.isNeeded = true
        if (this.#isOverrun || own.hasTooManyEncodings) {
          outside.refusal ??= { reason: this.#isOverrun ? 'limit' : 'header', path: own.part.path }
          return
        }
        // RFC 6532 §3.7: any encoding may be applied to it.
        this.#edits.length = open.firstEdit
        this.#encode(own, parent, bodyEnd, { from: undefined, to: 'base64' }, false)
        return
      }
    }
    const fields = open.needsMime && own.isMessage && !own.hasMimeVersion ? [MIME_VERSION] : []
    this.#edits[open.insertEdit] = own.insert(fields, open.separates)
  }

  /** RFC 2045 §6.2: what is 7-bit now is not called more. */
  #relabel(own: ConversionPart): void {
    const { transferEncoding } = own.part
    const isMore = transferEncoding === '8bit' || transferEncoding === 'binary'
    if (isMore && !own.hasTooManyEncodings) this.#edits.push(...own.label('7bit').edits)
  }
}

function countEscapes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let count = 0
  for (let at = 0; at < view.byteLength; at += 1) count += ESCAPED.getUint8(view.getUint8(at))
  return count
}

function encodeEdit(start: number, end: number, encode: ConversionEncode): ConversionEdit {
  return { start, end, bytes: NOTHING, encode }
}

const NOTHING = new Uint8Array()

function protectionOf({ contentType: { type, subtype }, path }: MimePart): ConversionRefusal | undefined {
  // A signature is over the bytes of the part, encodings included: it would break.
  return type === 'multipart' && (subtype === 'signed' || subtype === 'encrypted')
    ? { reason: subtype, path }
    : undefined
}

/** Why the body of a leaf may not be encoded; `undefined` where it may. */
function refusalOf({ part, hasTooManyEncodings }: ConversionPart): ConversionRefusal | undefined {
  const { path, undivided, contentType, transferEncoding } = part
  switch (undivided) {
    case 'depth':
    case 'parts':
    case 'header':
      return { reason: 'limit', path }
    case 'no-boundary':
      return { reason: 'composite', path }
    default:
  }
  if (transferEncoding === undefined) return { reason: 'encoding', path }
  if (hasTooManyEncodings) return { reason: 'header', path }
  const mayBeEncoded = contentType.type !== 'message' || contentType.subtype.startsWith('global')
  return mayBeEncoded || undivided === 'encoded' ? undefined : { reason: 'composite', path }
}

/** What is around the message: it holds one message, and has no header section of its own. */
function createOutside(): OpenPart {
  // No empty line is missing in it.
  const part: MimePart = { ...OUTSIDE_PART, headerStart: -2, headerEnd: -2 }
  const outside: OpenPart = {
    own: new ConversionPart(part, false),
    get parent() {
      return outside
    },
    protection: undefined,
    firstEdit: 0,
    insertEdit: 0,
    outside: undefined,
    needsMime: false,
    separates: false,
  }
  return outside
}
