/**
 * Replies as text and bytes, kept for those that are said again and again: a handler answers with a few constants, and so
 * does a session.
 *
 * Told apart by identity; the last eight of one line, of all sessions together. Who makes a new reply each time only pays
 * what a reply costs.
 */

import { fromLatin1, fromUtf8 } from '@postroad/bytes'
import type { Reply } from '@postroad/envelope'
import { formatReplyLines } from './reply-writer.ts'
import type { ReplyForm } from './reply-writer.ts'

/** One reply in one form. */
export class SaidReply {
  readonly reply: Reply
  readonly form: ReplyForm
  /** Its lines, each with CRLF. */
  readonly text: string
  #bytes: Uint8Array | undefined

  constructor(reply: Reply, form: ReplyForm) {
    this.reply = reply
    this.form = form
    this.text = formatReplyLines(reply, form)
  }

  /** The same as bytes; made once, not to be changed. */
  get bytes(): Uint8Array {
    this.#bytes ??= encode(this.text, this.form.utf8)
    return this.#bytes
  }
}

/** Text of replies as bytes; `utf8`: it may hold characters outside of ASCII. */
export function encode(text: string, utf8: boolean): Uint8Array {
  return utf8 ? fromUtf8(text) : fromLatin1(text)
}

const KEPT: (SaidReply | undefined)[] = Array.from({ length: 8 }, () => undefined)
let oldest = 0

/** A reply as it is said. */
export function sayReply(reply: Reply, form: ReplyForm): SaidReply {
  for (const kept of KEPT) if (kept !== undefined && kept.reply === reply && kept.form === form) return kept
  const said = new SaidReply(reply, form)
  // The answer to a hello is another in each session.
  if (reply.lines.length > 1) return said
  KEPT[oldest] = said
  oldest = (oldest + 1) % KEPT.length
  return said
}
