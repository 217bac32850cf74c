/** Address lists as text (RFC 5322 §3.4): what `parseAddressList` reads back as the same. */

import type { Address, MailboxAddress } from './address-list.ts'
import { ATEXT, isAsciiText, isOf, nonAsciiWidth } from './characters.ts'
import { cleanText } from './header-scanner.ts'
import { formatMailbox } from './parse-mailbox.ts'

/** How names are written. */
export interface FormatAddressListOptions {
  /**
   * Writes a name that is not ASCII as a phrase, in encoded-words (RFC 2047 §5); its result is used as it is. Default:
   * written in UTF-8, for messages that RFC 6532 allows.
   */
  readonly encodeName?: (name: string) => string
}

/**
 * Writes the list on one line, with `, ` between addresses. Not folded: the writer of the field folds at spaces.
 *
 * Names are quoted only where needed. Control characters in a name become spaces, so no name can break the field.
 */
export function formatAddressList(list: readonly Address[], options: FormatAddressListOptions = {}): string {
  const encodeName = options.encodeName ?? formatName
  return list.map((address) => formatAddress(address, encodeName)).join(', ')
}

function formatAddress(address: Address, encodeName: (name: string) => string): string {
  if (address.kind === 'mailbox') return formatMember(address, encodeName)
  const members = address.members.map((member) => formatMember(member, encodeName)).join(', ')
  return `${formatPhrase(address.name, encodeName)}:${members && ` ${members}`};`
}

function formatMember({ name = '', mailbox }: MailboxAddress, encodeName: (name: string) => string): string {
  return name === '' ? formatMailbox(mailbox) : `${formatPhrase(name, encodeName)} <${formatMailbox(mailbox)}>`
}

function formatPhrase(name: string, encodeName: (name: string) => string): string {
  return isAsciiText(name) ? formatName(name) : encodeName(cleanText(name))
}

/** A phrase of atoms where the name is one, else a quoted string. What looks like an encoded-word is quoted too. */
function formatName(name: string): string {
  const clean = cleanText(name)
  if (isAtoms(clean) && !clean.includes('=?')) return clean
  return `"${clean.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** Whether the text is atoms with one space between them. */
function isAtoms(text: string): boolean {
  let wordExpected = true
  for (let at = 0; at < text.length;) {
    const width = isOf(text.charCodeAt(at), ATEXT) ? 1 : nonAsciiWidth(text, at)
    if (width === 0 && (wordExpected || text.charAt(at) !== ' ')) return false
    wordExpected = width === 0
    at += Math.max(1, width)
  }
  return !wordExpected
}
