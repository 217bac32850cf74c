/**
 * A header section as a value (RFC 5322 §2.1, §2.2), every field kept byte for byte.
 *
 * Reading and writing an untouched section gives the same bytes, whatever they are. Names and values become text only
 * when somebody asks: then the section is made text once, and what is asked for is a slice of it. Nothing here throws
 * for any bytes; time and memory are linear in them.
 */

import { concat, fromLatin1, isAscii, toLatin1, toUtf8Strict } from '@postroad/bytes'
import { colonOf } from './lines.ts'

/** One field, or a line that is none (its name is empty then). */
export interface HeaderField {
  /** As written, without the colon and blanks before it. Empty for a line that is no field. */
  readonly name: string
  /** The whole field with its line ends, as it came. Not to be written to. */
  readonly raw: Uint8Array
  /**
   * What follows the colon, unfolded (RFC 5322 §2.2.3), without the blanks around it. Bytes as UTF-8 (RFC 6532 §3.1)
   * where they are, else as Latin-1. For a line that is no field: the line.
   */
  readonly value: string
}

const LF = 10
const CR = 13

/** The bytes that fields lie on, and a character for each byte once somebody looks. */
class FieldBytes {
  readonly bytes: Uint8Array
  #text: string | undefined
  #isAscii: boolean | undefined

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get text(): string {
    this.#text ??= toLatin1(this.bytes)
    return this.#text
  }

  get isAscii(): boolean {
    this.#isAscii ??= isAscii(this.bytes)
    return this.#isAscii
  }
}

/** A field on bytes; gives its name, its value and its bytes on the first look. */
class RawField implements HeaderField {
  readonly #on: FieldBytes
  readonly #start: number
  readonly #end: number
  /** Whether it may have more lines than one. */
  readonly #mayFold: boolean
  #raw: Uint8Array | undefined
  #name: string | undefined
  #value: string | undefined

  constructor(on: FieldBytes, start: number, end: number, mayFold: boolean) {
    this.#on = on
    this.#start = start
    this.#end = end
    this.#mayFold = mayFold
  }

  get raw(): Uint8Array {
    this.#raw ??= this.#on.bytes.subarray(this.#start, this.#end)
    return this.#raw
  }

  get name(): string {
    this.#name ??= readName(this.#on, this.#start, this.#end)
    return this.#name
  }

  get value(): string {
    this.#value ??= readValue(this.#on, this.#start, this.#end, this.#mayFold)
    return this.#value
  }
}

function readName({ bytes, text }: FieldBytes, start: number, fieldEnd: number): string {
  let end = colonOf(bytes, start, fieldEnd)
  while (end > start && isBlank(bytes[end - 1])) end -= 1
  return end === -1 ? '' : text.slice(start, end)
}

function readValue(on: FieldBytes, start: number, end: number, mayFold: boolean): string {
  const { bytes, text } = on
  const colon = colonOf(bytes, start, end)
  let from = colon === -1 ? start : colon + 1
  let to = end
  while (from < to && isSpace(bytes, from)) from += 1
  while (to > from && isSpace(bytes, to - 1)) to -= 1
  const value = mayFold ? unfold(on, from, to) : text.slice(from, to)
  return on.isAscii || !NOT_ASCII.test(value) ? value : decodeUtf8(value)
}

const NOT_ASCII = /[\u0080-\u00ff]/

/** The text of these bytes; themselves where they are not UTF-8, for what is Latin-1 must lose nothing. */
function decodeUtf8(bytes: string): string {
  return STRAY.test(bytes) ? bytes : (toUtf8Strict(fromLatin1(bytes)) ?? bytes)
}

/**
 * A byte that no UTF-8 has, or one that stands where none like it may (RFC 6532 §3.1): a quick look, for to find it by
 * decoding is slow.
 */
const STRAY = /[\u00c0\u00c1\u00f5-\u00ff]|(?:^|[\0-\u007f])[\u0080-\u00bf]|[\u00c2-\u00f4](?![\u0080-\u00bf])/
const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9

/** RFC 5322 §2.2.3: the text from `start` to `end` without its line ends. */
function unfold({ bytes, text }: FieldBytes, start: number, end: number): string {
  let value = ''
  let from = start
  for (let lf = text.indexOf('\n', from); lf !== -1 && lf < end; lf = text.indexOf('\n', from)) {
    value += text.slice(from, bytes[lf - 1] === CR ? lf - 1 : lf)
    from = lf + 1
  }
  return value + text.slice(from, end)
}

/** A blank, or of a line end: a CR alone is none. */
function isSpace(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]
  return isBlank(byte) || byte === LF || (byte === CR && bytes[at + 1] === LF)
}

/** The field that these bytes are. They must not be changed afterwards. */
export function fieldFrom(raw: Uint8Array): HeaderField {
  return new RawField(new FieldBytes(raw), 0, raw.length, true)
}

