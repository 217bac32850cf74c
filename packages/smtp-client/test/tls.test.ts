import tls, { createSecureContext } from 'node:tls'
import { createManualClock } from '@postroad/runtime'
import { beforeAll, describe, expect, it } from 'vitest'
import type { HostDestination } from '../src/host-destination.ts'
import type { ClientReport } from '../src/observer.ts'
import { createSmtpDelivery, type SmtpDeliveryOptions } from '../src/smtp-delivery.ts'
import { certificate, envelope, HOST, never, source, summary } from './fixtures.ts'
import { listen, network, polite, type PoliteOptions, type Script, type ServerPem } from './scripted-peer.ts'

let pem: { key: string; cert: string }
beforeAll(async () => {
  pem = await certificate()
})

const KEYWORDS = ['PIPELINING', 'STARTTLS', 'AUTH PLAIN LOGIN']
const withTls =
  (options: PoliteOptions = {}): Script =>
  (peer) =>
    polite({ keywords: KEYWORDS, pem, ...options })(peer)
const implicit: Script = async (peer) => {
  await peer.upgrade(pem)
  return polite({ keywords: ['PIPELINING'] })(peer)
}

async function deliver(
  scripts: Script[],
  destination: Partial<HostDestination>,
  options: Partial<SmtpDeliveryOptions> = {},
) {
  const { dial, peers } = network(...scripts)
  const reports: ClientReport[] = []
  const dialogue: string[] = []
  const delivery = createSmtpDelivery({
    hostname: 'client.example.org',
    clock: createManualClock(),
    dial,
    observer: {
      observe: (report) => reports.push(report),
      dialogue: ({ from, line }) => dialogue.push(`${from} ${line}`),
    },
    ...options,
  })
  const report = await delivery.deliver({
    envelope: envelope(),
    content: source(),
    destination: { ...HOST, ...destination },
    signal: never,
  })
  await delivery[Symbol.asyncDispose]()
  return { report, peers, reports, dialogue, outcome: summary(report.outcomes)[0] }
}

const trust = () => ({ trust: { ca: pem.cert } })
const credentials = { username: 'ada', password: 'correct horse' }

const stumbling: Script = async (peer) => {
  peer.say('220 mx\r\n')
  await peer.line()
  peer.say('250-mx\r\n250 STARTTLS\r\n')
  await peer.line()
  peer.say('220 go\r\n')
  peer.stream.once('data', () => peer.say('this is no TLS'))
}

