/** The configuration of the apps, as they get it: checked, complete, frozen. `Ms` are milliseconds, `Bytes` octets. */

import type { Endpoint } from './endpoint.ts'
import type { RouteConfig, TlsMode } from './route.ts'

/** Every setting, with a value. The defaults and the meaning of each are in `exampleConfig()`. */
export interface Config {
  /** The name we greet with and put into trace fields (RFC 5321 §2.3.5). */
  readonly hostname: string
  /** Folder for the store, mail and certificates. Here and elsewhere relative paths start where the process was started. */
  readonly data: string
  /** Where mail in transit is kept, until it is delivered or given up. */
  readonly store: StoreConfig
  /** Where all services learn of people, domains and aliases. */
  readonly directory: DirectoryConfig
  /** What we show to clients of msa and mta; ways to Redis and to next hops have their own `tls`. */
  readonly tls: TlsConfig
  /** Complete, as for each service, also where `enabled` is false. */
  readonly msa: MsaConfig
  /** Takes mail for the local and relayed domains of the directory, and for no other: that is no setting. */
  readonly mta: MtaConfig
  /** For the process that empties the queue; `smartHost` is read by those that fill it too. */
  readonly relay: RelayConfig
  /** For the process that has the mailboxes. */
  readonly mda: MdaConfig
  /** In the order of the file; empty: local domains to the mda, others by MX (or the smart host). */
  readonly routes: readonly RouteConfig[]
  /** Of this process, whatever it runs. */
  readonly log: LogConfig
}

/** `[store]`: the queue and its content. */
export interface StoreConfig {
  /** `sqlite` (default): a file of this machine; `redis`: may be shared by many; `memory`: all is lost with the process. */
  readonly kind: 'sqlite' | 'redis' | 'memory'
  /** The database file of `sqlite`; its folders are made. */
  readonly path: string
  /** Of `redis`; a secret, as it may hold a password. */
  readonly url: string
  /** What every key in Redis begins with. */
  readonly prefix: string
  /**
   * Of `redis`. `strict` (default) refuses one that does not write before it answers; `relaxed` takes any, and accepts
   * that the last seconds of acknowledged mail may be lost in a power cut. `sqlite` is strict whatever stands here.
   */
  readonly durability: 'strict' | 'relaxed'
  /** Parts that the keys in Redis are split into, 1 to 64; fixed once the store is made. */
  readonly shards: number
  /** Replicas of Redis that must have what is acknowledged, 0 to 10; 0 (default): none. */
  readonly replicas: number
  /** Used where `url` says `rediss`. */
  readonly tls: StoreTlsConfig
  /** Used where `url` names Sentinels. */
  readonly sentinel: StoreSentinelConfig
}

/** `[store.sentinel]`: what Redis's Sentinels ask for, where they ask. */
export interface StoreSentinelConfig {
  /** Who we are to the Sentinels; `undefined`: no name is given. */
  readonly username: string | undefined
  /** A secret; `undefined`: none is given. The password of Redis itself is in `store.url`. */
  readonly password: string | undefined
}

/** `[store.tls]`: PEM files for TLS to Redis. Certificate and key together or none. */
export interface StoreTlsConfig {
  /** The certificates that Redis's must chain to; `undefined`: those that Node trusts. */
  readonly ca: string | undefined
  /** What we show to Redis; `undefined`: nothing. */
  readonly certificate: string | undefined
  /** The private key of `certificate`, without a passphrase. */
  readonly key: string | undefined
}

/** `[directory]`: users, domains, aliases. */
export interface DirectoryConfig {
  /** A TOML file, read at the start and at each SIGHUP. Default `directory.toml` in the data folder. */
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
  /** Default true. Read where several services share a process; the command of a single one does not ask. */
  readonly enabled: boolean
  /** Where clients begin in clear and use STARTTLS; empty: nowhere. */
  readonly listen: readonly Endpoint[]
  /** Where TLS comes first (RFC 8314 §3.3); needs `tls`. Empty (default): nowhere. */
  readonly listenTls: readonly Endpoint[]
  /**
   * Announced by SIZE (RFC 1870 §3); what is larger is refused with 552 5.3.4. From 64 KiB, which a receiver must take
   * (RFC 5321 §4.5.3.1.7), to 2 GiB; default 25 MiB.
   */
  readonly maxMessageSizeBytes: number
  /** In one transaction; further ones get 452. From 100 (RFC 5321 §4.5.3.1.8) to 100,000; default 100. */
  readonly maxRecipients: number
  /** Allows passwords without TLS. Only ever right on a loopback address. */
  readonly allowPlaintextAuth: boolean
}

