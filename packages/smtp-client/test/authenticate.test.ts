/** How a client authenticates (RFC 4954): which mechanism, what it shows to whom, and whom it believes. */

import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { createManualClock } from '@postroad/runtime'
import { systemCryptography as cryptography, systemRandom as random } from '@postroad/runtime/system'
import {
  createServerMechanism,
  deriveScramKeys,
  digestServerCertificate,
  type ChannelBinding,
  type ScramKeys,
  type ServerMechanism,
  type ServerStep,
} from '@postroad/sasl'
import { generate } from 'selfsigned'
import { beforeAll, describe, expect, it } from 'vitest'
import type { HostCredentials, HostDestination } from '../src/host-destination.ts'
import { createSmtpDelivery, type SmtpDeliveryOptions } from '../src/smtp-delivery.ts'
import { certificate, ED25519, envelope, HOST, never, source, summary } from './fixtures.ts'
import { listen, network, polite, type Peer, type Script, type ServerPem } from './scripted-peer.ts'

const PASSWORD: HostCredentials = { username: 'ada', password: 'correct horse' }
const TOKEN: HostCredentials = { kind: 'token', username: 'ada', token: 'abc' }
const ALL =
  'SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 CRAM-MD5 OAUTHBEARER XOAUTH2 EXTERNAL PLAIN LOGIN'

let pem: ServerPem
let ca: string
let keys: Readonly<Record<string, ScramKeys | undefined>>
beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'mx.example.net' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'mx.example.net' }] }],
  })
  pem = { key: made.private, cert: made.cert }
  ca = made.cert
  const of = (mechanism: ScramKeys['mechanism']) =>
    deriveScramKeys('correct horse', { mechanism, salt: random.bytes(16), iterations: 4_096, cryptography })
  keys = { 'SCRAM-SHA-1': await of('SCRAM-SHA-1'), 'SCRAM-SHA-256': await of('SCRAM-SHA-256') }
})

/** What the server judged, in order. */
type Judged = { mechanism: string; credentials: unknown }[]

interface Behaviour {
  readonly judged?: Judged
  readonly refuses?: boolean
  /** Changes a step before it is said. */
  readonly says?: (step: ServerStep) => ServerStep
  /** Is told the initial response. */
  readonly heard?: (bytes: Uint8Array) => void
  readonly pem?: ServerPem
}

/** A server with every mechanism, behind EHLO. It has the passwords of nobody but Ada. */
function authenticating(offer: string, behaviour: Behaviour = {}): Script {
  return (peer) => {
    let mechanism: ServerMechanism | undefined
    const answer = (line: string): string | undefined => {
      if (mechanism === undefined && !line.startsWith('AUTH ')) return undefined
      if (line === '*') {
        mechanism = undefined
        return '501 5.7.0 cancelled'
      }
      if (mechanism !== undefined) return say(mechanism.receive(Buffer.from(line, 'base64')))
      const [, name = '', initial] = line.split(' ')
      mechanism = createServerMechanism(name, {
        cryptography,
        random,
        decoy: { key: new Uint8Array(32) },
        offered: offer.split(' '),
        ...(peer.tls !== undefined && { channelBinding: bindingOf(peer) }),
      })
      if (mechanism === undefined) return '504 5.5.4 no'
      const response = initial === undefined ? undefined : Buffer.from(initial, 'base64')
      if (response !== undefined) behaviour.heard?.(response)
      return say(mechanism.start(response))
    }
    const say = (given: ServerStep): string => {
      const step = behaviour.says?.(given) ?? given
      const exchange = mechanism
      if (exchange === undefined) return '503 5.5.1 no'
      if (step.kind === 'keys') return say(exchange.keys(step.username === 'ada' ? keys[step.mechanism] : undefined))
      if (step.kind === 'secret') return say(exchange.secret('correct horse'))
      if (step.kind === 'verify') {
        behaviour.judged?.push({ mechanism: exchange.name, credentials: step.credentials })
        return say(exchange.verified(behaviour.refuses !== true))
      }
      if (step.kind === 'challenge') return `334 ${Buffer.from(step.bytes).toString('base64')}`
      mechanism = undefined
      return step.kind === 'success' ? '235 2.7.0 ok' : '535 5.7.8 no'
    }
    return polite({ keywords: ['STARTTLS', `AUTH ${offer}`], pem: behaviour.pem ?? pem, answer })(peer)
  }
}

