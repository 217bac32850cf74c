/**
 * The one list of all settings: key, kind, default, meaning, and where the value stands in `Config`.
 *
 * `readConfig` walks it once over a `Source`. Loading, the example file, the JSON Schema and `config show` are four
 * sources of the same walk, so none of them can forget a setting or disagree about a default.
 */

import type { Config, LogLevel, SmartHostConfig } from './config.ts'
import { choice, duration, endpoint, flag, host, hostname, integer, type Kind, list, path, size, text } from './kind.ts'
import { resolver, routes } from './own-kind.ts'
import { redisUrl } from './redis-url.ts'

/** What a walk is told about one setting. */
export interface Setting<T> {
  readonly kind: Kind<T>
  /** One sentence or two, for the example file. */
  readonly about: string
  /** Where the value stands. */
  readonly of: (config: Config) => T | undefined
  /** Never shown whole; may be given as `{ file = "/path" }`. */
  readonly secret?: boolean
  /** For the example file, where the default is none or depends on another setting: written as a comment. */
  readonly example?: string
}

/** Gives values for one table. */
export interface Source {
  value<T>(key: string, fallback: T, setting: Setting<T>): T
  optional<T>(key: string, setting: Setting<T>): T | undefined
  /** Walks a table below. */
  table<T>(key: string, about: string, walk: (source: Source) => T): T
}

/** Walks every setting in the order of the example file and puts the configuration together. */
export function readConfig(source: Source, defaultHostname: string): Config {
  const name = source.value('hostname', defaultHostname, {
    kind: hostname(),
    about: "The name we greet with and write into trace fields. Default: the machine's name.",
    of: (config) => config.hostname,
    example: '"mail.example.org"',
  })
  const data = source.value('data', './postroad-data', {
    kind: path(),
    about: 'Folder for the store, mail and certificates. Relative paths start where the process was started.',
    of: (config) => config.data,
  })
  return {
    hostname: name,
    data,
    store: source.table('store', 'The queue and the content of mail in transit.', (table) => readStore(table, data)),
    directory: source.table('directory', 'Users, domains and aliases.', (table) => ({
      path: table.value('path', below(data, 'directory.toml'), {
        kind: path(),
        about: 'The directory file. Default: directory.toml in the data folder.',
        of: (config) => config.directory.path,
        example: '"./postroad-data/directory.toml"',
      }),
    })),
    tls: source.table('tls', 'Without these two there is no TLS, and submission refuses AUTH.', readTls),
    msa: source.table('msa', 'Submission: mail from our own users.', readMsa),
    mta: source.table('mta', 'The border: mail from other systems.', readMta),
    relay: source.table('relay', 'Transfer to the next hop.', readRelay),
    mda: source.table('mda', 'Delivery into mailboxes.', (table) => readMda(table, data)),
    log: source.table('log', 'Log lines, one JSON object each, on standard output.', readLog),
    routes: source.value('route', [], {
      kind: routes(),
      about:
        'Where mail goes that shall not go the usual way; the first that matches decides. Conditions: domain, recipient, ' +
        'sender-domain, account, role ("local", "relay", "none"), each one value or a list. `to` is "local", "mx", "refuse", ' +
        '"smtp:host:port", "lmtp:host:port" or "lmtp:unix:/path"; `tls` is for hosts, `reply` for "refuse".',
      of: (config) => config.routes,
      example: '[[route]]\ndomain = "example.net"\nto = "smtp:192.0.2.25:25"\ntls = "required"',
    }),
  }
}