/** `[mta]`: the border (RFC 5321). */
export interface MtaConfig {
  /** Default true; as in `msa`. */
  readonly enabled: boolean
  /** Where other systems connect, and use STARTTLS where there is `tls`; empty: nowhere. Default a loopback address. */
  readonly listen: readonly Endpoint[]
  /** Range, default and refusal as in `msa`. */
  readonly maxMessageSizeBytes: number
  /** Range and refusal as in `msa`; default 1,000. */
  readonly maxRecipients: number
}

/** `[relay]`: transfer to the next hop. */
export interface RelayConfig {
  /** Default true; as in `msa`. */
  readonly enabled: boolean
  /** Waits before each retry, 1 second to 7 days; the last one repeats. Never empty. */
  readonly retryMs: readonly number[]
  /** Age at which what still fails goes back to its reverse-path (RFC 5321 §4.5.4.1): 1 second to 90 days, default 5. */
  readonly giveUpAfterMs: number
  /** Age at which the reverse-path is told of a delay: 1 second to 90 days, default 4 hours. */
  readonly delayNoticeAfterMs: number
  /** Deliveries at the same time in one process, 1 to 10,000; default 100. */
  readonly concurrency: number
  /** How long a worker owns what it took without a sign of life: 1 second to 1 day, default 5 minutes. */
  readonly leaseMs: number
  /** The port on MX hosts; 25 but in tests. */
  readonly mxPort: number
  /** Whether DNS may send mail to loopback, private and link-local addresses; the hosts of routes are not judged by it. */
  readonly allowPrivateAddresses: boolean
  /** Towards MX hosts, as `TlsMode` says; default `opportunistic`. The hosts of routes have their own. */
  readonly tls: 'none' | 'opportunistic' | 'required'
  /** Asked for MX hosts and their addresses; a named host of a route is looked up by the machine. */
  readonly resolver: ResolverConfig
  /** `undefined`: mail goes to MX hosts. Stands behind all routes of the file, and is decided when mail is accepted. */
  readonly smartHost: SmartHostConfig | undefined
  /** For mail to local domains, which no DNS is asked about. */
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
  /** A name in ASCII, or an IP address without brackets. */
  readonly host: string
  /** 1 to 65535; default 587, or 465 where `tls` is `implicit`. */
  readonly port: number
  /** Default `required`, or `implicit` where the port is 465. With a password one of these two, except on loopback. */
  readonly tls: TlsMode
  /** With `password`: AUTH is used; `undefined`: it is not. */
  readonly username: string | undefined
  /** A secret; there where `username` is, and only there. */
  readonly password: string | undefined
}

/** `[relay.local]`: how local mail reaches the mda. */
export interface RelayLocalConfig {
  /** `direct` (default): straight into mailboxes where the mda is in the same process; `lmtp`, and all else: by LMTP. */
  readonly via: 'direct' | 'lmtp'
  /** Where LMTP goes, without TLS and AUTH; default port 2424 of 127.0.0.1. */
  readonly lmtp: Endpoint
}

/** `[mda]`: delivery into mailboxes. */
export interface MdaConfig {
  /** Default true; as in `msa`. */
  readonly enabled: boolean
  /** Where LMTP is taken (RFC 2033), also beside a relay in the same process that does without; empty: nowhere. */
  readonly listen: readonly Endpoint[]
  /** Folder of the Maildirs. Default `mail` in the data folder. */
  readonly maildir: string
}

/** `[log]`: lines on standard output. */
export interface LogConfig {
  /** Default `info`: what happened to mail, and what a person must know. */
  readonly level: LogLevel
  /** Lines for people instead of JSON. Default false. */
  readonly pretty: boolean
}

/** The least severe lines that are written; `silent`: none. Nothing is less severe than `debug`, so `trace` adds nothing. */
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
