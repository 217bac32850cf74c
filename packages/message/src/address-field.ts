/**
 * Fields of addresses (RFC 5322 §3.6.2, §3.6.3, §3.6.6; RFC 6854 §2.1), read from a header section and written.
 *
 * The grammar of the lists is that of `@postroad/address`; here are the rules of each field, and encoded words
 * (RFC 2047 §5) in names.
 */

import {
  type Address,
  decodeWords,
  formatAddressList,
  parseAddressList,
  readAddressList,
  type ReadAddressList,
  type Result,
} from '@postroad/address'
import { skipCfws } from './cfws.ts'
import { createField } from './field.ts'
import type { Header, HeaderField } from './header.ts'

/** The fields that hold addresses, as the RFCs spell them. */
export type AddressFieldName =
  | 'From'
  | 'Sender'
  | 'Reply-To'
  | 'To'
  | 'Cc'
  | 'Bcc'
  | 'Resent-From'
  | 'Resent-Sender'
  | 'Resent-Reply-To'
  | 'Resent-To'
  | 'Resent-Cc'
  | 'Resent-Bcc'

/**
 * Reads the field of this name strictly; `undefined` where there is none.
 *
 * Refuses obsolete forms, an encoded word out of form stays as it is; a field that stands twice (RFC 5322 §3.6, the
 * rule is `fields`); more than one mailbox in Sender (RFC 5322 §3.6.2, RFC 6854 §2.1); groups in Resent-From and
 * Resent-Sender (RFC 5322 §3.6.6). Bcc and Resent-Bcc may be empty (RFC 5322 §3.6.3).
 */
export function parseAddressField(header: Header, name: AddressFieldName): Result<readonly Address[]> | undefined {
  const [field, second] = header.all(name)
  if (field === undefined) return undefined
  if (second !== undefined) return { ok: false, error: { rule: 'fields', offset: 0, expected: `one ${name} field` } }
  return parseAddressValue(name, field.value)
}

/** Reads the value of one such field strictly: see `parseAddressField`. */
export function parseAddressValue(name: AddressFieldName, value: string): Result<readonly Address[]> {
  if (name.endsWith('Bcc') && skipCfws(value, 0) === value.length) return { ok: true, value: [] }
  const result = parseAddressList(value)
  if (!result.ok) return result
  const expected = misplaced(name, result.value)
  return expected === undefined ? result : { ok: false, error: { rule: name.toLowerCase(), offset: 0, expected } }
}

/** What the field asks for where the addresses are not it. */
function misplaced(name: AddressFieldName, addresses: readonly Address[]): string | undefined {
  const group = addresses.find((address) => address.kind === 'group')
  // RFC 6854 §2.1 changes From, Sender and Reply-To, not what is resent.
  if (group !== undefined && (name === 'Resent-From' || name === 'Resent-Sender')) return 'no group'
  if (!name.endsWith('Sender')) return undefined
  return addresses.length > 1 || (group !== undefined && group.members.length > 1) ? 'one mailbox' : undefined
}

/**
 * Reads all fields of this name leniently, as if they were one (RFC 5322 §4.5.3 has it so for the obsolete recipient
 * fields); no addresses where there is none. Encoded words in names are decoded wherever they stand, between quotes
 * too. The faults, at most a hundred for each field, have offsets within the value they are in.
 */
export function readAddressField(header: Header, name: AddressFieldName): ReadAddressList {
  const lists = header.all(name).map(({ value }) => readAddressValue(value))
  return { addresses: lists.flatMap((list) => list.addresses), faults: lists.flatMap((list) => list.faults) }
}

/** Reads the value of one field of addresses leniently: see `readAddressField`. */
export function readAddressValue(value: string): ReadAddressList {
  // Decoded once and whole below, since a word between quotes may go on outside of them.
  const { addresses, faults } = readAddressList(value, { decodeName: (name) => name })
  return { addresses: addresses.map(withDecodedName), faults }
}

function withDecodedName<T extends Address>(address: T): T {
  const named = address.name === undefined ? address : { ...address, name: decodeWords(address.name) }
  return address.kind === 'group' ? { ...named, members: address.members.map(withDecodedName) } : named
}

/** How a field of addresses is written. */
export interface AddressFieldOptions {
  /** Names outside ASCII are written in UTF-8 (RFC 6532 §3.2), for a message that needs SMTPUTF8 anyway; default false. */
  readonly utf8?: boolean
}

/**
 * The field of these addresses, folded. Names outside ASCII are encoded words (RFC 2047 §5). An address that is not
 * ASCII itself is written in UTF-8, for which the message needs SMTPUTF8.
 */
export function formatAddressField(
  name: AddressFieldName,
  addresses: readonly Address[],
  options: AddressFieldOptions = {},
): HeaderField {
  const { utf8 = false } = options
  return createField(name, formatAddressList(addresses, { smtputf8: utf8, fold: false }))
}
