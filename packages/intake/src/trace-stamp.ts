/** Where a message came from, as its Received field will tell (RFC 5321 §4.4). */

/** Taken from the session when the transaction begins. */
export interface TraceStamp {
  /** The argument of EHLO, HELO or LHLO, in form or not; `undefined` where none was given. */
  readonly helo: string | undefined
  /** The client's IP address; `''` where there is none (a unix socket). */
  readonly remoteAddress: string
  /** The `with` clause: `ESMTPSA`. */
  readonly protocol: string
  /** Version (`TLSv1.3`) and IANA name of the cipher suite; `undefined` where the session was in clear. */
  readonly tls: { readonly version: string; readonly cipher: string } | undefined
  /** Who submitted; for the observer, never shown in the message. */
  readonly account: string | undefined
}