/** Whether the names are the same, ASCII case ignored (RFC 5322 §1.2.2). */
function isSameName(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  if (a === b) return true
  for (let at = 0; at < a.length; at += 1) {
    const code = a.charCodeAt(at)
    const difference = code ^ b.charCodeAt(at)
    if (difference !== 0 && (difference !== 32 || !isLetter(code))) return false
  }
  return true
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122

/**
 * The fields of one message, in order. Immutable: what changes it gives a new one, on the same bytes; the body is no
 * part of it.
 *
 * Names are looked for without regard to the case of ASCII letters. What is put in a place that only its index tells:
 * `Header.of(header.fields.toSpliced(index, 0, field))`.
 */
export class Header {
  /** From the top, lines that are no field among them. */
  readonly fields: readonly HeaderField[]

  private constructor(fields: readonly HeaderField[]) {
    this.fields = fields
  }

  /** A section of these fields, in this order. */
  static of(fields: readonly HeaderField[]): Header {
    return new Header([...fields])
  }

  /** The first field of this name; `undefined` where there is none. */
  first(name: string): HeaderField | undefined {
    return this.fields.find((field) => isSameName(field.name, name))
  }

  /** All fields of this name, from the top. The empty name: the lines that are no field. */
  all(name: string): HeaderField[] {
    return this.fields.filter((field) => isSameName(field.name, name))
  }

  /** Whether there is a field of this name. */
  has(name: string): boolean {
    return this.first(name) !== undefined
  }

  /** With these fields above the others, in the order given: where trace fields belong (RFC 5321 §4.4). */
  prepend(...fields: readonly HeaderField[]): Header {
    return new Header([...fields, ...this.fields])
  }

  /** With these fields below the others, in the order given. */
  append(...fields: readonly HeaderField[]): Header {
    return new Header([...this.fields, ...fields])
  }

  /** With these fields right above the first field of this name; above all where there is none. */
  insertBefore(name: string, ...fields: readonly HeaderField[]): Header {
    const at = this.fields.findIndex((field) => isSameName(field.name, name))
    return new Header(this.fields.toSpliced(Math.max(0, at), 0, ...fields))
  }

  /** With these fields right below the last field of this name; below all where there is none. */
  insertAfter(name: string, ...fields: readonly HeaderField[]): Header {
    const at = this.fields.findLastIndex((field) => isSameName(field.name, name))
    return new Header(this.fields.toSpliced(at === -1 ? this.fields.length : at + 1, 0, ...fields))
  }

  /** Without the fields of this name. */
  without(name: string): Header {
    return new Header(this.fields.filter((field) => !isSameName(field.name, name)))
  }

  /** With `field` where the first field of this name stood, and no other of that name; at the end where none stood. */
  replace(name: string, field: HeaderField): Header {
    const at = this.fields.findIndex((other) => isSameName(other.name, name))
    if (at === -1) return this.append(field)
    const below = this.fields.slice(at + 1).filter((other) => !isSameName(other.name, name))
    return new Header([...this.fields.slice(0, at), field, ...below])
  }

  /**
   * The bytes of all fields, in order, without the empty line that ends the section.
   *
   * A field that came without a line end (the content ended in it) gets one where another follows.
   */
  toBytes(): Uint8Array {
    const chunks: Uint8Array[] = []
    let isOpen = false
    for (const { raw } of this.fields) {
      if (isOpen) chunks.push(CRLF)
      chunks.push(raw)
      isOpen = raw[raw.length - 1] !== LF
    }
    return concat(chunks)
  }
}

const CRLF = Uint8Array.of(CR, LF)

/**
 * Reads a header section, without the empty line that ends it.
 *
 * Any bytes will do: a line that is no field becomes one without a name, so that `toBytes` gives the same bytes. The
 * fields lie on `bytes`, which must not be changed afterwards.
 */
export function parseHeader(bytes: Uint8Array): Header {
  const on = new FieldBytes(bytes)
  const { text } = on
  const fields: HeaderField[] = []
  let start = 0
  while (start < text.length) {
    let end = endOfTextLine(text, start)
    let mayFold = false
    // RFC 5322 §2.2.3: a line that begins with a blank belongs to the field above it.
    for (; isBlank(bytes[end]); mayFold = true) end = endOfTextLine(text, end)
    fields.push(new RawField(on, start, end, mayFold))
    start = end
  }
  return Header.of(fields)
}

function endOfTextLine(text: string, start: number): number {
  const lf = text.indexOf('\n', start)
  return lf === -1 ? text.length : lf + 1
}

/** The section whose fields begin at `starts`, each up to the next. */
export function headerAt(bytes: Uint8Array, starts: readonly number[]): Header {
  const on = new FieldBytes(bytes)
  return Header.of(starts.map((start, index) => new RawField(on, start, starts[index + 1] ?? bytes.length, true)))
}
