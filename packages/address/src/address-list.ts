/**
 * Address lists of header fields (RFC 5322 §3.4, RFC 6532 §3.2, RFC 6854 §2.1), read strictly or leniently.
 *
 *     address-list  = (address *("," address)) / obs-addr-list
 *     address       = mailbox / group
 *     mailbox       = [[display-name] "<" addr-spec ">"] / addr-spec
 *     group         = display-name ":" [group-list] ";" [CFWS]
 *
 * Both manners are one grammar: the lenient one is told of every fault and goes on, the strict one gives the first.
 * One pass, without recursion; time and memory are linear in the length of the text.
 *
 * Deviation: RFC 5322 §3.4.1: a domain must be one that RFC 5321 §4.1.2 allows, and a local part holds no control
 * character, so that each mailbox read here can be given to SMTP as it is. Their lengths are limited as there, but the
 * local part's, of which RFC 5322 knows no limit.
 */

import { AddressReader } from './address-reader.ts'
import type { Mailbox } from './mailbox.ts'
import { accept, type Result, type SyntaxFault } from './result.ts'

/** One entry of an address list. */
export type Address = MailboxAddress | GroupAddress

/** A mailbox, perhaps with the name of its owner. */
export interface MailboxAddress {
  readonly kind: 'mailbox'
  /** The display-name, decoded, or where a lenient reader found none, the comment behind the address; absent where empty. */
  readonly name?: string
  /** May hold UTF-8, and a local part of more than the 64 octets that SMTP must take (RFC 5321 §4.5.3.1.1). */
  readonly mailbox: Mailbox
}

/** Mailboxes under one name; none in `Undisclosed recipients:;`. */
export interface GroupAddress {
  readonly kind: 'group'
  /** The display-name, decoded; empty only where it was written `""`, or means nothing. */
  readonly name: string
  /** In the order of the text; empty where nobody is named (RFC 5322 §3.4). */
  readonly members: readonly MailboxAddress[]
}

/** How names are read. */
export interface AddressListOptions {
  /**
   * Decodes the encoded-words (RFC 2047) in a run of atoms with one space between them, or in a comment. Default:
   * `decodeWords` where the list is read leniently, `decodeWordsStrict` for a phrase where strictly: what is out of form
   * stays as it is. Of more than fifty charsets in one list the others stay as they are. A function that gives back its
   * text leaves all as they are.
   *
   * Given only text that holds `=?`; never what stands between quotes, where RFC 2047 §5 allows none. Control characters
   * in what it gives become spaces.
   */
  readonly decodeName?: (text: string) => string
}

/** What a lenient reader found. */
export interface ReadAddressList {
  /** In the order of the text; what is broken is left out, so that there may be none. */
  readonly addresses: readonly Address[]
  /** Where the text departs even from the obsolete grammar; empty where it does not. At most a hundred. */
  readonly faults: readonly SyntaxFault[]
}

/** Reads an address list; refuses whatever RFC 5322 §3 does not allow to be written, obsolete forms included. */
export function parseAddressList(text: string, options: AddressListOptions = {}): Result<readonly Address[]> {
  const { addresses, faults } = new AddressReader(text, true, options).read()
  const [error] = faults
  return error === undefined ? accept(addresses) : { ok: false, error }
}

/**
 * Reads what can be read of an address list, with the obsolete forms of RFC 5322 §4.4 and the mistakes that are seen:
 * names with specials and no quotes, semicolons for commas, addresses without their last bracket, names in comments.
 *
 * An address that is broken itself is left out, and never guessed; the faults say where.
 */
export function readAddressList(text: string, options: AddressListOptions = {}): ReadAddressList {
  return new AddressReader(text, false, options).read()
}