const bindingOf =
  ({ tls }: Peer): ChannelBinding =>
  (type) => {
    if (tls === undefined) return undefined
    if (type === 'tls-server-end-point') {
      const certificate = tls.getX509Certificate()
      return certificate && digestServerCertificate(certificate.raw, cryptography)
    }
    return tls.getProtocol() === 'TLSv1.3'
      ? tls.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
      : undefined
  }

async function deliver(
  script: Script,
  destination: Partial<HostDestination>,
  options: Partial<SmtpDeliveryOptions> = {},
) {
  const { dial, peers } = network(script)
  const dialogue: string[] = []
  const delivery = createSmtpDelivery({
    hostname: 'client.example.org',
    clock: createManualClock(),
    dial,
    trust: { ca },
    observer: { observe: () => {}, dialogue: ({ from, line }) => dialogue.push(`${from} ${line}`) },
    ...options,
  })
  const report = await delivery.deliver({
    envelope: envelope(),
    content: source(),
    destination: { ...HOST, credentials: PASSWORD, ...destination },
    signal: never,
  })
  await delivery[Symbol.asyncDispose]()
  const [outcome] = report.outcomes
  const reason = outcome !== undefined && 'reason' in outcome ? outcome.reason : undefined
  return { outcome: summary(report.outcomes)[0], phase: report.phase, reason, lines: peers[0]?.lines ?? [], dialogue }
}

const authLine = (lines: readonly string[]): string | undefined => lines.find((line) => line.startsWith('AUTH '))

