/** Addresses in running text: at a place, before a place, and at the front of a line. Only what is a mailbox counts. */

import { parseMailbox } from '@postroad/address'
import type { Mailbox } from '@postroad/address'

/** A mailbox in a text and where it ends. */
export interface FoundAddress {
  readonly mailbox: Mailbox
  /** Offset behind it and the bracket or quotation mark that closes it. */
  readonly end: number
}

/** Longest text that is tried: a path (RFC 5321 §4.5.3.1.3). */
const LONGEST = 256

const isStop = (character: string): boolean => character === '' || ' \t<>()[]{},;:"'.includes(character)
const isOpening = (character: string): boolean => character !== '' && ' \t<([{"\':'.includes(character)

/** The mailbox that stands at `from`, behind blanks, colons, opening brackets and quotation marks. */
export function addressAt(text: string, from: number): FoundAddress | undefined {
  let start = from
  while (isOpening(text.charAt(start))) start += 1
  let end = start
  while (end - start < LONGEST && !isStop(text.charAt(end))) end += 1
  const mailbox = mailboxOf(text.slice(start, end))
  if (mailbox === undefined) return undefined
  while (end < text.length && '>)]"\''.includes(text.charAt(end))) end += 1
  return { mailbox, end }
}

/** The mailbox that ends before `to`. */
export function addressBefore(text: string, to: number): Mailbox | undefined {
  let end = to
  while (end > 0 && ' >)]"\':'.includes(text.charAt(end - 1))) end -= 1
  let start = end
  while (start > 0 && end - start < LONGEST && !isStop(text.charAt(start - 1))) start -= 1
  return mailboxOf(text.slice(start, end))
}

/** `<address>` at the front of a line, with what systems put behind it: a colon, or a remark in parentheses. */
export function bracketedAddress(line: string, from = 0): FoundAddress | undefined {
  const open = line.charAt(from) === ' ' ? from + 1 : from
  const close = line.indexOf('>', open)
  if (line.charAt(open) !== '<' || close === -1 || close - open > LONGEST) return undefined
  const behind = line.slice(close + 1, close + 3).trimStart()
  if (!behind.startsWith(':') && !behind.startsWith('(')) return undefined
  const mailbox = mailboxOf(line.slice(open + 1, close))
  return mailbox === undefined ? undefined : { mailbox, end: close + 1 }
}

/** Points of a list, and the reply code that old transcripts put in front. */
const LEAD = /(?:[>*\-\u2022 ]+)?(?:[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3} )?)?/y

/** The address at the front of a line, behind the points of a list. */
export function leadingAddress(line: string, from = 0): FoundAddress | undefined {
  LEAD.lastIndex = from
  LEAD.test(line)
  return addressAt(line, LEAD.lastIndex)
}

/** A local part alone at the front of a line, as a mailbox of `domain`. */
export function leadingLocalPart(line: string, domain: string): FoundAddress | undefined {
  const name = line.slice(0, LONGEST).split(' ', 1).join('')
  const mailbox = mailboxOf(`${name}@${domain}`)
  return mailbox === undefined ? undefined : { mailbox, end: name.length }
}

/** Points and marks of the sentence around an address: an ellipsis too, as sendmail writes. */
const TRAILING = /[.,!?'*]$/

/** A domain of one label is no address in a text: too much else has an @ in it. */
function mailboxOf(token: string): Mailbox | undefined {
  let text = token
  while (TRAILING.test(text)) text = text.slice(0, -1)
  const result = parseMailbox(text, { smtputf8: true })
  return result.ok && /[.[]/.test(result.value.domain) ? result.value : undefined
}