describe('TLS', () => {
  it('takes any certificate where TLS is opportunistic (RFC 3207)', async () => {
    const { report, outcome, peers, reports } = await deliver([withTls()], { tls: 'opportunistic' })
    expect(outcome).toBe('delivered')
    expect(report.peer?.tls).toMatchObject({ version: 'TLSv1.3', verified: false })
    expect(peers[0]?.lines.slice(0, 3)).toEqual(['EHLO client.example.org', 'STARTTLS', 'EHLO client.example.org'])
    expect(reports.map(({ type }) => type)).toContain('tls-started')
  })

  it('goes on in clear where STARTTLS is not offered, or refused', async () => {
    for (const script of [
      polite({ keywords: ['PIPELINING'] }),
      withTls({ answer: (line) => (line === 'STARTTLS' ? '454 4.7.0 no' : undefined) }),
    ]) {
      const { report, outcome, peers } = await deliver([script], { tls: 'opportunistic' })
      expect([outcome, report.peer?.tls, peers.length]).toEqual(['delivered', undefined, 1])
    }
  })

  it('calls once more in clear where an opportunistic handshake fails', async () => {
    const broken = withTls({ answer: (line) => (line === 'STARTTLS' ? '220 go\r\nclear' : undefined) })
    const { report, outcome, peers, reports } = await deliver([stumbling, withTls()], { tls: 'opportunistic' })
    expect([outcome, report.peer?.tls, peers.length]).toEqual(['delivered', undefined, 2])
    expect(peers[1]?.lines).not.toContain('STARTTLS')
    expect(reports).toContainEqual(expect.objectContaining({ type: 'tls-failed', clear: true }))
    // Injected bytes are no failed handshake: the peer is not believed at all (RFC 3207 §4.2).
    const injected = await deliver([broken, withTls()], { tls: 'opportunistic' })
    expect([injected.outcome, injected.report.phase, injected.peers.length]).toEqual(['deferred 4.5.0', 'tls', 1])
  })

  it('verifies name and chain where TLS is required', async () => {
    const good = await deliver([withTls()], { tls: 'required' }, trust())
    expect([good.outcome, good.report.peer?.tls?.verified]).toEqual(['delivered', true])
    for (const [destination, options] of [
      [{ host: 'mx.example.com' }, trust()],
      [{ host: '192.0.2.1' }, trust()],
      [{}, {}],
    ] as const) {
      const bad = await deliver([withTls()], { tls: 'required', ...destination }, options)
      expect([bad.outcome, bad.report.phase, bad.peers.length]).toEqual(['deferred 4.7.5', 'tls', 1])
      expect(bad.reports).toContainEqual(expect.objectContaining({ type: 'tls-failed', clear: false }))
    }
  })

  it('keeps little of a certificate with very many names', async () => {
    const many = await certificate(...Array.from({ length: 1_000 }, (_, index) => `long-${index}.example.com`))
    const { report, reports, outcome } = await deliver(
      [withTls({ pem: many })],
      { tls: 'required' },
      {
        trust: { ca: many.cert },
      },
    )
    expect(outcome).toBe('deferred 4.7.5')
    const [settled] = report.outcomes
    const reason = settled?.kind === 'deferred' ? settled.reason : undefined
    expect(reason).toContain('altnames')
    expect(reason).toHaveLength(1_024)
    const failed = reports.find((report) => report.type === 'tls-failed')
    expect(failed?.error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: reason })
    expect(Object.keys(failed?.error ?? {})).toEqual(['code'])
  })

  it('defers where required TLS is not offered, refused, or breaks', async () => {
    const refusing = withTls({ answer: (line) => (line === 'STARTTLS' ? '454 4.7.0 no' : undefined) })
    const closing = withTls({ answer: (line) => (line === 'STARTTLS' ? 'close' : undefined) })
    for (const [script, expected] of [
      [polite({ keywords: [] }), 'deferred 4.7.4'],
      [refusing, 'deferred 4.7.4'],
      [closing, 'deferred 4.4.2'],
    ] as const) {
      const { report, outcome, peers } = await deliver([script], { tls: 'required' }, trust())
      expect([outcome, report.phase, peers.length]).toEqual([expected, 'tls', 1])
      expect(peers[0]?.lines.some((line) => line.startsWith('MAIL'))).toBe(false)
    }
  })

  it.each([
    { said: '421 4.3.2 busy', expected: 'deferred 4.3.2' },
    { said: '250 surplus', expected: 'deferred 4.5.0' },
    { said: 'x', expected: 'deferred 4.5.0' },
  ])(
    'rejects nothing where the peer says "$said" in one breath with its offer of STARTTLS',
    async ({ said, expected }) => {
      const offer = `250-mx.example.net\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n${said}`
      const script = polite({ answer: (line) => (line.startsWith('EHLO') ? offer : undefined) })
      for (const tls of ['none', 'opportunistic', 'required'] as const) {
        for (const way of [{ tls }, { tls, credentials }]) {
          const { report, outcome, peers } = await deliver([script], way, trust())
          expect([outcome, report.phase, peers.length]).toEqual([expected, 'hello', 1])
          expect(peers[0]?.lines).toEqual(['EHLO client.example.org'])
        }
      }
    },
  )

  it.each([
    { said: '421 4.3.2 busy', expected: 'deferred 4.3.2' },
    { said: '250 surplus', expected: 'deferred 4.5.0' },
  ])('rejects nothing where the peer refuses STARTTLS and says "$said"', async ({ said, expected }) => {
    const script = withTls({ answer: (line) => (line === 'STARTTLS' ? `454 4.7.0 no\r\n${said}` : undefined) })
    for (const way of [{ tls: 'opportunistic' }, { tls: 'opportunistic', credentials }] as const) {
      const { report, outcome } = await deliver([script], way)
      expect([outcome, report.phase]).toEqual([expected, 'hello'])
    }
  })

  it('begins with TLS where it is implicit (RFC 8314 §3)', async () => {
    const good = await deliver([implicit], { tls: 'implicit' }, trust())
    expect([good.outcome, good.report.peer?.tls?.verified]).toEqual(['delivered', true])
    const bad = await deliver([implicit], { tls: 'implicit' })
    expect([bad.outcome, bad.report.phase]).toEqual(['deferred 4.7.5', 'tls'])
    const clear = await deliver([polite()], { tls: 'implicit' }, trust())
    expect([clear.outcome, clear.report.phase]).toEqual(['deferred 4.7.5', 'tls'])
  })

  it('speaks TLS 1.2 at least, whatever the program allows elsewhere (RFC 8314 §4.1)', async () => {
    const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls
    // Below TLS 1.2 nothing is left at a higher level of security.
    tls.DEFAULT_MIN_VERSION = 'TLSv1'
    tls.DEFAULT_CIPHERS = `${DEFAULT_CIPHERS}:@SECLEVEL=0`
    try {
      for (const [maxVersion, expected] of [
        ['TLSv1.1', 'deferred 4.7.5'],
        ['TLSv1.2', 'delivered'],
      ] as const) {
        const context = createSecureContext({ ...pem, maxVersion })
        const { outcome } = await deliver([withTls({ pem: { ...pem, context } })], { tls: 'required' }, trust())
        expect([maxVersion, outcome]).toEqual([maxVersion, expected])
      }
    } finally {
      tls.DEFAULT_MIN_VERSION = DEFAULT_MIN_VERSION
      tls.DEFAULT_CIPHERS = DEFAULT_CIPHERS
    }
  })

  it('gives up a handshake that never ends', async () => {
    const { dial, peers } = network(async (peer) => peer.gone())
    const clock = createManualClock()
    const delivery = createSmtpDelivery({ hostname: 'client.example.org', clock, dial })
    const delivering = delivery.deliver({
      envelope: envelope(),
      content: source(),
      destination: { ...HOST, tls: 'implicit' },
      signal: never,
    })
    while (peers.length === 0 || clock.sleeping === 0) await new Promise(setImmediate)
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
    await clock.advance(120_000)
    const report = await delivering
    expect([summary(report.outcomes), report.phase]).toEqual([['deferred 4.7.5'], 'tls'])
    expect(clock.sleeping).toBe(0)
  })

  it.each(['required', 'implicit'] as const)('works over sockets too: %s', async (tls) => {
    await using server = await listen(tls === 'implicit' ? implicit : withTls())
    await using delivery = createSmtpDelivery({
      hostname: 'client.example.org',
      clock: createManualClock(),
      ...trust(),
    })
    const destination: HostDestination = { ...HOST, tls, address: '127.0.0.1', port: server.port }
    for (const reused of [false, true]) {
      const content = source('.line of text\r\n'.repeat(20_000), 10_000)
      const report = await delivery.deliver({ envelope: envelope(), content, destination, signal: never })
      expect([summary(report.outcomes), report.peer?.reused, report.peer?.address]).toEqual([
        ['delivered'],
        reused,
        '127.0.0.1',
      ])
    }
  })
})

