import { describe, expect, it } from 'vitest'
import { type ConfigProblem, type LoadOptions, type Config, formatProblem, loadConfig } from '../src/index.ts'

async function load(options: LoadOptions): Promise<Config> {
  const result = await loadConfig(options)
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.config
}

async function problems(options: LoadOptions): Promise<readonly ConfigProblem[]> {
  const result = await loadConfig(options)
  return result.ok ? [] : result.problems
}

const readFile = async (path: string): Promise<string> => {
  if (path === '/run/secrets/url') return 'redis://:hunter2@redis.example.org\n'
  if (path === '/empty') return '\n'
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
}

describe('the defaults', () => {
  it('are a whole configuration for the all-in-one app', async () => {
    const config = await load({})
    expect(config.hostname).toBe('localhost')
    expect(config.store).toMatchObject({ kind: 'sqlite', path: './postroad-data/store.db', durability: 'strict' })
    expect([config.msa.enabled, config.mta.enabled, config.relay.enabled, config.mda.enabled]).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(config.relay.local.via).toBe('direct')
  })

  it('give up after five days (RFC 5321 §4.5.4.1)', async () => {
    const { relay } = await load({})
    expect(relay.giveUpAfterMs).toBe(5 * 24 * 3600 * 1000)
    expect(relay.retryMs).toEqual([1, 5, 15, 30, 60, 120, 240].map((minutes) => minutes * 60_000))
    expect(relay.smartHost).toBeUndefined()
  })

  it('are the safe ones', async () => {
    const config = await load({})
    expect(config.msa.allowPlaintextAuth).toBe(false)
    expect(config.relay.allowPrivateAddresses).toBe(false)
    for (const at of [...config.msa.listen, ...config.mta.listen, ...config.mda.listen]) {
      expect(at).toMatchObject({ host: '127.0.0.1' })
    }
  })

  it('take the name of the machine where it is a host name', async () => {
    expect((await load({ defaultHostname: 'mail.example.org' })).hostname).toBe('mail.example.org')
    expect((await load({ defaultHostname: 'my_machine' })).hostname).toBe('localhost')
  })

  it('follow the data folder', async () => {
    const config = await load({ text: 'data = "/srv/mail/"' })
    expect(config.store.path).toBe('/srv/mail/store.db')
    expect(config.directory.path).toBe('/srv/mail/directory.toml')
    expect(config.mda.maildir).toBe('/srv/mail/mail')
  })

  it('are frozen to the last list', async () => {
    const config = await load({})
    expect(
      Object.isFrozen(config) && Object.isFrozen(config.relay.local.lmtp) && Object.isFrozen(config.msa.listen[0]),
    ).toBe(true)
  })
})

describe('the file', () => {
  it('sets every kind of value', async () => {
    const config = await load({
      text: `
        hostname = "mail.example.org"
        msa = { listen-tls = ["[::]:465"], max-message-size = "1GB" }
        tls = { certificate = "/c.pem", key = "/k.pem" }
        [relay]
        retry = ["10s"]
        resolver = ["192.0.2.53", "[2001:db8::53]:5353", "2001:db8::54"]
        smart-host = { host = "smtp.example.net", port = 465, username = "u", password = "p" }
        local = { via = "lmtp", lmtp = "unix:/run/lmtp.sock" }
      `,
    })
    expect(config.msa.listenTls).toEqual([{ host: '::', port: 465 }])
    expect(config.msa.maxMessageSizeBytes).toBe(1_000_000_000)
    expect(config.relay.retryMs).toEqual([10_000])
    expect(config.relay.resolver).toEqual({
      kind: 'servers',
      servers: [
        { host: '192.0.2.53', port: 53 },
        { host: '2001:db8::53', port: 5353 },
        { host: '2001:db8::54', port: 53 },
      ],
    })
    expect(config.relay.smartHost).toEqual({
      host: 'smtp.example.net',
      port: 465,
      tls: 'implicit',
      username: 'u',
      password: 'p',
    })
    expect(config.relay.local.lmtp).toEqual({ path: '/run/lmtp.sock' })
  })

  it('may begin with a byte order mark', async () => {
    expect((await load({ text: '\uFEFFdata = "x"' })).data).toBe('x')
  })

  it.each([
    { to: 'local', value: { kind: 'local' } },
    { to: 'mx', value: { kind: 'mx' } },
    { to: 'smtp:[::1]:26', value: { kind: 'host', protocol: 'smtp', host: '::1', port: 26, tls: 'opportunistic' } },
    {
      to: 'lmtp:mda.example.org:24',
      value: { kind: 'host', protocol: 'lmtp', host: 'mda.example.org', port: 24, tls: 'none' },
    },
    { to: 'lmtp:unix:/run/x', value: { kind: 'host', protocol: 'lmtp', host: 'unix:/run/x', port: 0, tls: 'none' } },
    {
      to: 'refuse',
      value: { kind: 'refuse', reply: { code: 550, status: '5.7.1', text: 'Mail to this recipient is refused' } },
    },
  ])('routes to $to', async ({ to, value }) => {
    const { routes } = await load({ text: `[[route]]\ndomain = "example.net"\nto = ${JSON.stringify(to)}` })
    expect(routes).toEqual([{ match: { domain: ['example.net'] }, to: value }])
  })

  it('keeps the order and every condition of its routes', async () => {
    const { routes } = await load({
      text: `
        [[route]]
        recipient = ["a@example.org", "b@example.org"]
        sender-domain = "example.net"
        account = "alice"
        role = ["local", "none"]
        to = "refuse"
        reply = "451 4.7.1 Later"
        [[route]]
        to = "smtp:192.0.2.1:25"
        tls = "required"
      `,
    })
    expect(routes).toEqual([
      {
        match: {
          recipient: ['a@example.org', 'b@example.org'],
          senderDomain: ['example.net'],
          account: ['alice'],
          role: ['local', 'none'],
        },
        to: { kind: 'refuse', reply: { code: 451, status: '4.7.1', text: 'Later' } },
      },
      { match: {}, to: { kind: 'host', protocol: 'smtp', host: '192.0.2.1', port: 25, tls: 'required' } },
    ])
  })
})

