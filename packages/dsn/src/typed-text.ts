/** What the fields of reports hold (RFC 3464 §2.1.2): text with a type, text in a language, dates. */

import { parseDate } from '@postroad/message'
import type { Header, MailDate } from '@postroad/message'

/** Text with the type that says how to read it (RFC 3464 §2.1.2). */
export interface TypedText {
  /** In lower case: `dns`, `smtp` ...; `undefined` where none stood. */
  readonly type: string | undefined
  /** Comments included: in a name of an MTA they give its address. */
  readonly text: string
}

/** Text with the language it is in (RFC 6533 §4.1). */
export interface LocalizedText {
  /** A tag (BCP 47), as written. */
  readonly language: string
  /** All that stands behind the first semicolon, unfolded; may be empty. */
  readonly text: string
}

/**
 * Splits `type; text` (RFC 3464 §2.1.2). Without a semicolon, or where what stands before it is no atom, it is all
 * text.
 */
export function splitType(value: string): TypedText {
  const semicolon = value.indexOf(';')
  const type = value.slice(0, Math.max(0, semicolon)).trim().toLowerCase()
  if (!ATOM.test(type)) return { type: undefined, text: value.trim() }
  return { type, text: value.slice(semicolon + 1).trim() }
}

/** RFC 5322 §3.2.3: atom, in lower case. */
const ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+$/

/** The value of the first field of this name; empty where there is none. */
export function valueOf(fields: Header, name: string): string {
  return fields.first(name)?.value ?? ''
}

/** The first field of this name, split; `undefined` where there is none. */
export function typedTextOf(fields: Header, name: string): TypedText | undefined {
  const field = fields.first(name)
  return field && splitType(field.value)
}

/** All fields of this name, each with its language. */
export function localizedTextsOf(fields: Header, name: string): readonly LocalizedText[] {
  return fields.all(name).flatMap(({ value }) => {
    const semicolon = value.indexOf(';')
    if (semicolon === -1) return []
    return [{ language: value.slice(0, semicolon).trim(), text: value.slice(semicolon + 1).trim() }]
  })
}

/** The date of the first field of this name; `undefined` where none can be read. */
export function dateOf(fields: Header, name: string): MailDate | undefined {
  const result = parseDate(asDateTime(valueOf(fields, name)))
  return result.ok ? result.value : undefined
}

/** `Mon Mar 27 18:06:29 2006 GMT`, which some programs write, in the order of RFC 5322 §3.3; other text as it is. */
function asDateTime(value: string): string {
  const [, month = '', day = '', time = '', year = '', zone] = CTIME.exec(value) ?? []
  return month === '' ? value : `${day} ${month} ${year} ${time} ${zone ?? '+0000'}`
}

const CTIME = /^[A-Za-z]{3},? ([A-Za-z]{3}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})(?: ([A-Za-z]{1,5}|[+-]\d{4}))?$/