describe('under verified TLS', () => {
  const tls = 'required' as const

  it.each([
    { offer: ALL, credentials: PASSWORD, taken: 'SCRAM-SHA-256-PLUS' },
    { offer: 'PLAIN SCRAM-SHA-1 SCRAM-SHA-256', credentials: PASSWORD, taken: 'SCRAM-SHA-256' },
    { offer: 'SCRAM-SHA-1 SCRAM-SHA-1-PLUS PLAIN', credentials: PASSWORD, taken: 'SCRAM-SHA-1-PLUS' },
    { offer: 'SCRAM-SHA-1 PLAIN', credentials: PASSWORD, taken: 'SCRAM-SHA-1' },
    { offer: 'CRAM-MD5 LOGIN PLAIN', credentials: PASSWORD, taken: 'PLAIN' },
    { offer: 'CRAM-MD5 LOGIN', credentials: PASSWORD, taken: 'LOGIN' },
    { offer: ALL, credentials: TOKEN, taken: 'OAUTHBEARER' },
    { offer: 'PLAIN XOAUTH2', credentials: TOKEN, taken: 'XOAUTH2' },
    { offer: ALL, credentials: { kind: 'external' } as const, taken: 'EXTERNAL' },
  ])('takes $taken of $offer for its credentials', async ({ offer, credentials, taken }) => {
    const judged: Judged = []
    const { outcome, lines, dialogue } = await deliver(authenticating(offer, { judged }), { tls, credentials })
    expect([outcome, judged[0]?.mechanism]).toEqual(['delivered', taken])
    expect(authLine(lines)).toMatch(new RegExp(`^AUTH ${taken}( |$)`))
    const shown = dialogue.join('\n')
    for (const secret of ['correct horse', 'YWJj', Buffer.from('correct horse').toString('base64')]) {
      expect(shown).not.toContain(secret)
    }
  })

  it.each([
    { version: 'TLSv1.3', type: 'tls-exporter' },
    { version: 'TLSv1.2', type: 'tls-server-end-point' },
  ] as const)('binds $type under $version (RFC 9266 §3, RFC 5929 §4)', async ({ version, type }) => {
    const first: string[] = []
    const script = authenticating('SCRAM-SHA-256-PLUS SCRAM-SHA-256', {
      heard: (bytes) => first.push(Buffer.from(bytes).toString()),
      pem: { ...pem, context: createSecureContext({ ...pem, minVersion: version, maxVersion: version }) },
    })
    const { outcome } = await deliver(script, { tls })
    expect([outcome, first[0]]).toEqual(['delivered', expect.stringMatching(new RegExp(`^p=${type},,n=ada,`))])
  })

  it.each([
    { version: 'TLSv1.3', type: 'tls-exporter' },
    { version: 'TLSv1.2', type: 'tls-server-end-point' },
  ] as const)('binds $type to a resumed session under $version too', async ({ version, type }) => {
    const first: string[] = []
    const context = createSecureContext({ ...pem, minVersion: version, maxVersion: version })
    const script = authenticating('SCRAM-SHA-256-PLUS SCRAM-SHA-256', {
      heard: (bytes) => first.push(Buffer.from(bytes).toString()),
      pem: { ...pem, context },
    })
    const { dial, peers } = network(script)
    const made = { hostname: 'client.example.org', clock: createManualClock(), dial, pool: { maxIdleMs: 0 } }
    await using delivery = createSmtpDelivery({ ...made, trust: { ca } })
    const resumed: unknown[] = []
    for (let count = 0; count < 3; count += 1) {
      const destination: HostDestination = { ...HOST, tls, credentials: PASSWORD }
      const report = await delivery.deliver({ envelope: envelope(), content: source(), destination, signal: never })
      await peers.at(-1)?.gone()
      resumed.push(report.peer?.tls?.resumed, summary(report.outcomes)[0])
    }
    expect(resumed).toEqual([false, 'delivered', true, 'delivered', true, 'delivered'])
    expect(first.map((text) => text.split(',')[0])).toEqual([`p=${type}`, `p=${type}`, `p=${type}`])
  })

  it('says that it cannot bind where the certificate gives nothing to bind to (RFC 5802 §6, RFC 5929 §4.1)', async () => {
    const first: string[] = []
    const script = authenticating('SCRAM-SHA-256-PLUS SCRAM-SHA-256', {
      heard: (bytes) => first.push(Buffer.from(bytes).toString()),
      pem: { ...ED25519, context: createSecureContext({ ...ED25519, maxVersion: 'TLSv1.2' }) },
    })
    const { outcome } = await deliver(script, { tls }, { trust: { ca: ED25519.cert } })
    expect([outcome, first[0]?.split(',')[0]]).toEqual(['delivered', 'n'])
  })

  it('says that it could bind where it is not offered to, in a resumed session too (RFC 5802 §6)', async () => {
    const first: string[] = []
    const script = authenticating('SCRAM-SHA-256', {
      heard: (bytes) => first.push(Buffer.from(bytes).toString()),
      pem: { ...pem, context: createSecureContext({ ...pem, maxVersion: 'TLSv1.2' }) },
    })
    const { dial, peers } = network(script)
    const made = { hostname: 'client.example.org', clock: createManualClock(), dial, pool: { maxIdleMs: 0 } }
    await using delivery = createSmtpDelivery({ ...made, trust: { ca } })
    for (let count = 0; count < 2; count += 1) {
      const destination: HostDestination = { ...HOST, tls, credentials: PASSWORD }
      await delivery.deliver({ envelope: envelope(), content: source(), destination, signal: never })
      await peers.at(-1)?.gone()
    }
    expect(first.map((text) => text.split(',')[0])).toEqual(['y', 'y'])
  })

  it('tells a token where it is shown (RFC 7628 §3.1)', async () => {
    const judged: Judged = []
    await deliver(authenticating('OAUTHBEARER', { judged }), { tls, credentials: TOKEN })
    expect(judged[0]?.credentials).toMatchObject({ token: 'abc', host: 'mx.example.net', port: 25 })
  })

  it('defers where the credentials are refused', async () => {
    for (const offer of ['SCRAM-SHA-256', 'PLAIN', 'LOGIN']) {
      const credentials = { username: 'ada', password: 'wrong' }
      const script = authenticating(offer, { refuses: true })
      const { outcome, phase, lines } = await deliver(script, { tls, credentials })
      expect([outcome, phase]).toEqual(['deferred 4.7.8', 'auth'])
      // One try: another mechanism would not make the password right.
      expect(lines.filter((line) => line.startsWith('AUTH '))).toHaveLength(1)
    }
  })

  it('defers where a token is refused, behind the answer to the reason (RFC 7628 §3.2.3)', async () => {
    const { outcome, lines } = await deliver(authenticating('OAUTHBEARER', { refuses: true }), {
      tls,
      credentials: TOKEN,
    })
    expect(outcome).toBe('deferred 4.7.8')
    expect(lines).toContain('AQ==')
  })

  it('does not believe a server that cannot prove itself (RFC 5802 §5)', async () => {
    const atOnce = authenticating('SCRAM-SHA-256', {
      says: (step) => (step.kind === 'keys' ? { kind: 'success', authorizationId: '', authenticationId: '' } : step),
    })
    const wrong = authenticating('SCRAM-SHA-256', {
      says: (step) =>
        step.kind === 'challenge' && Buffer.from(step.bytes).toString().startsWith('v=')
          ? { kind: 'challenge', bytes: Buffer.from('v=AAAA') }
          : step,
    })
    for (const script of [atOnce, wrong]) {
      const { outcome, phase, reason, lines } = await deliver(script, { tls })
      expect([outcome, phase, reason]).toEqual([
        'deferred 4.7.8',
        'auth',
        'The peer did not prove that it knows the password.',
      ])
      expect(lines.some((line) => line.startsWith('MAIL'))).toBe(false)
    }
  })

  it('burns no time for a server that asks for it', async () => {
    const greedy = authenticating('SCRAM-SHA-256', {
      says: (step) =>
        step.kind === 'challenge'
          ? { kind: 'challenge', bytes: Buffer.from(Buffer.from(step.bytes).toString().replace('i=4096', 'i=9999999')) }
          : step,
    })
    const { outcome, reason, lines } = await deliver(greedy, { tls })
    expect([outcome, reason]).toEqual([
      'deferred 4.7.8',
      'The peer asks for fewer or more iterations than are allowed.',
    ])
    expect(lines).toContain('*')
  })

  it('asks for as many iterations as it is told to', async () => {
    const credentials = { ...PASSWORD, iterations: { min: 10_000 } }
    const { reason } = await deliver(authenticating('SCRAM-SHA-256'), { tls, credentials })
    expect(reason).toBe('The peer asks for fewer or more iterations than are allowed.')
  })

  it('uses what it is told to, CRAM-MD5 too', async () => {
    for (const mechanism of ['CRAM-MD5', 'LOGIN']) {
      const judged: Judged = []
      const credentials = { ...PASSWORD, mechanisms: [mechanism] }
      const { outcome } = await deliver(authenticating(ALL, { judged }), { tls, credentials })
      expect([outcome, judged[0]?.mechanism]).toEqual(['delivered', mechanism])
    }
  })

  it('defers where nothing fits that is offered', async () => {
    for (const offer of ['GSSAPI', 'XOAUTH2', 'CRAM-MD5']) {
      const { outcome, phase, reason, lines } = await deliver(authenticating(offer), { tls })
      expect([outcome, phase]).toEqual(['deferred 4.7.4', 'auth'])
      expect(reason).toBe('The peer offers no mechanism that can take the credentials.')
      expect(authLine(lines)).toBeUndefined()
    }
  })

  it('defers where no AUTH is offered at all, and says that', async () => {
    const { outcome, phase, reason } = await deliver(polite({ keywords: ['STARTTLS'], pem }), { tls })
    expect([outcome, phase, reason]).toEqual(['deferred 4.7.4', 'auth', 'The peer does not offer AUTH.'])
  })

  it('keeps a token that does not fit into the AUTH line for the challenge (RFC 4954 §4)', async () => {
    const judged: Judged = []
    const credentials = { ...TOKEN, token: 'x'.repeat(2_000) }
    const { outcome, lines } = await deliver(authenticating('XOAUTH2', { judged }), { tls, credentials })
    expect([outcome, authLine(lines)]).toEqual(['delivered', 'AUTH XOAUTH2'])
    expect(judged).toMatchObject([{ credentials: { token: 'x'.repeat(2_000) } }])
  })
})

