/**
 * The address book: what a directory that fits into memory answers about domains, recipients and accounts.
 *
 * Made once from plain entries, all their problems found at once; afterwards every answer is a lookup in a map.
 *
 * How a local part finds its recipient (RFC 5321 §2.4 leaves that to the host that is named by the domain):
 * 1. as it is, case included;
 * 2. without regard to case; of several that differ in case alone the one named first;
 * 3. both again without its detail, from the first `+` on (RFC 5233 §4);
 * 4. `postmaster`, in any case, is known in every local domain (RFC 5321 §4.5.1): it goes to the account named for it,
 *    else to the domain's catch-all, else to the account named first;
 * 5. the domain's catch-all.
 *
 * Local parts are compared in Unicode normalization form C (RFC 6532 §3.1), domains with A-labels.
 */

import { parseMailbox, type Domain, type Mailbox } from '@postroad/address'
import { readEntries } from './address-book-entries.ts'
import { domainKey, findKeys, foldedKey, bookKey } from './comparison.ts'
import type { AccountName, DomainRole, RecipientAnswer } from './directory.ts'

/** What a directory knows, as text: addresses and domains as people write them. */
export interface AddressBookEntries {
  /** May be empty. The first named gets what `postmaster` gets where nobody else is named for that. */
  readonly accounts: readonly AccountEntry[]
  /** Each domain once over both, with A-labels or U-labels; those that stand in neither are not ours. */
  readonly domains: {
    /** We deliver into mailboxes. */
    readonly local: readonly string[]
    /** We accept for them and pass on; subdomains are not meant. Default none. */
    readonly relay?: readonly string[]
  }
  /** Mailboxes of local domains, each with what it goes to instead; one target at least, anywhere. Default none. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>
  /** Local domains, each with the account that gets what nobody else does. Default none. */
  readonly catchAll?: Readonly<Record<string, string>>
  /**
   * The account that gets mail for `postmaster` of every local domain that does not name one. Default the domain's
   * catch-all, else the account named first.
   */
  readonly postmaster?: string
}

/** Somebody who may submit, and whose mailboxes these are. */
export interface AccountEntry {
  /** Not empty, without control characters, 255 UTF-16 units at most. */
  readonly name: AccountName
  /** Mailboxes of local domains that land here; their owner may use them as reverse-path and author. May be empty. */
  readonly mailboxes: readonly string[]
  /** What else the owner may use so: a mailbox of any domain, or `*@` and a domain. Default none. */
  readonly sendAs?: readonly string[]
}

/** One thing that is wrong. */
export interface AddressBookProblem {
  /** Where in the entries: `['accounts', 0, 'mailboxes', 1]`. */
  readonly path: readonly (string | number)[]
  /** What is wrong there, as a sentence. */
  readonly message: string
}

/** A book, or everything that is wrong with the entries. */
export type AddressBookResult =
  | { readonly ok: true; readonly book: AddressBook }
  | { readonly ok: false; readonly problems: readonly AddressBookProblem[] }

/** Answers as those of a directory, at once. */
export interface AddressBook {
  /** As `Directory.domain`. */
  domain(domain: Domain): DomainRole
  /** As `Directory.recipient`. */
  recipient(mailbox: Mailbox): RecipientAnswer
  /** As `Directory.maySendAs`: what lands in the account's mailbox by its own name, and what is allowed beside. */
  maySendAs(account: AccountName, mailbox: Mailbox): boolean
  /** The account that a client means: by its name as it is, or by one of its mailboxes (case ignored, no detail). */
  accountOf(name: string): AccountName | undefined
}

/** Makes a book. Never throws. */
export function createAddressBook(entries: AddressBookEntries): AddressBookResult {
  const { problems, accounts, sendAs, landings, local, relay, catchAll, postmaster } = readEntries(entries)
  if (problems.length > 0) return { ok: false, problems }

  const folded = new Map<string, RecipientAnswer>()
  for (const [key, landing] of landings) if (!folded.has(foldedKey(key))) folded.set(foldedKey(key), landing)
  const [firstAccount] = accounts

  const roleOf = (domain: Domain): DomainRole => {
    const key = domainKey(domain)
    if (local.has(key)) return 'local'
    return relay.has(key) ? 'relay' : 'none'
  }

  const find = (key: string): RecipientAnswer | undefined => landings.get(key) ?? folded.get(foldedKey(key))

  /** Everything but the catch-all. */
  const findByName = (mailbox: Mailbox): RecipientAnswer | undefined => {
    const keys = findKeys(mailbox)
    for (const key of keys) {
      const landing = find(key)
      if (landing !== undefined) return landing
    }
    if (!local.has(domainKey(mailbox.domain))) return undefined
    if (!keys.some((key) => foldedKey(key).startsWith('postmaster@'))) return undefined
    const account = postmaster ?? catchAll.get(domainKey(mailbox.domain)) ?? firstAccount
    return account === undefined ? undefined : { kind: 'mailbox', account }
  }

  const book: AddressBook = {
    domain: roleOf,
    recipient(mailbox) {
      const role = roleOf(mailbox.domain)
      if (role === 'none') return { kind: 'elsewhere' }
      if (role === 'relay') return { kind: 'relay' }
      const landing = findByName(mailbox)
      if (landing !== undefined) return landing
      const account = catchAll.get(domainKey(mailbox.domain))
      return account === undefined ? { kind: 'unknown' } : { kind: 'mailbox', account }
    },
    maySendAs(account, mailbox) {
      const landing = findByName(mailbox)
      if (landing?.kind === 'mailbox' && landing.account === account) return true
      const allowed = sendAs.get(account)
      if (allowed === undefined) return false
      return (
        allowed.has(`*@${domainKey(mailbox.domain)}`) || findKeys(mailbox).some((key) => allowed.has(foldedKey(key)))
      )
    },
    accountOf(name) {
      if (accounts.has(name)) return name
      const parsed = parseMailbox(name, { smtputf8: true })
      const landing = parsed.ok ? find(bookKey(parsed.value)) : undefined
      return landing?.kind === 'mailbox' ? landing.account : undefined
    },
  }
  return { ok: true, book }
}
