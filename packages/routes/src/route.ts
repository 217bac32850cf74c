/** Routes as values: where a recipient's mail goes next. Plain data: survives JSON. */

import type { Domain, Mailbox, ReversePath } from '@postroad/address'
import type { GroupId, Reply } from '@postroad/envelope'

/** What routing looks at. */
export interface RouteQuery {
  /** After aliases were expanded. */
  readonly recipient: Mailbox
  /** The domain is local (we deliver into mailboxes), one we relay for, or not ours: as the directory says. */
  readonly role: 'local' | 'relay' | 'none'
  /** `null` is the null reverse-path: the entry `<>` of `senderDomain` matches it, and nothing else there. */
  readonly reversePath: ReversePath
  /** Who submitted; `undefined` for mail from others and mail made here. */
  readonly account: string | undefined
}

/** Where it goes, with the key of the destination: work of one group shares limits and connections. */
export type Route =
  | { readonly kind: 'deliver'; readonly destination: Destination; readonly group: GroupId }
  | { readonly kind: 'refuse'; readonly reply: Reply }

/** Who takes it next. */
export type Destination =
  /** Our own delivery agent. */
  | { readonly transport: 'local' }
  /** The hosts that DNS names for the domain (RFC 5321 §5); an address literal names itself. */
  | { readonly transport: 'mx'; readonly domain: Domain }
  /** One host that is told, without MX. */
  | {
      readonly transport: 'host'
      readonly protocol: 'smtp' | 'lmtp'
      /** A name or an IP address; for a unix socket (LMTP) `unix:` and its path. */
      readonly host: string
      /** 0 for a unix socket. */
      readonly port: number
      readonly tls: TlsMode
    }

/**
 * `opportunistic` takes TLS where offered, with any certificate; `required` wants a valid one; `implicit` means before
 * the greeting, with a valid one.
 */
export type TlsMode = 'none' | 'opportunistic' | 'required' | 'implicit'
