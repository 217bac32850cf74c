/**
 * List-Id (RFC 2919 §3): what a mailing list is known by.
 *
 * ```abnf
 * list-id-header = "List-ID:" [phrase] "<" list-id ">" CRLF
 * ```
 */

import { formatPhrase, type Result } from '@postroad/address'
import { parseKeywords } from './keywords.ts'

/** The identifier of a list. */
export interface ListId {
  /** As written, without blanks; two are the same without regard to case (RFC 2919 §6). */
  readonly id: string
  /** The phrase before it; absent where there is none. */
  readonly description?: string
}

/**
 * Reads the value of a List-Id field, lenient about the phrase and about blanks within the brackets, which RFC 2919 §3
 * tells clients to take out; refuses an identifier that is empty, or missing.
 */
export function parseListId(value: string): Result<ListId> {
  const open = value.lastIndexOf('<')
  if (open === -1) return { ok: false, error: { rule: 'list-id-header', offset: value.length, expected: '"<"' } }
  const close = value.indexOf('>', open)
  if (close === -1) return { ok: false, error: { rule: 'list-id-header', offset: value.length, expected: '">"' } }
  const id = value.slice(open + 1, close).replace(/[\0- \u007f]/g, '')
  if (id === '') return { ok: false, error: { rule: 'list-id', offset: open + 1, expected: 'an identifier' } }
  const description = parseKeywords(value.slice(0, open)).join(', ')
  return { ok: true, value: description === '' ? { id } : { id, description } }
}

/** The value of a List-Id field; blanks, angle brackets and what is not ASCII are taken out of the identifier. */
export function formatListId({ id, description = '' }: ListId): string {
  const bracketed = `<${id.replace(/[^!-~]|[<>]/g, '')}>`
  return description === '' ? bracketed : `${formatPhrase(description)} ${bracketed}`
}