describe('a condition of a route', () => {
  it.each(['example.org', '.example.org', '*', '[192.0.2.1]', '[IPv6:2001:db8::1]', 'bücher.example'])(
    'domain = %j',
    async (domain) => {
      const result = await loadConfig({ text: `[[route]]\ndomain = ${JSON.stringify(domain)}\nto = "mx"` })
      expect(result.ok).toBe(true)
    },
  )

  it.each(['', '.', '*.example.org', 'a..b', '-a.example', '<>', 'a@b', 'a b'])(
    'is not domain = %j',
    async (domain) => {
      const found = await problems({ text: `[[route]]\nto = "mx"\ndomain = ${JSON.stringify(domain)}` })
      expect(found).toMatchObject([{ key: 'route[0].domain', line: 3 }])
    },
  )

  it('may be the null reverse-path', async () => {
    const { routes } = await load({ text: '[[route]]\nsender-domain = ["<>", "example.org"]\nto = "mx"' })
    expect(routes[0]?.match.senderDomain).toEqual(['<>', 'example.org'])
  })
})

describe('the environment', () => {
  it.each<{ variable: string; text: string; value: (config: Config) => unknown; is: unknown }>([
    {
      variable: 'POSTROAD_RELAY__GIVE_UP_AFTER',
      text: '3d',
      value: (config) => config.relay.giveUpAfterMs,
      is: 259_200_000,
    },
    { variable: 'POSTROAD_HOSTNAME', text: 'a.example.org', value: (config) => config.hostname, is: 'a.example.org' },
    { variable: 'POSTROAD_MTA__ENABLED', text: 'false', value: (config) => config.mta.enabled, is: false },
    { variable: 'POSTROAD_MTA__MAX_RECIPIENTS', text: '250', value: (config) => config.mta.maxRecipients, is: 250 },
    {
      variable: 'POSTROAD_MTA__LISTEN',
      text: '[::1]:25, 127.0.0.1:26',
      value: (config) => config.mta.listen,
      is: [
        { host: '::1', port: 25 },
        { host: '127.0.0.1', port: 26 },
      ],
    },
    { variable: 'POSTROAD_MSA__LISTEN_TLS', text: '[]', value: (config) => config.msa.listenTls, is: [] },
    {
      variable: 'POSTROAD_RELAY__RETRY',
      text: '["1m", "2m"]',
      value: (config) => config.relay.retryMs,
      is: [60_000, 120_000],
    },
    {
      variable: 'POSTROAD_RELAY__RESOLVER',
      text: '{ zone = "z" }',
      value: (config) => config.relay.resolver,
      is: { kind: 'zone', path: 'z' },
    },
    { variable: 'POSTROAD_RELAY__LOCAL__VIA', text: 'lmtp', value: (config) => config.relay.local.via, is: 'lmtp' },
    {
      variable: 'POSTROAD_ROUTE',
      text: '[{ to = "mx" }]',
      value: (config) => config.routes,
      is: [{ match: {}, to: { kind: 'mx' } }],
    },
  ])('sets $variable', async ({ variable, text, value, is }) => {
    expect(value(await load({ environment: { [variable]: text } }))).toEqual(is)
  })

  it('stands over the file, and empty is unset', async () => {
    const text = 'data = "from-file"\n[log]\nlevel = "warn"'
    const environment = { POSTROAD_DATA: 'from-environment', POSTROAD_LOG__LEVEL: '', OTHER: 'x' }
    const result = await loadConfig({ text, path: 'p.toml', environment })
    if (!result.ok) throw new Error('not loaded')
    expect([result.config.data, result.config.log.level]).toEqual(['from-environment', 'warn'])
    expect(result.origins.get('data')).toEqual({ kind: 'environment', variable: 'POSTROAD_DATA' })
    expect(result.origins.get('log.level')).toEqual({ kind: 'file', path: 'p.toml', line: 3, column: 9 })
    expect(result.origins.get('log.pretty')).toEqual({ kind: 'default' })
  })

  it('may hold what an orchestrator sets for a service called postroad', async () => {
    await load({ environment: { POSTROAD_PORT: 'tcp://10.0.0.1:25', POSTROAD_SERVICE_HOST: '10.0.0.1' } })
  })
})

