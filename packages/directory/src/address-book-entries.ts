/** Reads the entries of an address book into maps, and finds everything that is wrong with them. */

import { parseDomain, parseMailbox, type Domain, type Mailbox, type Result } from '@postroad/address'
import type { AccountEntry, AddressBookEntries, AddressBookProblem } from './address-book.ts'
import { domainKey, foldedKey, bookKey } from './comparison.ts'
import type { AccountName, RecipientAnswer } from './directory.ts'

/** Entries as maps; of use only where `problems` is empty. */
export interface ReadEntries {
  readonly problems: readonly AddressBookProblem[]
  /** In the order of the entries. */
  readonly accounts: ReadonlySet<AccountName>
  /** Folded keys of mailboxes, and `*@` with keys of domains. */
  readonly sendAs: ReadonlyMap<AccountName, ReadonlySet<string>>
  /** By keys of mailboxes. */
  readonly landings: ReadonlyMap<string, RecipientAnswer>
  readonly local: ReadonlySet<string>
  readonly relay: ReadonlySet<string>
  readonly catchAll: ReadonlyMap<string, AccountName>
  readonly postmaster: AccountName | undefined
}

type Path = readonly (string | number)[]

const MAX_NAME_LENGTH = 255

/** Reads the entries, all of them, whatever is wrong. */
export function readEntries(entries: AddressBookEntries): ReadEntries {
  const problems: AddressBookProblem[] = []
  const report = (path: Path, message: string): undefined => {
    problems.push({ path, message })
    return undefined
  }
  const read = <Value>(path: Path, text: string, result: Result<Value>, noun: string): Value | undefined =>
    result.ok
      ? result.value
      : report(
          path,
          `"${text}" is no ${noun}: expected ${result.error.expected} at character ${result.error.offset + 1}.`,
        )
  const readMailbox = (path: Path, text: string): Mailbox | undefined =>
    read(path, text, parseMailbox(text, { smtputf8: true }), 'mailbox')
  const readDomain = (path: Path, text: string): Domain | undefined =>
    read(path, text, parseDomain(text, { smtputf8: true }), 'domain')

  const local = new Set<string>()
  const relay = new Set<string>()
  for (const [role, domains] of [
    ['local', entries.domains.local],
    ['relay', entries.domains.relay ?? []],
  ] as const) {
    for (const [index, text] of domains.entries()) {
      const domain = readDomain(['domains', role, index], text)
      if (domain === undefined) continue
      const key = domainKey(domain)
      if (local.has(key) || relay.has(key)) report(['domains', role, index], `The domain "${text}" is named twice.`)
      ;(role === 'local' ? local : relay).add(key)
    }
  }

  const landings = new Map<string, RecipientAnswer>()
  const land = (path: Path, text: string, landing: RecipientAnswer): void => {
    const mailbox = readMailbox(path, text)
    if (mailbox === undefined) return
    const key = bookKey(mailbox)
    if (!local.has(domainKey(mailbox.domain))) report(path, `The domain of "${text}" is not one of domains.local.`)
    if (landings.has(key)) report(path, `"${text}" is named twice.`)
    landings.set(key, landing)
  }

  const accounts = new Set<AccountName>()
  const sendAs = new Map<AccountName, ReadonlySet<string>>()
  for (const [index, account] of entries.accounts.entries()) {
    const path = ['accounts', index]
    const problem = problemOfName(account.name, accounts)
    if (problem !== undefined) report([...path, 'name'], problem)
    accounts.add(account.name)
    for (const [at, text] of account.mailboxes.entries())
      land([...path, 'mailboxes', at], text, { kind: 'mailbox', account: account.name })
    sendAs.set(account.name, readSendAs(account, path, readMailbox, readDomain))
  }

  for (const [text, targets] of Object.entries(entries.aliases ?? {})) {
    const path = ['aliases', text]
    if (targets.length === 0) report(path, 'An alias needs one target at least.')
    const read = targets.map((target, index) => readMailbox([...path, index], target))
    land(path, text, { kind: 'alias', targets: read.filter((target) => target !== undefined) })
  }

  for (const [index, { name }] of entries.accounts.entries()) {
    const mailbox = parseMailbox(name, { smtputf8: true })
    const landing = mailbox.ok ? landings.get(bookKey(mailbox.value)) : undefined
    if (landing !== undefined && !(landing.kind === 'mailbox' && landing.account === name))
      report(['accounts', index, 'name'], `The name "${name}" is a mailbox that does not belong to this account.`)
  }

  const checkAccount = (path: Path, name: string): void => {
    if (!accounts.has(name)) report(path, `There is no account "${name}".`)
  }
  const catchAll = new Map<string, AccountName>()
  for (const [text, account] of Object.entries(entries.catchAll ?? {})) {
    const path = ['catchAll', text]
    const domain = readDomain(path, text)
    checkAccount(path, account)
    if (domain === undefined) continue
    if (!local.has(domainKey(domain))) report(path, `The domain "${text}" is not one of domains.local.`)
    catchAll.set(domainKey(domain), account)
  }
  if (entries.postmaster !== undefined) checkAccount(['postmaster'], entries.postmaster)

  return { problems, accounts, sendAs, landings, local, relay, catchAll, postmaster: entries.postmaster }
}

function problemOfName(name: string, known: ReadonlySet<string>): string | undefined {
  if (name === '') return 'The name is empty.'
  if (name.length > MAX_NAME_LENGTH) return `The name is longer than ${MAX_NAME_LENGTH} characters.`
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) return 'The name holds a control character.'
  return known.has(name) ? `The account "${name}" is named twice.` : undefined
}

function readSendAs(
  { sendAs = [] }: AccountEntry,
  path: Path,
  readMailbox: (path: Path, text: string) => Mailbox | undefined,
  readDomain: (path: Path, text: string) => Domain | undefined,
): ReadonlySet<string> {
  const keys = sendAs.map((text, index) => {
    const at = [...path, 'sendAs', index]
    if (text.startsWith('*@')) {
      const domain = readDomain(at, text.slice(2))
      return domain && `*@${domainKey(domain)}`
    }
    const mailbox = readMailbox(at, text)
    return mailbox && foldedKey(bookKey(mailbox))
  })
  return new Set(keys.filter((key) => key !== undefined))
}
