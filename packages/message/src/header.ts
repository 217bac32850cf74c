/**
 * A header section as a value (RFC 5322 §2.1, §2.2), every field kept byte for byte.
 *
 * Reading and writing an untouched section gives the same bytes, whatever they are. Names and values are decoded only
 * when somebody asks. Nothing here throws for any bytes; time and memory are linear in them.
 */

import { concat, toLatin1, toUtf8Strict } from '@postroad/bytes'
import { colonOf, endOfLine, kindOfLine } from './lines.ts'

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

/** A field on bytes; decodes its name and value on the first look. */
class RawField implements HeaderField {
  readonly raw: Uint8Array
  #name: string | undefined
  #value: string | undefined

  constructor(raw: Uint8Array) {
    this.raw = raw
  }

  get name(): string {
    this.#name ??= toLatin1(this.raw, 0, nameEnd(this.raw))
    return this.#name
  }

  get value(): string {
    this.#value ??= decodeValue(this.raw)
    return this.#value
  }
}

const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9

function nameEnd(raw: Uint8Array): number {
  let end = Math.max(0, colonOf(raw, 0, raw.length))
  while (isBlank(raw[end - 1])) end -= 1
  return end
}

function decodeValue(raw: Uint8Array): string {
  const text = decodeText(unfold(raw.subarray(colonOf(raw, 0, raw.length) + 1)))
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

/** The text of bytes: UTF-8 where they are, else Latin-1 (what is not UTF-8 must lose nothing). */
function decodeText(bytes: Uint8Array): string {
  return toUtf8Strict(bytes) ?? toLatin1(bytes)
}

/** RFC 5322 §2.2.3: takes out each line end. */
function unfold(bytes: Uint8Array): Uint8Array {
  const lines: Uint8Array[] = []
  let start = 0
  for (let end = endOfLine(bytes, 0); end !== undefined; end = endOfLine(bytes, start)) {
    lines.push(bytes.subarray(start, bytes[end - 2] === 13 && end - 2 >= start ? end - 2 : end - 1))
    start = end
  }
  return concat([...lines, bytes.subarray(start)])
}

/** The field that these bytes are. They must not be changed afterwards. */
export function fieldFrom(raw: Uint8Array): HeaderField {
  return new RawField(raw)
}

/** Whether the field's name is `lower`, which is in lower case. */
function isNamed(field: HeaderField, lower: string): boolean {
  return field.name.length === lower.length && field.name.toLowerCase() === lower
}

/** The fields of one message, in order. Immutable: what changes it gives a new one, on the same bytes. */
export class Header {
  readonly fields: readonly HeaderField[]

  private constructor(fields: readonly HeaderField[]) {
    this.fields = fields
  }

  /** A section of these fields, in this order. */
  static of(fields: readonly HeaderField[]): Header {
    return new Header([...fields])
  }

  /** The first field of this name, case ignored; `undefined` where there is none. */
  first(name: string): HeaderField | undefined {
    const lower = name.toLowerCase()
    return this.fields.find((field) => isNamed(field, lower))
  }

  /** All fields of this name, case ignored, from the top. The empty name: the lines that are no field. */
  all(name: string): HeaderField[] {
    const lower = name.toLowerCase()
    return this.fields.filter((field) => isNamed(field, lower))
  }

  /** Whether there is a field of this name, case ignored. */
  has(name: string): boolean {
    return this.first(name) !== undefined
  }

  /** With these fields above the others, in the order given: where trace fields belong (RFC 5321 §4.4). */
  prepend(...fields: HeaderField[]): Header {
    return new Header([...fields, ...this.fields])
  }

  /** Without the fields of this name, case ignored. */
  without(name: string): Header {
    const lower = name.toLowerCase()
    return new Header(this.fields.filter((field) => !isNamed(field, lower)))
  }

  /** With `field` where the first field of this name stood, and no other of that name; at the end where none stood. */
  replace(name: string, field: HeaderField): Header {
    const lower = name.toLowerCase()
    const at = this.fields.findIndex((other) => isNamed(other, lower))
    if (at === -1) return new Header([...this.fields, field])
    return new Header(
      this.fields.flatMap((other, index) => (index === at ? [field] : isNamed(other, lower) ? [] : [other])),
    )
  }

  /**
   * The bytes of all fields, in order, without the empty line that ends the section.
   *
   * A field that came without a line end (the content ended in it) gets one where another follows.
   */
  toBytes(): Uint8Array {
    const chunks: Uint8Array[] = []
    this.fields.forEach(({ raw }, index) => {
      chunks.push(raw)
      if (index < this.fields.length - 1 && raw[raw.length - 1] !== 10) chunks.push(CRLF)
    })
    return concat(chunks)
  }
}

const CRLF = Uint8Array.of(13, 10)

/**
 * Reads a header section, without the empty line that ends it.
 *
 * Any bytes will do: a line that is no field becomes one without a name, so that `toBytes` gives the same bytes. The
 * fields lie on `bytes`, which must not be changed afterwards.
 */
export function parseHeader(bytes: Uint8Array): Header {
  const starts: number[] = []
  let start = 0
  while (start < bytes.length) {
    const end = endOfLine(bytes, start) ?? bytes.length
    if (kindOfLine(bytes, start, end) !== 'continuation' || start === 0) starts.push(start)
    start = end
  }
  return headerAt(bytes, starts)
}

/** The section whose fields begin at `starts`, the first at 0, each up to the next. */
export function headerAt(bytes: Uint8Array, starts: readonly number[]): Header {
  return Header.of(starts.map((start, index) => fieldFrom(bytes.subarray(start, starts[index + 1] ?? bytes.length))))
}