describe('EXTERNAL (RFC 4422 Appendix A)', () => {
  /** Knows one certificate; others, and nobody's, are refused. */
  const knowing =
    (cert: string): Script =>
    (peer) =>
      polite({
        keywords: ['STARTTLS', 'AUTH EXTERNAL PLAIN'],
        pem: { ...pem, requestCert: true },
        answer: (line) => {
          if (!line.startsWith('AUTH ')) return undefined
          const shown = peer.tls?.getPeerCertificate().fingerprint256
          const known = shown === new X509Certificate(cert).fingerprint256
          return line === 'AUTH EXTERNAL =' && known ? '235 2.7.0 ok' : '535 5.7.8 no'
        },
      })(peer)

  it.each([
    { name: 'the certificate that is known', shows: 'ours', outcome: 'delivered' },
    { name: 'another', shows: 'another', outcome: 'deferred 4.7.8' },
    { name: 'none', shows: undefined, outcome: 'deferred 4.7.8' },
  ] as const)('is who a certificate says we are, over sockets: with $name', async ({ shows, outcome }) => {
    const made = { ours: await certificate('client.example.org'), another: await certificate('client.example.org') }
    await using server = await listen(knowing(made.ours.cert))
    await using delivery = createSmtpDelivery({
      hostname: 'client.example.org',
      clock: createManualClock(),
      trust: { ca },
    })
    const destination: HostDestination = {
      ...HOST,
      tls: 'required',
      address: '127.0.0.1',
      port: server.port,
      credentials: { kind: 'external' },
      ...(shows && { identity: made[shows] }),
    }
    const report = await delivery.deliver({ envelope: envelope(), content: source(), destination, signal: never })
    expect(summary(report.outcomes)).toEqual([outcome])
    expect(server.peers[0]?.lines).toContain('AUTH EXTERNAL =')
  })
})