describe('resumption (RFC 8446)', () => {
  /** Delivers twice, over two connections each; each step names whom to reach and how. */
  async function steps(
    server: ServerPem,
    ways: readonly Partial<HostDestination>[],
    options: Partial<SmtpDeliveryOptions> = {},
  ) {
    const { dial, peers } = network(withTls({ pem: server }))
    const clock = createManualClock()
    const made = { hostname: 'client.example.org', clock, dial, pool: { maxIdleMs: 0 }, ...options }
    const delivery = createSmtpDelivery(made)
    const seen: unknown[] = []
    for (const way of ways) {
      const destination: HostDestination = { ...HOST, tls: 'required', ...way }
      const { outcomes, peer } = await delivery.deliver({
        envelope: envelope(),
        content: source(),
        destination,
        signal: never,
      })
      await peers.at(-1)?.gone()
      seen.push(peer?.tls === undefined ? summary(outcomes)[0] : [peer.tls.verified, peer.tls.resumed])
    }
    return { seen, peers, clock, delivery }
  }
  const server = (): ServerPem => ({ ...pem, context: createSecureContext(pem) })

  it('goes on with the session of an earlier connection, and with what was verified then', async () => {
    const { seen, peers } = await steps(server(), [{}, {}, {}], trust())
    expect(seen).toEqual([
      [true, false],
      [true, true],
      [true, true],
    ])
    expect(peers.map(({ tls }) => tls?.isSessionReused())).toEqual([false, true, true])
  })

  it('does so under TLS 1.2 too', async () => {
    const context = createSecureContext({ ...pem, maxVersion: 'TLSv1.2' })
    const { seen } = await steps({ ...pem, context }, [{}, {}, {}], trust())
    expect(seen).toEqual([
      [true, false],
      [true, true],
      [true, true],
    ])
  })

  it('never makes a host verified that was not', async () => {
    const opportunistic = { tls: 'opportunistic', host: 'mx.example.com' } as const
    const { seen } = await steps(
      server(),
      [opportunistic, opportunistic, { host: 'mx.example.com' }, { host: 'mx.example.com' }],
      trust(),
    )
    // The chain is good and the name is wrong: a resumed session shows no name.
    expect(seen).toEqual([[false, false], [false, true], 'deferred 4.7.5', 'deferred 4.7.5'])
  })

  it('keeps hosts, ports and identities apart, and no sessions where told so', async () => {
    const { seen } = await steps(server(), [{}, { port: 26 }, { identity: pem }, { identity: pem }, {}], trust())
    expect(seen).toEqual([
      [true, false],
      [true, false],
      [true, false],
      [true, true],
      [true, true],
    ])
    const none = await steps(server(), [{}, {}], { trust: { ca: pem.cert, maxSessions: 0 } })
    expect(none.seen).toEqual([
      [true, false],
      [true, false],
    ])
  })

  it('begins anew where a handshake fails', async () => {
    const context = createSecureContext(pem)
    const scripts: Script[] = [withTls({ pem: { ...pem, context } }), stumbling, withTls({ pem: { ...pem, context } })]
    const { dial } = network(...scripts)
    const delivery = createSmtpDelivery({
      hostname: 'client.example.org',
      clock: createManualClock(),
      dial,
      pool: { maxIdleMs: 0 },
      ...trust(),
    })
    const seen = []
    for (let count = 0; count < 3; count += 1) {
      const destination: HostDestination = { ...HOST, tls: 'required' }
      const report = await delivery.deliver({ envelope: envelope(), content: source(), destination, signal: never })
      seen.push(report.peer?.tls?.resumed ?? summary(report.outcomes)[0])
    }
    expect(seen).toEqual([false, 'deferred 4.7.5', false])
  })

  it('looks at the certificate again after an hour', async () => {
    const { clock, delivery } = await steps(server(), [{}, {}], trust())
    await clock.advance(3_600_001)
    const destination: HostDestination = { ...HOST, tls: 'required' }
    const report = await delivery.deliver({ envelope: envelope(), content: source(), destination, signal: never })
    expect(report.peer?.tls?.resumed).toBe(false)
  })
})

