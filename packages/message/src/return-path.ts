/**
 * Return-Path, read (RFC 5322 §3.6.7): where reports of failure go, as final delivery wrote it down (RFC 5321 §4.4).
 *
 * ```abnf
 * path = angle-addr / ([CFWS] "<" [CFWS] ">" [CFWS])
 * ```
 */

import { parseAddressList, readAddressList, type Address, type Result, type ReversePath } from '@postroad/address'
import { skipCfws } from './cfws.ts'

/** Reads the value of a Return-Path field strictly; `null` is the null path `<>`. */
export function parseReturnPath(value: string): Result<ReversePath> {
  const start = skipCfws(value, 0)
  if (value.charAt(start) !== '<') return { ok: false, error: { rule: 'path', offset: start, expected: '"<"' } }
  if (isNullPath(value)) return { ok: true, value: null }
  const result = parseAddressList(value)
  if (!result.ok) return result
  const mailbox = oneMailbox(result.value)
  if (mailbox === undefined) return { ok: false, error: { rule: 'path', offset: start, expected: 'one mailbox' } }
  return { ok: true, value: mailbox }
}

/**
 * Reads the value of a Return-Path field leniently: with a source route, without its brackets, with a name; `undefined`
 * where it names no mailbox, or several.
 */
export function readReturnPath(value: string): ReversePath | undefined {
  if (isNullPath(value)) return null
  return oneMailbox(readAddressList(value).addresses)
}

function isNullPath(value: string): boolean {
  const open = skipCfws(value, 0)
  const close = skipCfws(value, open + 1)
  return value.charAt(open) === '<' && value.charAt(close) === '>' && skipCfws(value, close + 1) === value.length
}

function oneMailbox([address, second]: readonly Address[]): Exclude<ReversePath, null> | undefined {
  return address?.kind === 'mailbox' && second === undefined ? address.mailbox : undefined
}
