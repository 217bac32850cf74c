/** The port of a directory: who may submit as whom, and which domains and recipients exist here. */

import type { Domain, Mailbox } from '@postroad/address'

/**
 * Answers questions about people and domains. Safe to call from many places at once.
 *
 * Every promise rejects with `DirectoryUnavailableError` where the answer cannot be had now; callers make that 451.
 */
export interface Directory {
  /**
   * Judges a password. Takes as long for a name that does not exist as for one that does. `undefined`: refused.
   * Implementations bound how many judgements run at once; beyond that callers wait.
   */
  authenticate(attempt: PasswordAttempt): Promise<Account | undefined>

  /** Whether the account may use the mailbox as reverse-path or author. */
  maySendAs(account: AccountName, mailbox: Mailbox): Promise<boolean>

  /** What the domain is to us. */
  domain(domain: Domain): Promise<DomainRole>

  /** What becomes of a recipient. One step: an alias names its targets, and the caller asks again for each. */
  recipient(mailbox: Mailbox): Promise<RecipientAnswer>
}

/** Who wants in. */
export interface PasswordAttempt {
  /** The name the client gave: an account's name, or one of its mailboxes. */
  readonly name: string
  /**
   * As the client gave it, of any length, or as the caller has prepared it (RFC 4616 §2; `@postroad/msa` does, and the name
   * likewise). Compared as it is. Never to be logged.
   */
  readonly password: string
}

/** Names an account: text without control characters, compared as it is. */
export type AccountName = string

/** Somebody who may submit. */
export interface Account {
  /** Its own name, whatever name the client gave; what `maySendAs` is asked with. */
  readonly name: AccountName
}

/** `local`: we deliver into mailboxes. `relay`: we accept for it and pass on. `none`: it is not ours. */
export type DomainRole = 'local' | 'relay' | 'none'

/** What becomes of a recipient. */
export type RecipientAnswer =
  /** It lands in the mailbox of this account. */
  | { readonly kind: 'mailbox'; readonly account: AccountName }
  /** It goes to these instead; one at least. */
  | { readonly kind: 'alias'; readonly targets: readonly Mailbox[] }
  /** The domain is local and there is no such recipient. */
  | { readonly kind: 'unknown' }
  /** The domain is one we relay for. */
  | { readonly kind: 'relay' }
  /** The domain is not ours. */
  | { readonly kind: 'elsewhere' }

/** The directory cannot answer now. */
export class DirectoryUnavailableError extends Error {
  override readonly name = 'DirectoryUnavailableError'
  /** Always `DIRECTORY_UNAVAILABLE`. */
  readonly code = 'DIRECTORY_UNAVAILABLE' as const
}