describe('a certificate of ours', () => {
  it('is shown to a host that asks for one', async () => {
    for (const identity of [undefined, pem]) {
      const asking = withTls({ pem: { ...pem, requestCert: true } })
      const way = { tls: 'required', ...(identity && { identity }) } as const
      const { outcome, peers } = await deliver([asking], way, trust())
      expect(outcome).toBe('delivered')
      expect(peers[0]?.tls?.getPeerCertificate().subject?.CN).toBe(identity && 'mx.example.net')
    }
  })

  it('is a fault of ours where it is none', async () => {
    const identity = { key: 'no key', cert: 'no certificate' }
    await expect(deliver([withTls()], { tls: 'required', identity }, trust())).rejects.toThrow()
  })
})

describe('SNI (RFC 6066)', () => {
  it.each([
    { host: 'mx.example.net', name: 'mx.example.net' },
    { host: 'mx.example.net.', name: 'mx.example.net' },
    { host: 'm\u00fcx.example.net', name: 'xn--mx-xka.example.net' },
    { host: '192.0.2.1', name: undefined },
    { host: '2001:db8::1', name: undefined },
  ])('says $name to $host', async ({ host, name }) => {
    const { outcome, peers } = await deliver([withTls()], { tls: 'opportunistic', host })
    expect(outcome).toBe('delivered')
    expect(peers[0]?.tls?.servername || undefined).toBe(name)
  })
})

