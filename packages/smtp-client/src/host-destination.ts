/** Where a delivery goes: one host, reached in one way. Which hosts to try, and in which order, is the relay's. */

import type { ClientCredentials } from '@postroad/sasl'
import type { ProxyHeader } from './proxy-header.ts'

/** One host and how to speak with it. Plain data: two that are equal share idle connections. */
export interface HostDestination {
  /** `lmtp` says LHLO, and has an outcome for each recipient from the content on (RFC 2033 §4.2). */
  readonly protocol: 'smtp' | 'lmtp'
  /** The host's name, for SNI, certificates and records; `unix:/path` for a unix socket. */
  readonly host: string
  /** The IP address to connect to; absent: `dial` resolves `host`. */
  readonly address?: string
  /** 1 to 65535; not used for a unix socket. */
  readonly port: number
  /** Whether the session is under TLS, and what is asked of the host's certificate. */
  readonly tls: TlsMode
  /** Authenticates with these (RFC 4954); absent: does not. Never logged. */
  readonly credentials?: HostCredentials
  /** Our name for EHLO and LHLO to this host; absent: the client's. */
  readonly hostname?: string
  /** The address of ours to call from; absent: the system chooses. */
  readonly localAddress?: LocalAddress
  /** Our certificate for TLS, shown where the host asks for one; absent: none. Never logged. */
  readonly identity?: ClientIdentity
  /**
   * Extensions that are not used with this host even where it offers them, by their EHLO keyword in any case: `CHUNKING`
   * for a host that announces it and fails at it. Absent: none.
   */
  readonly ignoredKeywords?: readonly string[]
  /**
   * Tells the host by the PROXY protocol whom we speak for: the first thing on the connection, before TLS too. Absent:
   * nothing is told. A host that does not expect it takes it for a command.
   */
  readonly proxyHeader?: ProxyHeader
}

/**
 * How TLS is used.
 *
 * - `none`: never.
 * - `opportunistic`: STARTTLS where the peer offers it, whatever its certificate (RFC 3207); where the peer refuses the
 *   command the session goes on in clear, where the handshake fails the host is called once more in clear. Protects
 *   against listeners alone: whoever is in between can take the offer away. A message with REQUIRETLS makes it
 *   `required` (RFC 8689 §4.2.1).
 * - `required`: STARTTLS must be offered, and the certificate must be valid for `host` and chain to `trust`.
 * - `implicit`: TLS from the first byte (RFC 8314 §3), verified likewise.
 */
export type TlsMode = 'none' | 'opportunistic' | 'required' | 'implicit'

/**
 * An IP address, or one for each family. A single one confines the call to addresses of its family; of a pair, a family
 * that is left out is called from whatever address the system chooses.
 */
export type LocalAddress = string | { readonly ipv4?: string; readonly ipv6?: string }

/** A certificate of ours with its key, both in PEM. */
export interface ClientIdentity {
  /** The private key. */
  readonly key: string
  /** The certificate; those of its issuers may follow. */
  readonly cert: string
  /** Where the key is encrypted. */
  readonly passphrase?: string
}

/**
 * Who we are to a host: a name and a password (SCRAM, PLAIN, LOGIN), a token of OAuth 2.0 (OAUTHBEARER, XOAUTH2), or
 * nothing but `identity` (EXTERNAL). Passwords and tokens are shown to a verified host under TLS alone.
 */
export type HostCredentials = ClientCredentials & {
  /**
   * The mechanisms that may be used, best first; default: SCRAM before what shows the password, without CRAM-MD5, which
   * proves nothing of the host and must be named here to be used.
   */
  readonly mechanisms?: readonly string[]
  /** How many iterations of SCRAM the host may ask for; default 4,096 (RFC 7677 §4) to 1,000,000. */
  readonly iterations?: { readonly min?: number; readonly max?: number }
}

/** The path of a destination that is a unix socket; `undefined` for a host. */
export function socketPath({ host }: Pick<HostDestination, 'host'>): string | undefined {
  return host.startsWith('unix:') ? host.slice('unix:'.length) : undefined
}

/**
 * Equal for destinations that may share a connection: same host, same way to it, and the same face of ours there. Holds
 * the password and the key: for use as a key in memory alone.
 */
export function destinationKey(destination: HostDestination): string {
  const { protocol, host, address, port, tls } = destination
  const { credentials, hostname, localAddress, identity, ignoredKeywords, proxyHeader } = destination
  const way = `${protocol} ${tls} ${port} ${address ?? ''} ${host}`
  // Most have none of these; text of JSON cannot be mistaken for a part of a host's name, since `\n` stands before it.
  const face = [credentials, hostname, localAddress, identity, ignoredKeywords, proxyHeader]
  return face.every((part) => part === undefined) ? way : `${way}\n${JSON.stringify(face)}`
}
