/** The fields of one part that a conversion changes, and where they stand. */

import { concat } from '@postroad/bytes'
import type { ConversionEdit } from './convert-edit.ts'
import { LineScanner } from './convert-lines.ts'
import { createField } from './field.ts'
import type { MimePart } from './mime-part.ts'

/** More Content-Transfer-Encoding fields in one header section are no mistake any more; the bound keeps plans small. */
const MOST_ENCODING_FIELDS = 8

const CRLF = Uint8Array.of(13, 10)
const NOTHING = new Uint8Array()

/** A part that is open, without its header section: what lies so deep must not hold so much. */
export class ConversionPart {
  readonly part: Pick<MimePart, 'kind' | 'path' | 'contentType' | 'transferEncoding' | 'undivided' | 'bodyStart'>
  /** Facts of its header section. */
  readonly headerLines: LineScanner
  /** Its header section is that of a message, which alone says MIME-Version (RFC 2045 §4). */
  readonly isMessage: boolean
  readonly hasMimeVersion: boolean
  readonly hasContentType: boolean
  readonly hasTooManyEncodings: boolean
  /** The empty line after its fields is missing: its body begins with a line that is no field. */
  readonly #isUnseparated: boolean
  readonly #headerEnd: number
  /** Where its Content-Transfer-Encoding fields begin and end. */
  readonly #encodingFields: readonly (readonly [start: number, end: number])[]

  constructor(part: MimePart, isMessage: boolean) {
    const { kind, path, contentType, transferEncoding, undivided, header, headerStart, headerEnd, bodyStart } = part
    this.part = { kind, path, contentType, transferEncoding, undivided, bodyStart }
    this.isMessage = isMessage
    this.#headerEnd = headerEnd
    this.#isUnseparated = headerEnd === bodyStart
    this.hasMimeVersion = header.has('MIME-Version')
    this.hasContentType = header.has('Content-Type')
    this.headerLines = new LineScanner()
    const ranges: (readonly [number, number])[] = []
    let count = 0
    let start = headerStart
    for (const { name, raw } of header.fields) {
      this.headerLines.push(raw)
      const end = start + raw.length
      if (name.toLowerCase() === 'content-transfer-encoding') {
        count += 1
        if (count <= MOST_ENCODING_FIELDS) ranges.push([start, end])
      }
      start = end
    }
    this.headerLines.finish()
    // The empty line after it is one too.
    if (bodyStart - headerEnd === 1) this.headerLines.bareLf = true
    this.#encodingFields = ranges
    this.hasTooManyEncodings = count > MOST_ENCODING_FIELDS
  }

  /** Whether a part that begins at `offset` stands in this one's body where its own empty line should. */
  isUnseparatedAt(offset: number): boolean {
    return this.#isUnseparated && this.part.bodyStart === offset
  }

  /** The edits that make its Content-Transfer-Encoding say `encoding`; `undefined`: where it stood already. */
  label(encoding: string): { readonly edits: readonly ConversionEdit[]; readonly missing: Uint8Array } {
    const field = createField('Content-Transfer-Encoding', encoding).raw
    const edits = this.#encodingFields.map(([start, end], index) => ({
      start,
      end,
      bytes: index === 0 ? field : NOTHING,
      encode: undefined,
    }))
    return { edits, missing: edits.length === 0 ? field : NOTHING }
  }

  /** Puts fields at the end of its header section, and the empty line where it is missing and something needs it. */
  insert(fields: readonly Uint8Array[], separates: boolean): ConversionEdit {
    const bytes = concat(separates && this.#isUnseparated ? [...fields, CRLF] : fields)
    return { start: this.#headerEnd, end: this.#headerEnd, bytes, encode: undefined }
  }
}
