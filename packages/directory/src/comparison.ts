/** How the address book compares mailboxes and domains: as keys of its maps. */

import { domainToAscii, mailboxKey, splitSubaddress, type Domain, type Mailbox } from '@postroad/address'

/** The domain with A-labels; as it is where it has none. */
export function domainKey(domain: Domain): string {
  const ascii = domainToAscii(domain)
  return ascii.ok ? ascii.value : domain
}

/** The mailbox with its local part in normalization form C, case kept. */
export function bookKey({ localPart, domain }: Mailbox): string {
  return mailboxKey({ localPart: localPart.normalize('NFC'), domain })
}

/** A key without regard to case. */
export function foldedKey(key: string): string {
  return key.toLowerCase()
}

/** The keys under which a mailbox is looked for, in order: whole, then without its detail (RFC 5233 §4). */
export function findKeys(mailbox: Mailbox): readonly string[] {
  const { user, detail } = splitSubaddress(mailbox.localPart)
  const whole = bookKey(mailbox)
  return detail === undefined ? [whole] : [whole, bookKey({ localPart: user, domain: mailbox.domain })]
}
