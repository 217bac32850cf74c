/**
 * Reads Received fields (RFC 5321 §4.4) as they are found: by clause, lenient, without judging.
 *
 * Many programs write words of their own; what stands before the first clause, and between clauses, is kept with the
 * clause before it.
 */

import { isSpace, skipComment } from './cfws.ts'
import { parseDate } from './date.ts'
import type { MailDate } from './date.ts'
import { readDate } from './lenient-date.ts'

/** A Received field, taken apart. */
export interface ReceivedTokens {
  /**
   * By keyword in lower case: `from`, `by`, `via`, `with`, `id`, `for`, `tls`, `group`, `priority`. Of doubled ones the
   * first. Some programs write one behind the time stamp.
   */
  readonly clauses: ReadonlyMap<string, ReceivedClause>
  /** The time stamp; `undefined` where none can be read. */
  readonly date: MailDate | undefined
}

/** One clause. */
export interface ReceivedClause {
  /** Its words, joined with single blanks; empty where it had none. */
  readonly value: string
  /** Its comments, without the parentheses around each, in order. */
  readonly comments: readonly string[]
}

/** RFC 5321 §4.4; RFC 8314 §4.3 registers `tls` with its `group`, RFC 6710 §7 `priority`. */
const KEYWORDS: ReadonlySet<string> = new Set(['from', 'by', 'via', 'with', 'id', 'for', 'tls', 'group', 'priority'])

/** Reads the value of a Received field. Takes anything. */
export function parseReceived(value: string): ReceivedTokens {
  const clauses = new Map<string, ReceivedClause>()
  let keyword = ''
  let words: string[] = []
  let comments: string[] = []
  let dateStart = value.length
  const close = (): void => {
    if (keyword !== '' && !clauses.has(keyword)) clauses.set(keyword, { value: words.join(' '), comments })
    words = []
    comments = []
  }
  for (let at = 0; at < value.length;) {
    const end = endOfToken(value, at)
    const token = value.slice(at, end)
    if (token.startsWith('(') && end > at + 1) comments.push(token.slice(1, -1))
    else if (token === ';') {
      close()
      keyword = ''
      dateStart = Math.min(dateStart, end)
    } else if (KEYWORDS.has(token.toLowerCase())) {
      close()
      keyword = token.toLowerCase()
    } else if (!isSpace(token.charCodeAt(0))) words.push(token)
    at = end
  }
  close()
  return { clauses, date: dateOf(value, dateStart) }
}

/** The time stamp: in form, or else whatever can be read as one. */
function dateOf(value: string, start: number): MailDate | undefined {
  const text = value.slice(start)
  // A later semicolon is nearer to the date where a program wrote one inside a clause.
  for (const candidate of [text, text.slice(text.lastIndexOf(';') + 1)]) {
    const date = parseDate(candidate)
    if (date.ok) return date.value
  }
  return readDate(text)
}

/** Where the token at `start` ends: a comment, a quoted string, a semicolon, a run of blanks, or a word. */
function endOfToken(value: string, start: number): number {
  const first = value.charAt(start)
  if (first === ';') return start + 1
  if (first === '(') {
    const end = skipComment(value, start)
    return end === -1 ? value.length : end
  }
  let at = start
  if (isSpace(value.charCodeAt(at))) {
    while (isSpace(value.charCodeAt(at))) at += 1
    return at
  }
  let quoted = false
  for (; at < value.length; at += 1) {
    const character = value.charAt(at)
    if (character === '"') quoted = !quoted
    else if (!quoted && (character === ';' || character === '(' || isSpace(value.charCodeAt(at)))) break
  }
  return at
}
