/**
 * Where Redis is, as one text: a server, the nodes of a Redis Cluster, or the Sentinels that know the master.
 *
 * Several hosts are parted by commas, which URLs do not have; so it is taken apart here. A user name or a password may be
 * written as it is, or percent-encoded.
 */

/** A host and a port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What a URL says. */
export interface Endpoint {
  readonly kind: 'single' | 'cluster' | 'sentinel'
  readonly tls: boolean
  /** One server; or nodes of the cluster, or Sentinels, of which any may be away. */
  readonly addresses: readonly Address[]
  readonly username: string | undefined
  readonly password: string | undefined
  /** 0 in a cluster, which has no other. */
  readonly database: number
  /** The name by which the Sentinels know the master; empty without them. */
  readonly master: string
}

/** How TLS is spoken, each as PEM text; what is absent is what Node takes by itself. */
export interface RedisTlsOptions {
  /** Certificates of the authorities to trust. */
  readonly ca?: string
  /** The certificate to show to Redis, where it asks for one; those of its issuers may follow. */
  readonly cert?: string
  /** The private key of `cert`, not encrypted: there is no place for a passphrase. */
  readonly key?: string
  /** The name that the servers' certificates must have, where that is not the host of the URL. */
  readonly servername?: string
}

const SCHEME = /^redis(s?)(?:\+(cluster|sentinel))?:\/\//
const HOST = /^(?:([^\s:[\]]+)|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{1,5}))?$/
const PORT = 6_379
const SENTINEL_PORT = 26_379

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `redis+cluster://[user:password@]host:port,...`, or
 * `redis+sentinel://[user:password@]host[:port],.../master[/db]`; each with `rediss` for TLS.
 *
 * @throws {TypeError} With a sentence that says what is wrong, and does not have the password.
 */
export function parseEndpoint(url: string): Endpoint {
  const scheme = SCHEME.exec(url)
  if (scheme === null) {
    throw wrong('begins with none of redis://, redis+cluster:// and redis+sentinel:// (rediss for TLS)')
  }
  const [start, secure, several] = scheme
  const rest = url.slice(start.length)
  const at = rest.lastIndexOf('@')
  const place = rest.slice(at + 1)
  const [hosts = '', ...path] = place.split('/')
  if (/[?#]/.test(place)) throw wrong('has a query or a fragment, which mean nothing here')
  const kind = several === 'cluster' || several === 'sentinel' ? several : 'single'
  const names = path.filter((name, index) => name !== '' || index < path.length - 1)
  const master = kind === 'sentinel' ? (names.shift() ?? '') : ''
  if (kind === 'sentinel' && master === '')
    throw wrong('lacks the name of the master after the Sentinels: .../mymaster')
  if (kind === 'cluster' && names.length > 0) throw wrong('has a database, which a Redis Cluster has not')
  const [database = '0', ...more] = names
  if (!/^[0-9]{1,5}$/.test(database) || more.length > 0) throw wrong('has a database that is no number')
  const usual = kind === 'sentinel' ? SENTINEL_PORT : PORT
  const addresses = hosts.split(',').map((text) => parseAddress(text, usual))
  if (kind === 'single' && addresses.length > 1) {
    throw wrong('has several hosts: that is redis+cluster:// or redis+sentinel://')
  }
  return {
    kind,
    tls: secure === 's',
    addresses,
    ...credentialsOf(rest.slice(0, Math.max(0, at))),
    database: Number(database),
    master,
  }
}

/** `host:port`, as people and URLs write it. */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function parseAddress(text: string, usual: number): Address {
  const [, name, literal, port = String(usual)] = HOST.exec(text) ?? []
  const host = name ?? literal
  const number = Number(port)
  if (host === undefined || number < 1 || number > 65_535)
    throw wrong('has a host that is none, or a port out of range')
  return { host, port: number }
}

function credentialsOf(text: string): { readonly username: string | undefined; readonly password: string | undefined } {
  const colon = text.indexOf(':')
  const part = (some: string): string | undefined => (some === '' ? undefined : decoded(some))
  if (colon === -1) return { username: part(text), password: undefined }
  return { username: part(text.slice(0, colon)), password: part(text.slice(colon + 1)) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function wrong(why: string): TypeError {
  return new TypeError(`the URL of Redis ${why}`)
}
