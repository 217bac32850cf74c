/** One rule of the table, as data: an app reads it from its configuration. */

import type { Domain } from '@postroad/address'
import type { Reply } from '@postroad/envelope'
import type { Destination, RouteQuery } from './route.ts'

/** A rule: where all conditions of `match` hold, `action` is done. */
export interface RouteRule {
  /** For people, in explanations; absent: `rule` and its number, from 1. */
  readonly name?: string
  /** `{}` matches everything: rules behind such a one are never looked at. */
  readonly match: RouteMatch
  /** A refusal needs a reply of 4yz or 5yz, a host a port from 1 to 65535 unless it is a unix socket, which speaks LMTP. */
  readonly action: RouteAction
}

/**
 * Conditions. All that are given must hold; of the entries of one, any. No condition at all matches everything; an
 * empty list of entries matches nothing and is refused when the table is made.
 */
export interface RouteMatch {
  /**
   * Of the recipient's domain: `example.org` itself, `.example.org` everything below it (not itself), `*` every domain.
   * A-labels and U-labels are equal. Address literals match by their text, `[192.0.2.1]`, or `*`.
   */
  readonly domain?: readonly string[]
  /** Recipients: `ada@example.org`; case of the local part is ignored. */
  readonly recipient?: readonly string[]
  /** Of the reverse-path's domain, as `domain`; `<>` is the null reverse-path, which `*` does not match. */
  readonly senderDomain?: readonly string[]
  /** Names of accounts, as they are; mail nobody submitted matches none. */
  readonly account?: readonly string[]
  /** What the recipient's domain is to us. */
  readonly role?: readonly RouteQuery['role'][]
}

/** What is done with the mail. */
export type RouteAction =
  | { readonly transport: 'local' }
  /** The hosts that DNS names for the recipient's domain, or for another one. */
  | { readonly transport: 'mx'; readonly domain?: Domain }
  /** One host (a smart host, an LMTP server, a unix socket), without MX. */
  | Extract<Destination, { transport: 'host' }>
  | { readonly transport: 'refuse'; readonly reply: Reply }
