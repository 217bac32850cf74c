/** The mailboxes that a field of addresses names (RFC 5322 §3.6.2). */

import { readAddressList } from '@postroad/address'
import type { Mailbox } from '@postroad/address'

/**
 * All mailboxes of the value, those in groups too (RFC 6854 §2.1); `undefined` where it is no list of addresses, the
 * obsolete forms allowed.
 */
export function parseAuthors(value: string): readonly Mailbox[] | undefined {
  const { addresses, faults } = readAddressList(value)
  if (faults.length > 0) return undefined
  return addresses.flatMap((address) =>
    address.kind === 'mailbox' ? [address.mailbox] : address.members.map(({ mailbox }) => mailbox),
  )
}
