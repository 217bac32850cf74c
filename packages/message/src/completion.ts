/** Completes what a mail client submitted (RFC 6409 §8), purely: the time and the id come in. */

import { formatMailbox, sameMailbox } from '@postroad/address'
import type { Mailbox } from '@postroad/address'
import { parseAuthors } from './authors.ts'
import { formatDate } from './date.ts'
import { createField } from './field.ts'
import type { Header, HeaderField } from './header.ts'
import { formatMessageId } from './message-id.ts'
import { qualifyHeader, type QualificationOptions } from './qualify.ts'

/** What completion needs to know. */
export interface CompletionOptions {
  /** When it was submitted, in milliseconds since the epoch; the Date field of a message that has none. */
  readonly at: number
  /** What makes a new Message-ID unique, its left side; or a whole identifier in angle brackets. */
  readonly messageId: string
  /** Right side of a new Message-ID: our domain. */
  readonly domain: string
  /** Who submitted it, where that is known; absent: no Sender is added. */
  readonly sender?: Mailbox
  /** What completes addresses that are not fully qualified (RFC 6409 §4.2); absent: they stay as they are. */
  readonly qualification?: QualificationOptions
}

/** A completed header section. */
export interface Completion {
  /** The fields of `added`, then those submitted that stay. */
  readonly header: Header
  /** What was added, in the order it stands at the top of `header`; empty where nothing was missing. */
  readonly added: readonly HeaderField[]
}

/**
 * Adds Date (RFC 6409 §8.2), Message-ID (RFC 6409 §8.3) and Sender (RFC 6409 §8.1) where they are missing, above the
 * other fields, and removes Bcc and Resent-Bcc (RFC 5322 §3.6.3).
 *
 * Sender is added where `sender` is known, no Sender stands there, and From names somebody else, or several (RFC 5322
 * §3.6.2). Of the fields that stand only addresses without a domain are changed, and only with `qualification`.
 */
export function completeSubmission(submitted: Header, options: CompletionOptions): Completion {
  const { at, messageId, domain, sender, qualification } = options
  const header = qualification === undefined ? submitted : qualifyHeader(submitted, qualification)
  const added: HeaderField[] = []
  if (!header.has('Date')) added.push(createField('Date', formatDate(at)))
  if (!header.has('Message-ID')) {
    const id = messageId.startsWith('<') ? messageId : formatMessageId(messageId, domain)
    added.push(createField('Message-ID', id))
  }
  if (sender !== undefined && !header.has('Sender') && !isOnlyAuthor(header, sender)) {
    added.push(createField('Sender', formatMailbox(sender)))
  }
  // RFC 5322 §3.6.3 for Bcc; RFC 5322 §3.6.6 gives Resent-Bcc the same meaning.
  return {
    header: header
      .without('Bcc')
      .without('Resent-Bcc')
      .prepend(...added),
    added,
  }
}

function isOnlyAuthor(header: Header, sender: Mailbox): boolean {
  const authors = parseAuthors(header.first('From')?.value ?? '')
  const [author] = authors ?? []
  return author !== undefined && authors?.length === 1 && sameMailbox(author, sender)
}