describe('a secret', () => {
  it('is read from its file, from the configuration or the environment', async () => {
    const inFile = await load({ text: 'store = { url = { file = "/run/secrets/url" } }', readFile })
    expect(inFile.store.url).toBe('redis://:hunter2@redis.example.org')
    const inEnvironment = await loadConfig({
      environment: { POSTROAD_STORE__URL: '{ file = "/run/secrets/url" }' },
      readFile,
    })
    expect(inEnvironment.ok && inEnvironment.origins.get('store.url')).toEqual({
      kind: 'secret-file',
      path: '/run/secrets/url',
    })
  })

  it.each([
    { url: '{ file = "/missing" }', seen: '/missing (there is no such file)' },
    { url: '{ file = "/empty" }', seen: '/empty (empty)' },
    { url: '{ fill = "/run/secrets/url" }', seen: '***' },
    { url: '"http://u:hunter2@x"', seen: '***' },
    { url: '["hunter2"]', seen: '***' },
  ])('is never shown: $url', async ({ url, seen }) => {
    const found = await problems({ text: `store.url = ${url}`, readFile })
    expect(found).toMatchObject([{ key: 'store.url', line: 1, seen }])
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })

  it('is not shown when its key is mistyped or the syntax breaks on it', async () => {
    const mistyped = await problems({ text: '[relay.smart-host]\nhost = "a"\npasword = "hunter2"' })
    expect(mistyped).toMatchObject([{ key: 'relay.smart-host.pasword', nearest: 'relay.smart-host.password' }])
    const broken = await problems({ text: '[relay.smart-host]\npassword = "hunter2' })
    expect(broken).toMatchObject([{ key: '', line: 2 }])
    expect(JSON.stringify([mistyped, broken])).not.toContain('hunter2')
  })
})