function readStore(table: Source, data: string): Config['store'] {
  return {
    kind: table.value('kind', 'sqlite', {
      kind: choice('sqlite', 'redis', 'memory'),
      about: '"sqlite" is embedded, "redis" is shared by many processes, "memory" loses everything at a restart.',
      of: (config) => config.store.kind,
    }),
    path: table.value('path', below(data, 'store.db'), {
      kind: path(),
      about: 'The database of "sqlite". Default: store.db in the data folder.',
      of: (config) => config.store.path,
      example: '"./postroad-data/store.db"',
    }),
    url: table.value('url', 'redis://127.0.0.1:6379', {
      kind: redisUrl(),
      about:
        'Where Redis is: a server, "redis+cluster://" with nodes of a cluster, "redis+sentinel://" with Sentinels and the ' +
        'name of the master; rediss is TLS. May hold a password, and be read from a file: { file = "/run/secrets/redis-url" }.',
      of: (config) => config.store.url,
      secret: true,
    }),
    prefix: table.value('prefix', 'postroad', {
      kind: text('a word for the beginning of every key in Redis'),
      about: 'What every key in Redis begins with.',
      of: (config) => config.store.prefix,
    }),
    durability: table.value('durability', 'strict', {
      kind: choice('strict', 'relaxed'),
      about: '"relaxed" accepts that the last seconds of acknowledged mail are lost in a power cut.',
      of: (config) => config.store.durability,
    }),
    shards: table.value('shards', 1, {
      kind: integer(1, 64),
      about:
        'Into how many parts the keys in Redis are split, so that a cluster can share them; fixed once the store is made. ' +
        'A limit of concurrent deliveries to a destination is then held in each part for itself.',
      of: (config) => config.store.shards,
    }),
    replicas: table.value('replicas', 0, {
      kind: integer(0, 10),
      about: 'How many replicas of Redis must have a message before it is acknowledged.',
      of: (config) => config.store.replicas,
    }),
    tls: table.table('tls', 'TLS to Redis, where the URL says rediss.', readStoreTls),
    sentinel: table.table('sentinel', 'What the Sentinels of Redis ask for, where they ask.', readStoreSentinel),
  }
}

function readStoreSentinel(table: Source): Config['store']['sentinel'] {
  return {
    username: table.optional('username', {
      kind: text('a name'),
      about: 'Who we are to the Sentinels.',
      of: (config) => config.store.sentinel.username,
      example: '"postroad"',
    }),
    password: table.optional('password', {
      kind: text('a text'),
      about: 'The password for the Sentinels; that of Redis itself is in the URL.',
      of: (config) => config.store.sentinel.password,
      secret: true,
      example: '{ file = "/run/secrets/sentinel" }',
    }),
  }
}

function readStoreTls(table: Source): Config['store']['tls'] {
  return {
    ca: table.optional('ca', {
      kind: path(),
      about: 'PEM file with the certificates that Redis is trusted by. Default: those of the system.',
      of: (config) => config.store.tls.ca,
      example: '"/etc/postroad/redis-ca.pem"',
    }),
    certificate: table.optional('certificate', {
      kind: path(),
      about: 'PEM file with the certificate that we show to Redis.',
      of: (config) => config.store.tls.certificate,
      example: '"/etc/postroad/redis-client.pem"',
    }),
    key: table.optional('key', {
      kind: path(),
      about: 'PEM file with its private key.',
      of: (config) => config.store.tls.key,
      example: '"/etc/postroad/redis-client-key.pem"',
    }),
  }
}

function readTls(table: Source): Config['tls'] {
  return {
    certificate: table.optional('certificate', {
      kind: path(),
      about: 'PEM file with the certificate and its chain.',
      of: (config) => config.tls.certificate,
      example: '"/etc/postroad/fullchain.pem"',
    }),
    key: table.optional('key', {
      kind: path(),
      about: 'PEM file with the private key.',
      of: (config) => config.tls.key,
      example: '"/etc/postroad/privkey.pem"',
    }),
  }
}

/** A receiver takes at least 64 KiB (RFC 5321 §4.5.3.1.7). */
const messageSize: Kind<number> = size('64KiB', '2GiB')

