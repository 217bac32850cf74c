/** Authentication-Results (RFC 8601 §2.2), written. */

import type { AuthenticationProperty, AuthenticationResult, AuthenticationResults } from './authentication-results.ts'
import { formatQuotedString, isToken } from './token-reader.ts'

/** What is written of an Authentication-Results field; without a `version` it is 1. */
export type AuthenticationResultsToWrite = Pick<AuthenticationResults, 'authservId'> & {
  readonly version?: number
  readonly results: readonly AuthenticationResultToWrite[]
}

/** One result to write; without a `version` it is 1, and what else is absent is left out. */
export type AuthenticationResultToWrite = Pick<AuthenticationResult, 'method' | 'result'> &
  Partial<AuthenticationResult>

/**
 * The value of an Authentication-Results field, on one line; `none` where there are no results.
 *
 * What peers said (reasons, values, comments) is quoted as needed, and loses its control characters: it can end
 * neither its result nor the field. A method, result, ptype or property that is no Keyword (RFC 5321 §4.1.2) becomes
 * one, other characters as `-`; a property without a ptype gets `policy` (RFC 8601 §2.4). Characters outside ASCII are
 * written in UTF-8 (RFC 8601 §1.5.2), for which the message needs SMTPUTF8.
 */
export function formatAuthenticationResults({
  authservId,
  version = 1,
  results,
}: AuthenticationResultsToWrite): string {
  const head = formatValue(authservId) + (version === 1 ? '' : ` ${formatVersion(version)}`)
  if (results.length === 0) return `${head}; none`
  return [head, ...results.map(formatResult)].join('; ')
}

function formatResult({
  method,
  version = 1,
  result,
  reason,
  properties = [],
  comments = [],
}: AuthenticationResultToWrite): string {
  const name = toKeyword(method) + (version === 1 ? '' : `/${formatVersion(version)}`)
  const words = [`${name}=${toKeyword(result)}`, ...comments.map(formatComment)]
  if (reason !== undefined) words.push(`reason=${formatValue(reason)}`)
  return [...words, ...properties.map(formatProperty)].join(' ')
}

const formatVersion = (version: number): string => String(Math.min(999_999_999, Math.max(0, Math.trunc(version)) || 0))

function formatProperty({ ptype, property, value }: AuthenticationProperty): string {
  const type = ptype === '' ? 'policy' : toKeyword(ptype)
  return `${type}.${toKeyword(property)}=${value.length <= LONGEST_MAILBOX && MAILBOX.test(value) ? value : formatValue(value)}`
}

/** Longer than any mailbox is; what is over that is quoted as a whole. */
const LONGEST_MAILBOX = 1_000

/** A mailbox or `@` and a domain, which need no quotes (RFC 8601 §2.2). */
const MAILBOX =
  /^(?:[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.\u0080-\uffff]*|"(?:[^"\\\0-\u001f\u007f]|\\[ -~])*")@[A-Za-z0-9._\-\u0080-\uffff]+$/

/** RFC 5321 §4.1.2: letters, digits and hyphens inside. */
function toKeyword(text: string): string {
  const word = text.toLowerCase().replace(/[^a-z0-9-]/g, '-')
  return /^[a-z0-9]/.test(word) && /[a-z0-9]$/.test(word) ? word : `x${word}x`
}

function formatValue(text: string): string {
  const clean = text.replace(/[\0-\u001f\u007f]/g, ' ')
  return isToken(clean) ? clean : formatQuotedString(clean)
}

function formatComment(text: string): string {
  return `(${text.replace(/[\0-\u001f\u007f]/g, ' ').replace(/[()\\]/g, '\\$&')})`
}
