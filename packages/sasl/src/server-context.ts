/** What a server gives its mechanisms: tools, and what it knows of the channel. */

import type { Cryptography, Random } from '@postroad/runtime'
import type { ChannelBinding } from './channel-binding.ts'
import type { ScramDecoy } from './scram-keys.ts'

/** What the server's side of a mechanism is made with. PLAIN, LOGIN, OAUTHBEARER, XOAUTH2 and EXTERNAL need nothing. */
export interface ServerContext {
  /** SCRAM and CRAM-MD5 need it. */
  readonly cryptography?: Cryptography
  /** Fit for secrets. SCRAM and CRAM-MD5 need it. */
  readonly random?: Random
  /** SCRAM needs it: see there. */
  readonly decoy?: ScramDecoy
  /** The data of the TLS channel; absent in clear. The `-PLUS` mechanisms need it. */
  readonly channelBinding?: ChannelBinding
  /**
   * The mechanisms that were offered to this client, in any case. Where the channel can be bound and the `-PLUS` form is
   * among them, a client that says it could bind the channel but was not offered to has been lied to (RFC 5802 §6).
   * Absent: the `-PLUS` form is taken for offered where the channel can be bound.
   */
  readonly offered?: readonly string[]
  /** Our name, a domain: in the challenge of CRAM-MD5; default `localhost`. */
  readonly hostname?: string
}