function readMsa(table: Source): Config['msa'] {
  return {
    enabled: table.value('enabled', true, {
      kind: flag(),
      about: 'Whether this process takes submissions.',
      of: (config) => config.msa.enabled,
    }),
    listen: table.value('listen', [{ host: '127.0.0.1', port: 587 }], {
      kind: list(endpoint()),
      about: 'Where clients connect and use STARTTLS: "address:port", IPv6 in brackets, or "unix:/path".',
      of: (config) => config.msa.listen,
    }),
    listenTls: table.value('listen-tls', [], {
      kind: list(endpoint()),
      about: 'Where TLS comes before the greeting, usually port 465. Needs [tls].',
      of: (config) => config.msa.listenTls,
    }),
    maxMessageSizeBytes: table.value('max-message-size', 25 * 1024 ** 2, {
      kind: messageSize,
      about: 'The largest message, announced by SIZE.',
      of: (config) => config.msa.maxMessageSizeBytes,
    }),
    // At least 100 must be taken (RFC 5321 §4.5.3.1.8).
    maxRecipients: table.value('max-recipients', 100, {
      kind: integer(100, 100_000),
      about: 'Recipients in one transaction, at least 100.',
      of: (config) => config.msa.maxRecipients,
    }),
    allowPlaintextAuth: table.value('allow-plaintext-auth', false, {
      kind: flag(),
      about: 'Lets passwords cross the network in clear. Only ever right on a loopback address.',
      of: (config) => config.msa.allowPlaintextAuth,
    }),
  }
}

function readMta(table: Source): Config['mta'] {
  return {
    enabled: table.value('enabled', true, {
      kind: flag(),
      about: 'Whether this process takes mail from other systems.',
      of: (config) => config.mta.enabled,
    }),
    listen: table.value('listen', [{ host: '127.0.0.1', port: 25 }], {
      kind: list(endpoint()),
      about: 'Where other systems connect. Mail from the world needs "0.0.0.0:25" and "[::]:25".',
      of: (config) => config.mta.listen,
    }),
    maxMessageSizeBytes: table.value('max-message-size', 25 * 1024 ** 2, {
      kind: messageSize,
      about: 'The largest message, announced by SIZE.',
      of: (config) => config.mta.maxMessageSizeBytes,
    }),
    // At least 100 must be taken (RFC 5321 §4.5.3.1.8).
    maxRecipients: table.value('max-recipients', 1000, {
      kind: integer(100, 100_000),
      about: 'Recipients in one transaction, at least 100.',
      of: (config) => config.mta.maxRecipients,
    }),
  }
}

function readRelay(table: Source): Config['relay'] {
  const minute = 60_000
  return {
    enabled: table.value('enabled', true, {
      kind: flag(),
      about: 'Whether this process delivers what is queued.',
      of: (config) => config.relay.enabled,
    }),
    retryMs: table.value(
      'retry',
      [1, 5, 15, 30, 60, 120, 240].map((minutes) => minutes * minute),
      {
        kind: list(duration('1s', '7d'), { least: 1 }),
        about: 'Waits before each retry; the last one repeats.',
        of: (config) => config.relay.retryMs,
      },
    ),
    giveUpAfterMs: table.value('give-up-after', 5 * 24 * 60 * minute, {
      kind: duration('1s', '90d'),
      about: 'Age at which mail that still cannot be delivered goes back to its sender.',
      of: (config) => config.relay.giveUpAfterMs,
    }),
    delayNoticeAfterMs: table.value('delay-notice-after', 4 * 60 * minute, {
      kind: duration('1s', '90d'),
      about: 'Age at which the sender is told of a delay.',
      of: (config) => config.relay.delayNoticeAfterMs,
    }),
    concurrency: table.value('concurrency', 100, {
      kind: integer(1, 10_000),
      about: 'Deliveries at the same time in this process.',
      of: (config) => config.relay.concurrency,
    }),
    leaseMs: table.value('lease', 5 * minute, {
      kind: duration('1s', '1d'),
      about: 'How long a worker owns what it took without a sign of life; a crashed one keeps its work that long.',
      of: (config) => config.relay.leaseMs,
    }),
    mxPort: table.value('mx-port', 25, {
      kind: integer(1, 65_535),
      about: 'The port on MX hosts; another than 25 is for tests.',
      of: (config) => config.relay.mxPort,
    }),
    allowPrivateAddresses: table.value('allow-private-addresses', false, {
      kind: flag(),
      about: 'Whether DNS may send mail to loopback, private and link-local addresses.',
      of: (config) => config.relay.allowPrivateAddresses,
    }),
    tls: table.value('tls', 'opportunistic', {
      kind: choice('none', 'opportunistic', 'required'),
      about: 'TLS towards MX hosts: "opportunistic" takes it where offered, "required" wants a valid certificate.',
      of: (config) => config.relay.tls,
    }),
    resolver: table.value<Config['relay']['resolver']>(
      'resolver',
      { kind: 'system' },
      {
        kind: resolver(),
        about: 'Who answers DNS questions: "system", { zone = "path" }, or a list of servers by IP address.',
        of: (config) => config.relay.resolver,
      },
    ),
    local: table.table('local', 'How mail for local domains reaches the mda.', (local) => ({
      via: local.value('via', 'direct', {
        kind: choice('direct', 'lmtp'),
        about: '"direct" within one process, "lmtp" to another.',
        of: (config) => config.relay.local.via,
      }),
      lmtp: local.value(
        'lmtp',
        { host: '127.0.0.1', port: 2424 },
        {
          kind: endpoint(),
          about: 'Where "lmtp" goes: "address:port" or "unix:/path".',
          of: (config) => config.relay.local.lmtp,
        },
      ),
    })),
    smartHost: table.table('smart-host', 'One host that takes all mail that is not local.', readSmartHost),
  }
}

