/** Replies (RFC 5321 §4.2) as values: what a peer said, or what we say. */

import type { EnhancedStatusCode } from './status.ts'
import { isStatus } from './status.ts'

/** A reply: three digits, an enhanced status code where there is one, and text. */
export interface Reply {
  /** 200 to 599. */
  readonly code: number
  /** `undefined` for replies that carry none, as those to EHLO and the greeting (RFC 2034 §4). */
  readonly status: EnhancedStatusCode | undefined
  /** The text, a line each, without code, status and CRLF. One line at least; it may be empty. */
  readonly lines: readonly string[]
}

/**
 * Creates a reply. `text` may hold several lines parted by `\n`.
 *
 * The caller answers for the text: a CR in it, or a character that is not printable, is made a `?`, so that nothing a
 * peer said can forge a line of ours.
 */
export function reply(code: number, status: EnhancedStatusCode | undefined, text: string): Reply {
  return { code, status, lines: text.split('\n').map((line) => line.replace(UNPRINTABLE, '?')) }
}

const UNPRINTABLE = /[\u0000-\u0008\u000a-\u001f\u007f]/g

/** Whether the reply is a positive completion or intermediate one: 2yz or 3yz (RFC 5321 §4.2.1). */
export function isPositive({ code }: Reply): boolean {
  return code >= 200 && code < 400
}

/** `250 2.1.5 OK`; lines after the first are joined with a space. For logs, reports and `Diagnostic-Code`. */
export function formatReply({ code, status, lines }: Reply): string {
  const text = lines.join(' ')
  return [code, status, text].filter((part) => part !== undefined && part !== '').join(' ')
}

/** Takes an enhanced status code from the front of a line of text (RFC 2034 §4): the code and what follows it. */
export function splitStatus(line: string): { readonly status: EnhancedStatusCode | undefined; readonly text: string } {
  const end = line.indexOf(' ')
  const word = end === -1 ? line : line.slice(0, end)
  return isStatus(word)
    ? { status: word, text: end === -1 ? '' : line.slice(end + 1) }
    : { status: undefined, text: line }
}
