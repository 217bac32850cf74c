/** Checks the form of a header section: fields that must stand, and those that may stand once (RFC 5322 §3.6). */

import { parseAuthors } from './authors.ts'
import { parseDate } from './date.ts'
import type { Header } from './header.ts'

/** One fault of form. */
export interface FormFault {
  /** `missing`, `doubled`, `malformed` as they say; `unreadable`: a line that is no field (its name is empty). */
  readonly kind: 'missing' | 'doubled' | 'malformed' | 'unreadable'
  /** Name of the field, as the RFC spells it. */
  readonly name: string
  /** A sentence for the one who sent it; without anything from the message. */
  readonly explain: string
}

/** RFC 5322 §3.6: fields that occur at most once. */
const SINGLE = [
  'Date',
  'From',
  'Sender',
  'Reply-To',
  'To',
  'Cc',
  'Bcc',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Subject',
] as const

/** RFC 5322 §3.6: fields that occur at least once. */
const REQUIRED = ['Date', 'From'] as const

/** What is wrong with a header section; empty where nothing is. At most one fault of a kind for a name. */
export function checkForm(header: Header): readonly FormFault[] {
  const faults: FormFault[] = []
  const add = (kind: FormFault['kind'], name: string, explain: string): void => {
    faults.push({ kind, name, explain })
  }
  for (const name of REQUIRED) {
    if (!header.has(name)) add('missing', name, `The ${name} field is missing (RFC 5322 §3.6).`)
  }
  for (const name of SINGLE) {
    if (header.all(name).length > 1) add('doubled', name, `The ${name} field may stand once only (RFC 5322 §3.6).`)
  }
  const date = header.first('Date')
  if (date !== undefined && !parseDate(date.value).ok) {
    add('malformed', 'Date', 'The Date field holds no date and time (RFC 5322 §3.3).')
  }
  const from = header.first('From')
  const authors = from === undefined ? [] : parseAuthors(from.value)
  if (authors === undefined) add('malformed', 'From', 'The From field holds no list of addresses (RFC 5322 §3.6.2).')
  const sender = header.first('Sender')
  // RFC 6854 §2.1: a group in Sender has one mailbox at most.
  if (sender !== undefined && (parseAuthors(sender.value)?.length ?? 2) > 1) {
    add('malformed', 'Sender', 'The Sender field holds no single address (RFC 5322 §3.6.2).')
  }
  if (sender === undefined && authors !== undefined && authors.length > 1) {
    add('missing', 'Sender', 'With several addresses in From the Sender field must say who sent it (RFC 5322 §3.6.2).')
  }
  if (header.all('').length > 0) add('unreadable', '', 'A line of the header section is no field (RFC 5322 §2.2).')
  return faults
}
