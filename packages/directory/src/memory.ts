/**
 * A directory in memory, with passwords as plain text: for tests and demonstrations, never for a service.
 *
 * Its answers about domains and recipients are those of the address book, which `directory-file` uses too.
 */

import { createAddressBook, type AccountEntry, type AddressBookEntries } from './address-book.ts'
import { type Directory, DirectoryUnavailableError } from './directory.ts'

/** Somebody who may submit, with a password. */
export interface MemoryAccount extends AccountEntry {
  /** Plain text, compared as it is. */
  readonly password: string
}

/** All that the directory knows; what each part means is said at `AddressBookEntries`. */
export interface MemoryDirectoryOptions extends AddressBookEntries {
  /** As in `AddressBookEntries`, each with a password. */
  readonly accounts: readonly MemoryAccount[]
}

/** A directory that a test can break. */
export interface MemoryDirectory extends Directory {
  /** From now on every question rejects (`true`), or the directory works again (`false`). */
  breakDown(broken: boolean): void
}

/**
 * Creates a directory.
 *
 * @throws {TypeError} where the entries contradict each other or hold what is no mailbox or domain; it names all.
 */
export function createMemoryDirectory(options: MemoryDirectoryOptions): MemoryDirectory {
  const result = createAddressBook(options)
  if (!result.ok)
    throw new TypeError(result.problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  const { book } = result
  const passwords = new Map(options.accounts.map(({ name, password }) => [name, password]))
  let broken = false

  const answer = async <Value>(value: () => Value): Promise<Value> => {
    if (broken) throw new DirectoryUnavailableError('The directory was broken by its test.')
    return value()
  }

  return {
    authenticate: ({ name, password }) =>
      answer(() => {
        const account = book.accountOf(name)
        return account !== undefined && passwords.get(account) === password ? { name: account } : undefined
      }),
    maySendAs: (account, mailbox) => answer(() => book.maySendAs(account, mailbox)),
    domain: (domain) => answer(() => book.domain(domain)),
    recipient: (mailbox) => answer(() => book.recipient(mailbox)),
    breakDown(isBroken) {
      broken = isBroken
    },
  }
}
