/** Where a delivery goes: one host, reached in one way. Which hosts to try, and in which order, is the relay's. */

/** One host and how to speak with it. Plain data: two that are equal share idle connections. */
export interface HostDestination {
  readonly protocol: 'smtp' | 'lmtp'
  /** The host's name, for SNI, certificates and records; `unix:/path` for a unix socket. */
  readonly host: string
  /** The IP address to connect to; absent: `dial` resolves `host`. */
  readonly address?: string
  /** 1 to 65535; not used for a unix socket. */
  readonly port: number
  readonly tls: TlsMode
  /** Authenticates with these (RFC 4954); absent: does not. Never logged. */
  readonly credentials?: HostCredentials
}

/**
 * How TLS is used.
 *
 * - `none`: never.
 * - `opportunistic`: STARTTLS where the peer offers it, whatever its certificate (RFC 3207); where the peer refuses the
 *   command the session goes on in clear, where the handshake fails the host is called once more in clear. Protects
 *   against listeners alone: whoever is in between can take the offer away.
 * - `required`: STARTTLS must be offered, and the certificate must be valid for `host` and chain to `trust`.
 * - `implicit`: TLS from the first byte (RFC 8314 §3), verified likewise.
 */
export type TlsMode = 'none' | 'opportunistic' | 'required' | 'implicit'

/** A name and a password. */
export interface HostCredentials {
  readonly username: string
  readonly password: string
}

/** The path of a destination that is a unix socket; `undefined` for a host. */
export function socketPath({ host }: Pick<HostDestination, 'host'>): string | undefined {
  return host.startsWith('unix:') ? host.slice('unix:'.length) : undefined
}

/** Equal for destinations that may share a connection. Holds the password: for use as a key in memory alone. */
export function destinationKey(destination: HostDestination): string {
  const { protocol, host, address, port, tls, credentials } = destination
  return JSON.stringify([protocol, host, address, port, tls, credentials?.username, credentials?.password])
}
