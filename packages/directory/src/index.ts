/**
 * Port: who may submit as whom, which domains and recipients exist here, aliases.
 *
 * @packageDocumentation
 */

export { DirectoryUnavailableError } from './directory.ts'
export type {
  Account,
  AccountName,
  Directory,
  DomainRole,
  PasswordAttempt,
  RecipientAnswer,
} from './directory.ts'