function readSmartHost(table: Source): SmartHostConfig | undefined {
  const address = table.optional('host', {
    kind: host(),
    about: 'Its name or IP address. The other settings of this table need it.',
    of: (config) => config.relay.smartHost?.host,
    example: '"smtp.example.net"',
  })
  const port = table.optional('port', {
    kind: integer(1, 65_535),
    about: 'Default: 587, or 465 where tls is "implicit".',
    of: (config) => config.relay.smartHost?.port,
    example: '587',
  })
  const tls = table.optional('tls', {
    kind: choice('none', 'opportunistic', 'required', 'implicit'),
    about: 'Default: "required", or "implicit" (TLS before the greeting) where port is 465.',
    of: (config) => config.relay.smartHost?.tls,
    example: '"required"',
  })
  const username = table.optional('username', {
    kind: text('a user name'),
    about: 'For AUTH, with password.',
    of: (config) => config.relay.smartHost?.username,
    example: '"example"',
  })
  const password = table.optional('password', {
    kind: text('a password, or { file = "/path" }'),
    about: 'For AUTH; better in a file of its own.',
    of: (config) => config.relay.smartHost?.password,
    secret: true,
    example: '{ file = "/run/secrets/smart-host" }',
  })
  if (address === undefined) return undefined
  const mode = tls ?? (port === 465 ? 'implicit' : 'required')
  return { host: address, port: port ?? (mode === 'implicit' ? 465 : 587), tls: mode, username, password }
}

function readMda(table: Source, data: string): Config['mda'] {
  return {
    enabled: table.value('enabled', true, {
      kind: flag(),
      about: 'Whether this process delivers into mailboxes.',
      of: (config) => config.mda.enabled,
    }),
    listen: table.value('listen', [{ host: '127.0.0.1', port: 2424 }], {
      kind: list(endpoint()),
      about: 'Where LMTP is taken. LMTP has no AUTH: keep it on a loopback address, a unix socket or a closed network.',
      of: (config) => config.mda.listen,
    }),
    maildir: table.value('maildir', below(data, 'mail'), {
      kind: path(),
      about: 'Folder of the Maildirs. Default: mail in the data folder.',
      of: (config) => config.mda.maildir,
      example: '"./postroad-data/mail"',
    }),
  }
}

function readLog(table: Source): Config['log'] {
  return {
    level: table.value<LogLevel>('level', 'info', {
      kind: choice('silent', 'error', 'warn', 'info', 'debug', 'trace'),
      about: 'The least severe lines that are written.',
      of: (config) => config.log.level,
    }),
    pretty: table.value('pretty', false, {
      kind: flag(),
      about: 'Lines for people instead of JSON.',
      of: (config) => config.log.pretty,
    }),
  }
}

/** A path below a folder, keeping a leading `./`. */
function below(folder: string, name: string): string {
  return `${folder.replace(/\/+$/, '')}/${name}`
}