describe('problems', () => {
  it.each<{ text: string; problem: Partial<ConfigProblem> }>([
    { text: 'relay.lease = 5', problem: { key: 'relay.lease', line: 1, column: 15, seen: '5' } },
    {
      text: '[mta]\nmax-message-size = 1000',
      problem: { key: 'mta.max-message-size', line: 2, column: 20, seen: '1000' },
    },
    { text: '[mta]\nmax-message-size = "63KiB"', problem: { key: 'mta.max-message-size', seen: '"63KiB"' } },
    {
      text: '[mta]\nmax-recipients = 99',
      problem: { key: 'mta.max-recipients', accepted: 'a whole number from 100 to 100000' },
    },
    { text: '[relay]\nretry = []', problem: { key: 'relay.retry', line: 2 } },
    { text: '[relay]\nretry = ["1m", 7]', problem: { key: 'relay.retry[1]', line: 2, column: 16, seen: '7' } },
    { text: '[relay]\nresolver = ["dns.example"]', problem: { key: 'relay.resolver' } },
    { text: '[log]\nlevel = "loud"', problem: { key: 'log.level', seen: '"loud"' } },
    { text: 'relay = 5', problem: { key: 'relay', accepted: 'a table [relay]', seen: '5' } },
    { text: '[[relay]]\nlease = "5m"', problem: { key: 'relay', accepted: 'a table [relay]' } },
    { text: 'hostname = 2026-11-21', problem: { key: 'hostname', line: 1, column: 12 } },
    { text: 'hostname = "bücher.example"', problem: { key: 'hostname' } },
    { text: '[rellay]', problem: { key: 'rellay', line: 1, column: 1, nearest: 'relay' } },
    { text: 'give-up-after = "5d"', problem: { key: 'give-up-after', nearest: 'relay.give-up-after' } },
    { text: '[relay]\n"" = 1', problem: { key: 'relay.""', line: 2 } },
    { text: '__proto__ = 1', problem: { key: '__proto__', line: 1 } },
    { text: '[[route]]\ndomain = "a.test"', problem: { key: 'route[0].to', line: 1 } },
    {
      text: '[[route]]\nto = "mx"\n[[route]]\nto = "mx"\ndomian = "x"',
      problem: { key: 'route[1].domian', line: 5, nearest: 'route[1].domain' },
    },
    { text: '[[route]]\nto = "mx"\ntls = "none"', problem: { key: 'route[0].tls', line: 3 } },
    { text: '[[route]]\nto = "refuse"\nreply = "550 4.7.1 no"', problem: { key: 'route[0].reply', line: 3 } },
    { text: 'tls.key = "k"', problem: { key: 'tls.key', accepted: 'together with tls.certificate' } },
    { text: 'tls.certificate = "c"', problem: { key: 'tls.certificate', accepted: 'together with tls.key' } },
    { text: 'msa.listen-tls = ["[::]:465"]', problem: { key: 'msa.listen-tls', line: 1 } },
    { text: 'relay.smart-host.port = 25', problem: { key: 'relay.smart-host.port', line: 1 } },
    { text: 'relay.smart-host = { host = "a", username = "u" }', problem: { key: 'relay.smart-host.username' } },
    {
      text: 'relay.smart-host = { host = "a", username = "u", password = "p", tls = "opportunistic" }',
      problem: { key: 'relay.smart-host.tls', line: 1 },
    },
    { text: 'a = ', problem: { key: '', line: 1 } },
  ])('$text has exactly one', async ({ text, problem }) => {
    const found = await problems({ text, path: 'p.toml' })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject(problem)
  })

  it('come all at once, in the order of the file, then the environment', async () => {
    const text = '[relay]\nlease = 5\nx = 1\n[mta]\nenabled = "yes"'
    const found = await problems({ text, environment: { POSTROAD_LOG__LEVEL: 'loud', POSTROAD_RELAY__LEAS: '1m' } })
    expect(found.map(({ key }) => key)).toEqual([
      'relay.lease',
      'relay.x',
      'mta.enabled',
      'POSTROAD_RELAY__LEAS',
      'log.level',
    ])
    expect(found[3]?.nearest).toBe('POSTROAD_RELAY__LEASE')
  })

  it('tell of a file that cannot be read', async () => {
    const found = await problems({ path: '/nowhere/postroad.toml' })
    expect(found.map(formatProblem)).toEqual(['cannot read /nowhere/postroad.toml: there is no such file'])
  })

  it('are one line each for people', async () => {
    const [problem] = await problems({ text: '[relay]\ngive-up-aftr = "5d"', path: '/etc/postroad.toml' })
    expect(problem && formatProblem(problem)).toBe(
      '/etc/postroad.toml:2:1 relay.give-up-aftr: there is no such setting; did you mean relay.give-up-after?',
    )
  })

  it.each([
    {
      text: 'frob = 1',
      says: 'a.toml:1:1 frob: there is no such setting; accepted: one that `postroad config example` shows',
    },
    { text: 'a = ', says: 'a.toml:1:5 this is not TOML: ' },
    {
      text: '[[route]]\nto = "mx"\ndomian = "x"',
      says: 'a.toml:3:10 route[0].domian: there is no such setting; did you mean route[0].domain?',
    },
    { text: '[relay]\nlease = 5', says: 'a.toml:2:9 relay.lease: saw 5, accepted: a duration' },
  ])('say what is wrong and what would be right: $says', async ({ text, says }) => {
    const [problem] = await problems({ text, path: 'a.toml' })
    expect(problem && formatProblem(problem)).toContain(says)
  })

  it('name a variable once', async () => {
    const [problem] = await problems({ environment: { POSTROAD_NO__SUCH: '1' } })
    expect(problem && formatProblem(problem)).toBe(
      'environment POSTROAD_NO__SUCH: there is no such setting; ' +
        'accepted: POSTROAD_TABLE__KEY of one that `postroad config example` shows',
    )
  })

  it('do not recurse without bound', async () => {
    expect(await problems({ text: `data = ${'['.repeat(5000)}` })).toHaveLength(1)
  })
})
