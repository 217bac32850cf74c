/**
 * Port: who may submit as whom, which domains and recipients exist here, aliases.
 *
 * @packageDocumentation
 */

// The port
export { DirectoryUnavailableError } from './directory.ts'
export type { Account, AccountName, Directory, DomainRole, PasswordAttempt, RecipientAnswer } from './directory.ts'

// The answers of a directory that fits into memory
export { createAddressBook } from './address-book.ts'
export type {
  AddressBook,
  AddressBookEntries,
  AddressBookProblem,
  AddressBookResult,
  AccountEntry,
} from './address-book.ts'