describe('a peer that goes away', () => {
  it('in the middle of an exchange leaves the recipients deferred', async () => {
    const script = polite({
      keywords: ['AUTH PLAIN'],
      answer: (line) => (line.startsWith('AUTH ') ? 'close' : undefined),
    })
    const { outcome, phase } = await deliver(script, { tls: 'none' }, { exposeCredentials: true })
    expect([outcome, phase]).toEqual(['deferred 4.4.2', 'auth'])
  })

  it.each([
    { how: 'closes', last: 'close', outcome: 'deferred 4.4.2' },
    { how: 'says 421', last: '421 4.3.2 bye', outcome: 'deferred 4.3.2' },
    { how: 'says 454', last: '454 4.7.0 later', outcome: 'deferred 4.7.0' },
  ])('while a key is derived: $how', async ({ last, outcome }) => {
    const script = polite({
      keywords: ['ENHANCEDSTATUSCODES', 'AUTH SCRAM-SHA-256'],
      answer: (line, peer) => {
        const [verb, , initial = ''] = line.split(' ')
        if (verb !== 'AUTH') return undefined
        const nonce = /r=(.*)$/.exec(Buffer.from(initial, 'base64').toString())?.[1] ?? ''
        peer.say(`334 ${Buffer.from(`r=${nonce}x,s=QSXC,i=4096`).toString('base64')}\r\n`)
        return last
      },
    })
    const got = await deliver(script, { tls: 'none' })
    expect([got.outcome, got.phase]).toEqual([outcome, 'auth'])
    expect(got.lines.some((line) => line.startsWith('MAIL'))).toBe(false)
  })
})

describe('in clear, or with a peer that is not verified', () => {
  it.each([
    { tls: 'none', credentials: PASSWORD, offer: 'PLAIN LOGIN CRAM-MD5' },
    { tls: 'opportunistic', credentials: PASSWORD, offer: 'PLAIN LOGIN' },
    { tls: 'none', credentials: TOKEN, offer: ALL },
    { tls: 'opportunistic', credentials: TOKEN, offer: ALL },
  ] as const)('shows neither password nor token: $offer ($tls)', async ({ tls, credentials, offer }) => {
    const { outcome, phase, reason, lines } = await deliver(authenticating(offer), { tls, credentials }, { trust: {} })
    expect([outcome, phase]).toEqual(['deferred 4.7.4', 'auth'])
    expect(reason).toBe('Credentials are not sent without verified TLS.')
    expect(authLine(lines)).toBeUndefined()
  })

  it.each([
    { tls: 'none', taken: 'SCRAM-SHA-256' },
    { tls: 'opportunistic', taken: 'SCRAM-SHA-256-PLUS' },
  ] as const)('takes SCRAM, which shows none: $taken ($tls)', async ({ tls, taken }) => {
    const judged: Judged = []
    const { outcome } = await deliver(authenticating(ALL, { judged }), { tls }, { trust: {} })
    expect([outcome, judged[0]?.mechanism]).toEqual(['delivered', taken])
  })

  it('shows them where that is allowed', async () => {
    const { outcome, lines } = await deliver(authenticating('PLAIN'), { tls: 'none' }, { exposeCredentials: true })
    expect(outcome).toBe('delivered')
    expect(authLine(lines)).toMatch(/^AUTH PLAIN /)
  })
})
