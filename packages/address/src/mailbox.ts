/** Mailboxes and paths as values (RFC 5321 §2.3.11, §4.1.2). Plain data: they survive JSON unchanged. */

/** Brands the text of a domain that a parser of this package has judged. */
declare const domainBrand: unique symbol

/**
 * A domain name or an address literal in canonical form (RFC 5321 §4.1.2).
 *
 * A name is in lower case without a final dot; its labels are as they came, A-labels or U-labels. A literal is in
 * brackets: `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
 */
export type Domain = string & { readonly [domainBrand]: true }

/** Local part and domain (RFC 5321 §2.3.11). */
export interface Mailbox {
  /**
   * The meaning of the local part: without the quotes and backslashes it may have had; case kept. No control
   * characters. Empty only where it was written `""`.
   */
  readonly localPart: string
  /** The same in A-labels and in U-labels are two texts: compare with `sameMailbox` or `sameDomain`. */
  readonly domain: Domain
}

/** Where failure reports go; `null` is the null reverse-path `<>` (RFC 5321 §4.5.5). */
export type ReversePath = Mailbox | null

/** The argument of RCPT; `postmaster` alone is the one mailbox without a domain (RFC 5321 §4.1.1.3). */
export type ForwardPath = Mailbox | 'postmaster'
