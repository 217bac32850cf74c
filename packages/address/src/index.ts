/**
 * Mailboxes, paths and domains of RFC 5321 with the UTF-8 forms of RFC 6531, IDNA, the address lists of RFC 5322, and
 * the encoded-words and charsets of the names in them.
 *
 * Parsers never throw: they give a value, or the rule that failed, where, and what was expected there.
 *
 * @packageDocumentation
 */

// What parsers give
export type { Result, SyntaxFault } from './result.ts'

// Mailboxes and paths
export type { Domain, ForwardPath, Mailbox, ReversePath } from './mailbox.ts'
export {
  createMailbox,
  formatMailbox,
  isAscii,
  mailboxKey,
  mailboxOf,
  needsSmtputf8,
  parseMailbox,
  sameMailbox,
} from './parse-mailbox.ts'
export { formatPath, parseForwardPath, parseReversePath } from './path.ts'

// Domains
export { parseDomain, sameDomain } from './domain.ts'
export type { SyntaxOptions } from './domain.ts'
export { domainToAscii, domainToUnicode } from './idna.ts'
export { isAddressLiteral, literalAddress } from './literal.ts'
export type { LiteralAddress } from './literal.ts'

// Local parts
export { ROLE_NAMES } from './role-names.ts'
export { splitSubaddress } from './subaddress.ts'
export type { Subaddress } from './subaddress.ts'

// Address lists of header fields
export { parseAddressList, readAddressList } from './address-list.ts'
export type { Address, AddressListOptions, GroupAddress, MailboxAddress, ReadAddressList } from './address-list.ts'
export { formatAddressList } from './format-address-list.ts'
export type { FormatAddressListOptions } from './format-address-list.ts'

// Phrases, encoded-words and charsets
export { decodeWords } from './encoded-words.ts'
export { decodeWordsStrict } from './strict-words.ts'
export type { StrictWordsOptions } from './strict-words.ts'
export { encodeWords } from './encode-words.ts'
export type { EncodeWordsOptions } from './encode-words.ts'
export { formatPhrase } from './phrase.ts'
export { decodeAscii, decodeCharset, isKnownCharset } from './charset.ts'
export { decodeEscapes, toHex } from './escapes.ts'
