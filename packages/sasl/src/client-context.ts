/** What a client gives its mechanisms: tools, what it knows of the channel, and what it is ready to do. */

import type { Cryptography, Random } from '@postroad/runtime'
import type { ChannelBinding } from './channel-binding.ts'

/** What the client's side of a mechanism is made with. PLAIN, LOGIN, OAUTHBEARER, XOAUTH2 and EXTERNAL need nothing. */
export interface ClientContext {
  /** SCRAM and CRAM-MD5 need it. */
  readonly cryptography?: Cryptography
  /** Fit for secrets. SCRAM needs it. */
  readonly random?: Random
  /** The data of the TLS channel; absent in clear. The `-PLUS` mechanisms need it. */
  readonly channelBinding?: ChannelBinding
  /** What the server offers, in any case; SCRAM tells it whether a `-PLUS` mechanism was among it. Default none. */
  readonly offered?: readonly string[]
  /**
   * How many iterations of SCRAM a server may ask for: fewer protect the password badly from whoever listens, more are a
   * hostile server's way to burn our time. Default 4,096 (RFC 7677 §4) to 1,000,000.
   */
  readonly iterations?: { readonly min?: number; readonly max?: number }
}
