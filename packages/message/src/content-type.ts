/**
 * Content-Type (RFC 2045 §5.1).
 *
 * ```abnf
 * content = "Content-Type" ":" type "/" subtype *( ";" parameter )     ; comments and blanks between all of them
 * ```
 * Characters outside ASCII are read leniently as part of a token, where RFC 6532 §3.2 would have them in quotes.
 */

import type { Result } from '@postroad/address'
import { formatParameters } from './format-parameters.ts'
import { type Parameters, readParameters } from './parameters.ts'
import { isToken, TokenReader } from './token-reader.ts'

/** A media type. */
export interface ContentType extends Parameters {
  /** In lower case: `text`, `multipart` ... */
  readonly type: string
  /** In lower case: `plain`, `report` ... */
  readonly subtype: string
}

/**
 * Reads the value of a Content-Type field. Takes anything: a missing one (`undefined`), and one that begins with no
 * type and subtype, are `text/plain; charset=us-ascii` (RFC 2045 §5.2). Parameters are read as leniently as can be:
 * forgotten semicolons and quotes do no harm. Encoded words in them, which RFC 2047 §5 forbids, stay as they are: see
 * `readFileName`.
 */
export function parseContentType(value: string | undefined): ContentType {
  return read(new TokenReader(value ?? '')) ?? DEFAULT
}

/**
 * Reads the value of a Content-Type field strictly (RFC 2045 §5.1, RFC 2231 §7). Refuses also what has no single
 * meaning: a parameter that stands twice, or with a section missing.
 */
export function parseContentTypeStrict(value: string): Result<ContentType> {
  const reader = new TokenReader(value)
  return reader.result(read(reader) ?? DEFAULT, 'content')
}

const DEFAULT: ContentType = { type: 'text', subtype: 'plain', parameters: new Map([['charset', 'us-ascii']]) }

function read(reader: TokenReader): ContentType | undefined {
  const type = token(reader, 'type')
  const subtype = reader.literal('/') ? token(reader, 'subtype') : ''
  if (type === '' || subtype === '') {
    reader.refuse('content', reader.at, '"/"')
    return undefined
  }
  return { type, subtype, ...readParameters(reader) }
}

function token(reader: TokenReader, rule: string): string {
  const start = reader.at
  const text = reader.token().toLowerCase()
  if (text === '') reader.refuse(rule, start, 'a token')
  return text
}

/**
 * The value of a Content-Type field, on one line. With a type or subtype that is no token it is
 * `application/octet-stream`, what nobody knows (RFC 2046 §4.5.1).
 */
export function formatContentType(contentType: ContentType): string {
  const { type, subtype } = contentType
  const media = isToken(type) && isToken(subtype) ? `${type}/${subtype}` : 'application/octet-stream'
  return media + formatParameters(contentType)
}