describe('AUTH', () => {
  it('sends credentials under verified TLS and shows them nowhere (RFC 4954 §4)', async () => {
    const { outcome, peers, dialogue, reports } = await deliver([withTls()], { tls: 'required', credentials }, trust())
    expect(outcome).toBe('delivered')
    expect(peers[0]?.lines).toContain(`AUTH PLAIN ${btoa('\0ada\0correct horse')}`)
    expect(dialogue).toContain('client AUTH PLAIN ****')
    const said = JSON.stringify([dialogue, reports])
    expect(said).not.toContain('correct horse')
    expect(said).not.toContain(btoa('\0ada\0correct horse'))
  })

  it('does not send them in clear or to anybody, unless told to', async () => {
    const clear = polite({ keywords: ['AUTH PLAIN'] })
    for (const [script, tls] of [
      [clear, 'none'],
      [clear, 'opportunistic'],
      [withTls(), 'opportunistic'],
    ] as const) {
      const { report, outcome, peers } = await deliver([script], { tls, credentials })
      expect([outcome, report.phase]).toEqual(['deferred 4.7.4', 'auth'])
      expect(peers[0]?.lines.some((line) => line.startsWith('AUTH'))).toBe(false)
      const told = await deliver([script], { tls, credentials }, { exposeCredentials: true })
      expect(told.outcome).toBe('delivered')
    }
  })

  it.each([
    { name: 'no mechanism is offered', options: { keywords: ['PIPELINING'] }, outcome: 'deferred 4.7.4' },
    { name: 'only an unknown one is', options: { keywords: ['AUTH X-ODD'] }, outcome: 'deferred 4.7.4' },
    {
      name: 'they are refused',
      options: { answer: (line: string) => (line.startsWith('AUTH') ? '535 5.7.8 no' : undefined) },
      outcome: 'deferred 4.7.8',
    },
    {
      name: 'they cannot be judged',
      options: { answer: (line: string) => (line.startsWith('AUTH') ? '454 4.7.0 later' : undefined) },
      outcome: 'deferred 4.7.0',
    },
    {
      name: 'the peer closes',
      options: { answer: (line: string) => (line.startsWith('AUTH') ? 'close' : undefined) },
      outcome: 'deferred 4.4.2',
    },
    {
      name: 'the peer says more behind EHLO',
      options: {
        answer: (line: string) => (line.startsWith('EHLO') ? '250-a\r\n250 AUTH PLAIN\r\n421 bye' : undefined),
      },
      outcome: 'deferred 4.3.2',
    },
  ])('defers where $name', async ({ options, outcome }) => {
    const made = await deliver(
      [polite({ keywords: KEYWORDS, ...options })],
      { credentials },
      { exposeCredentials: true },
    )
    expect(made.outcome).toBe(outcome)
    expect(made.peers[0]?.lines.some((line) => line.startsWith('MAIL'))).toBe(false)
  })

  it.each(['421 4.3.2 bye', '250 surplus', 'x'])(
    'says that it ended at AUTH where "%s" came behind 235',
    async (said) => {
      const answer = (line: string) => (line.startsWith('AUTH') ? `235 2.7.0 ok\r\n${said}` : undefined)
      const { report, outcome } = await deliver([withTls({ answer })], { tls: 'required', credentials }, trust())
      expect([outcome, report.phase]).toEqual([said.startsWith('421') ? 'deferred 4.3.2' : 'deferred 4.5.0', 'auth'])
    },
  )
})
