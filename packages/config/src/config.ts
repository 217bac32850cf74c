/** The configuration of the apps, as they get it: checked, complete, frozen. `Ms` are milliseconds, `Bytes` octets. */

import type { Endpoint } from './endpoint.ts'
import type { RouteConfig, TlsMode } from './route.ts'

/** Every setting, with a value. The defaults and the meaning of each are in `exampleConfig()`. */
export interface Config {
  /** The name we greet with and put into trace fields (RFC 5321 §2.3.5). */
  readonly hostname: string
  /** Folder for the store, mail and certificates. */
  readonly data: string
  readonly store: StoreConfig
  readonly directory: DirectoryConfig
  readonly tls: TlsConfig
  readonly msa: MsaConfig
  readonly mta: MtaConfig
  readonly relay: RelayConfig
  readonly mda: MdaConfig
  /** In the order of the file; empty: local domains to the mda, others by MX (or the smart host). */
  readonly routes: readonly RouteConfig[]
  readonly log: LogConfig
}

/** `[store]`: the queue and its content. */
export interface StoreConfig {
  readonly kind: 'sqlite' | 'redis' | 'memory'
  /** The database file of `sqlite`. */
  readonly path: string
  /** Of `redis`; a secret, as it may hold a password. */
  readonly url: string
  /** What every key in Redis begins with. */
  readonly prefix: string
  /** `relaxed` accepts that the last seconds of acknowledged mail may be lost in a power cut. */
  readonly durability: 'strict' | 'relaxed'
  /** Parts that the keys in Redis are split into, 1 to 64; fixed once the store is made. */
  readonly shards: number
  /** Replicas of Redis that must have what is acknowledged; 0: none. */
  readonly replicas: number
  readonly tls: StoreTlsConfig
  readonly sentinel: StoreSentinelConfig
}

/** `[store.sentinel]`: what Redis's Sentinels ask for, where they ask. */
export interface StoreSentinelConfig {
  readonly username: string | undefined
  /** A secret. */
  readonly password: string | undefined
}

/** `[store.tls]`: PEM files for TLS to Redis. Certificate and key together or none. */
export interface StoreTlsConfig {
  readonly ca: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
}

/** `[directory]`: users, domains, aliases. */
export interface DirectoryConfig {
  readonly path: string
}

/** `[tls]`: both paths or none; without them there is no TLS, and submission refuses AUTH. */
export interface TlsConfig {
  /** PEM file with the certificate chain. */
  readonly certificate: string | undefined
  /** PEM file with the private key. */
  readonly key: string | undefined
}

/** `[msa]`: submission (RFC 6409). */
export interface MsaConfig {
  readonly enabled: boolean
  /** Where clients begin in clear and use STARTTLS. */
  readonly listen: readonly Endpoint[]
  /** Where TLS comes first (RFC 8314 §3.3). */
  readonly listenTls: readonly Endpoint[]
  readonly maxMessageSizeBytes: number
  readonly maxRecipients: number
  /** Allows passwords without TLS. Only ever right on a loopback address. */
  readonly allowPlaintextAuth: boolean
}

/** `[mta]`: the border (RFC 5321). */
export interface MtaConfig {
  readonly enabled: boolean
  readonly listen: readonly Endpoint[]
  readonly maxMessageSizeBytes: number
  readonly maxRecipients: number
}

/** `[relay]`: transfer to the next hop. */
export interface RelayConfig {
  readonly enabled: boolean
  /** Waits before each retry; the last one repeats. Never empty. */
  readonly retryMs: readonly number[]
  /** Age at which what still fails goes back to its reverse-path (RFC 5321 §4.5.4.1). */
  readonly giveUpAfterMs: number
  /** Age at which the reverse-path is told of a delay. */
  readonly delayNoticeAfterMs: number
  /** Deliveries at the same time in one process. */
  readonly concurrency: number
  /** How long a worker owns what it took without a sign of life. */
  readonly leaseMs: number
  /** The port on MX hosts; 25 but in tests. */
  readonly mxPort: number
  /** Whether mail may go to loopback, private and link-local addresses. */
  readonly allowPrivateAddresses: boolean
  /** Towards MX hosts. */
  readonly tls: 'none' | 'opportunistic' | 'required'
  readonly resolver: ResolverConfig
  readonly smartHost: SmartHostConfig | undefined
  readonly local: RelayLocalConfig
}

/** Who answers DNS questions. */
export type ResolverConfig =
  /** What the machine is set to. */
  | { readonly kind: 'system' }
  /** A zone file, and nothing else: for tests and closed networks. */
  | { readonly kind: 'zone'; readonly path: string }
  /** These servers, by IP address. */
  | { readonly kind: 'servers'; readonly servers: readonly { readonly host: string; readonly port: number }[] }

/** `[relay.smart-host]`: one host that takes all mail that is not local. */
export interface SmartHostConfig {
  readonly host: string
  readonly port: number
  readonly tls: TlsMode
  /** With `password`: AUTH is used; `undefined`: it is not. */
  readonly username: string | undefined
  readonly password: string | undefined
}

/** `[relay.local]`: how local mail reaches the mda. */
export interface RelayLocalConfig {
  /** `direct` within one process; `lmtp` to another. */
  readonly via: 'direct' | 'lmtp'
  readonly lmtp: Endpoint
}

/** `[mda]`: delivery into mailboxes. */
export interface MdaConfig {
  readonly enabled: boolean
  /** Where LMTP is taken (RFC 2033). Unused when everything runs in one process and `relay.local.via` is `direct`. */
  readonly listen: readonly Endpoint[]
  /** Folder of the Maildirs. */
  readonly maildir: string
}

/** `[log]` */
export interface LogConfig {
  readonly level: LogLevel
  /** Lines for people instead of JSON. */
  readonly pretty: boolean
}

/** The least severe lines that are written. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
