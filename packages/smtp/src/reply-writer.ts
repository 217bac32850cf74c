/**
 * Writes replies as they go over the wire (RFC 5321 §4.2, RFC 2034 §4).
 *
 * Whatever the text holds, what is written is one well-formed reply: a character that must not stand in a reply
 * becomes `?`, a line that is too long is continued on the next.
 */

import type { Reply } from '@postroad/envelope'

/** Longest reply line with its CRLF (RFC 5321 §4.5.3.1.5). */
const MAX_LINE_BYTES = 512

/** How a reply is to be written. */
export interface ReplyForm {
  /** With an enhanced status code, `X.0.0` where it has none; greeting and answers to a hello go without (RFC 2034 §4). */
  readonly status: boolean
  /** Characters outside of ASCII may stand in it (RFC 6531 §3.7.4). */
  readonly utf8: boolean
}

/** Whether this is a reply: a code of 200 to 599, and one line at least. */
export function isReply({ code, lines }: Reply): boolean {
  return Number.isInteger(code) && code >= 200 && code < 600 && lines.length > 0
}

/** The reply with CRLF behind each of its lines. */
export function formatReplyLines({ code, status, lines }: Reply, form: ReplyForm): string {
  const isIntermediate = code >= 300 && code < 400
  const prefix = form.status && !isIntermediate ? `${status ?? `${Math.floor(code / 100)}.0.0`} ` : ''
  const [only] = lines
  if (lines.length === 1 && only !== undefined && only.length < 400 && !UNFIT.test(only)) {
    return `${code} ${prefix}${only}\r\n`
  }
  // Four bytes a character at most in UTF-8.
  const room = (MAX_LINE_BYTES - 4 - prefix.length - 2) / (form.utf8 ? 4 : 1)
  const pieces: string[] = []
  for (const line of lines) {
    const text = line.replace(form.utf8 ? UNFIT_IN_UTF8 : UNFIT_GLOBALLY, '?')
    const characters = Array.from(text)
    for (let at = 0; at === 0 || at < characters.length; at += Math.floor(room)) {
      pieces.push(prefix + characters.slice(at, at + Math.floor(room)).join(''))
    }
  }
  const last = pieces.length - 1
  return pieces.map((piece, index) => `${code}${index === last ? ' ' : '-'}${piece}\r\n`).join('')
}

/** What must not stand in a `textstring` (RFC 5321 §4.2): all but HT, SP and printable ASCII. */
const UNFIT = /[^\t\u0020-\u007e]/
const UNFIT_GLOBALLY = /[^\t\u0020-\u007e]/gu
const UNFIT_IN_UTF8 = /[\u0000-\u0008\u000a-\u001f\u007f]/gu
