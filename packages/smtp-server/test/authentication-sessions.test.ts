/** AUTH in whole sessions (RFC 4954): what is offered when, and channels that are bound. */

import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { systemCryptography as cryptography, systemRandom as random } from '@postroad/runtime/system'
import { chooseMechanism, createClientMechanism, deriveScramKeys, digestServerCertificate } from '@postroad/sasl'
import type { ChannelBinding, ClientMechanism, ScramKeys, ServerCredentials } from '@postroad/sasl'
import type { Authentication, SessionView } from '@postroad/smtp'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TlsOptions } from '../src/index.ts'
import type { LineClient } from '../src/testing/index.ts'
import { certificate } from './certificate.ts'
import { Recorder, serve } from './harness.ts'
import type { Harness } from './harness.ts'

const MECHANISMS = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'CRAM-MD5', 'OAUTHBEARER', 'EXTERNAL', 'PLAIN', 'LOGIN']
const LOGIN = { username: 'ada', password: 'secret' }

let keys: ScramKeys | undefined
beforeAll(async () => {
  const salt = random.bytes(16)
  keys = await deriveScramKeys('secret', { mechanism: 'SCRAM-SHA-256', salt, iterations: 4_096, cryptography })
})

/** Has the keys of Ada. */
class Scram extends Recorder {
  scramKeys(username: string): Promise<ScramKeys | undefined> {
    return Promise.resolve(username === 'ada' ? keys : undefined)
  }
  override async authenticate(credentials: ServerCredentials): Promise<Authentication> {
    if (credentials.kind !== 'proof') return super.authenticate(credentials)
    return { kind: 'accepted', account: credentials.authenticationId }
  }
}

const harnesses: Harness[] = []
afterEach(async () => {
  await Promise.all(harnesses.splice(0).map(({ server }) => server.stop({ deadlineMs: 0 })))
})
const start = (handler: Recorder, options: Parameters<typeof serve>[1] = {}): Harness => {
  const harness = serve(handler, { mechanisms: MECHANISMS, ...options })
  harnesses.push(harness)
  return harness
}

/** What EHLO offers to authenticate with. */
async function offered(client: LineClient): Promise<string[]> {
  const [reply = ''] = await client.talk('EHLO client.example.org')
  const line = reply.split('\n').find((each) => /^250[- ]AUTH /.test(each))
  return line?.slice('250 AUTH '.length).split(' ') ?? []
}

/** Authenticates; the last reply. */
async function authenticate(client: LineClient, made: ClientMechanism | undefined): Promise<string | undefined> {
  if (made === undefined) throw new Error('no mechanism')
  const initial = made.start()
  const given = initial === undefined ? '' : ` ${Buffer.from(initial).toString('base64')}`
  let [reply] = await client.talk(`AUTH ${made.name}${given}`)
  while (reply?.startsWith('334 ') === true) {
    let step = made.receive(Buffer.from(reply.slice(4), 'base64'))
    if (step.kind === 'derive') {
      const { algorithm, password, salt, iterations } = step.derivation
      step = made.derived(await cryptography.pbkdf2(algorithm, password, salt, iterations))
    }
    if (step.kind !== 'respond') throw new Error('the client gave up')
    ;[reply] = await client.talk(Buffer.from(step.bytes).toString('base64'))
  }
  if (reply?.startsWith('235') === true) expect(made.finish()).toEqual({ kind: 'done' })
  return reply
}

const bindingOf =
  (socket: TLSSocket): ChannelBinding =>
  (type) => {
    if (type === 'tls-server-end-point') {
      return digestServerCertificate(socket.getPeerCertificate().raw, cryptography)
    }
    return socket.getProtocol() === 'TLSv1.3'
      ? socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
      : undefined
  }

async function startTls(client: LineClient, options: Parameters<LineClient['startTls']>[0] = {}): Promise<TLSSocket> {
  await client.talk('EHLO client.example.org', 'STARTTLS')
  const socket = await client.startTls(options)
  if (socket.getProtocol() === null) await once(socket, 'secureConnect')
  return socket
}

describe('what is offered', () => {
  it('shows no password in clear, and binds a channel under TLS alone (RFC 4954 §4)', async () => {
    const harness = start(new Scram(), { tls: await certificate() })
    const client = await harness.socket()
    expect(await offered(client)).toEqual(['SCRAM-SHA-256'])
    await startTls(client)
    expect(await offered(client)).toEqual(['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'OAUTHBEARER', 'PLAIN', 'LOGIN'])
  })

  it('is what the handler can judge', async () => {
    const client = await start(new Recorder(), { allowPlaintextAuth: true }).pair()
    expect(await offered(client)).toEqual(['OAUTHBEARER', 'PLAIN', 'LOGIN'])
  })

  it('refuses in clear what shows a password, and what is not offered', async () => {
    const client = await start(new Scram(), { tls: await certificate() }).pair()
    await client.talk('EHLO client.example.org')
    expect(await client.talk('AUTH PLAIN AGFkYQBzZWNyZXQ=')).toEqual([expect.stringMatching(/^538 5\.7\.11 /)])
    expect(await client.talk('AUTH SCRAM-SHA-256-PLUS')).toEqual([expect.stringMatching(/^538 5\.7\.11 /)])
    expect(await client.talk('AUTH SCRAM-SHA-1')).toEqual([expect.stringMatching(/^504 5\.5\.4 /)])
  })
})

describe('SCRAM', () => {
  it('lets in in clear, and tells who', async () => {
    const harness = start(new Scram())
    const client = await harness.pair()
    const mechanism = chooseMechanism(await offered(client), LOGIN, { cryptography, random })
    expect(await authenticate(client, mechanism)).toMatch(/^235 2\.7\.0 /)
    expect(harness.sessions[0]?.account).toBe('ada')
    expect(harness.of('session.authenticated')).toMatchObject([{ mechanism: 'SCRAM-SHA-256' }])
  })

  it.each([
    { version: 'TLSv1.3', type: 'tls-exporter' },
    { version: 'TLSv1.2', type: 'tls-server-end-point' },
  ] as const)('binds $type under $version (RFC 9266, RFC 5929)', async ({ version, type }) => {
    const harness = start(new Scram(), { tls: await certificate() })
    const client = await harness.socket()
    const socket = await startTls(client, { minVersion: version, maxVersion: version })
    const context = { cryptography, random, channelBinding: bindingOf(socket) }
    const mechanism = chooseMechanism(await offered(client), LOGIN, context)
    expect(mechanism?.name).toBe('SCRAM-SHA-256-PLUS')
    expect(await authenticate(client, mechanism)).toMatch(/^235 2\.7\.0 /)
    expect(harness.of('session.authenticated')).toMatchObject([{ mechanism: 'SCRAM-SHA-256-PLUS' }])
    expect(context.channelBinding(type)).toBeDefined()
  })

  it('fails where the client sees another channel, or was not offered to bind it', async () => {
    const harness = start(new Scram(), { tls: await certificate() })
    const client = await harness.socket()
    await startTls(client)
    await offered(client)
    const elsewhere: ChannelBinding = () => new Uint8Array(32)
    const context = { cryptography, random, channelBinding: elsewhere }
    const refused = /^535 5\.7\.8 Channel binding does not match/
    expect(await authenticate(client, createClientMechanism('SCRAM-SHA-256-PLUS', LOGIN, context))).toMatch(refused)
    expect(await authenticate(client, createClientMechanism('SCRAM-SHA-256', LOGIN, context))).toMatch(refused)
    expect(harness.sessions[0]?.account).toBeUndefined()
  })

  it('takes a client that could bind where we are not ready to', async () => {
    const harness = start(new Scram(), { tls: await certificate(), mechanisms: ['SCRAM-SHA-256'] })
    const client = await harness.socket()
    const socket = await startTls(client)
    const context = { cryptography, random, channelBinding: bindingOf(socket) }
    const mechanism = chooseMechanism(await offered(client), LOGIN, context)
    expect(await authenticate(client, mechanism)).toMatch(/^235 /)
  })

  it('lets in nobody where the decoy would tell who exists', async () => {
    const harness = start(new Scram(), { scramDecoy: { key: new Uint8Array(1) } })
    const client = await harness.pair()
    await offered(client)
    const attempt = createClientMechanism('SCRAM-SHA-256', LOGIN, { cryptography, random })
    expect(await authenticate(client, attempt)).toMatch(/^45/)
    expect(harness.faults()).toMatchObject([{ code: 'SASL_KEYS' }])
    expect(harness.sessions[0]?.account).toBeUndefined()
  })

  it('is 454 where the keys cannot be had, and may be tried again', async () => {
    const handler = Object.assign(new Scram(), { scramKeys: () => Promise.reject(new Error('away')) })
    const harness = start(handler)
    const client = await harness.pair()
    await offered(client)
    const attempt = () => createClientMechanism('SCRAM-SHA-256', LOGIN, { cryptography, random })
    expect(await authenticate(client, attempt())).toMatch(/^454 4\.7\.0 /)
    expect(harness.faults()).toMatchObject([{ message: 'away' }])
    expect(await authenticate(client, attempt())).toMatch(/^454 4\.7\.0 /)
  })
})

/** Lets in whoever shows a certificate, as whom it names; and whoever that is to act as. */
class Certified extends Recorder {
  session: SessionView | undefined
  readonly asked: ServerCredentials[] = []
  override async authenticate(credentials: ServerCredentials): Promise<Authentication> {
    this.asked.push(credentials)
    const certificate = this.session?.tls?.clientCertificate
    if (credentials.kind !== 'certificate' || certificate?.verified !== true) return { kind: 'refused' }
    return { kind: 'accepted', account: credentials.authorizationId || certificate.subject }
  }
}

describe('EXTERNAL (RFC 4422 Appendix A)', () => {
  const startFor = async (options: Partial<TlsOptions> = {}): Promise<{ harness: Harness; handler: Certified }> => {
    const handler = new Certified()
    const { cert: ca } = await certificate('client.example.org')
    const tls: TlsOptions = { ...(await certificate()), clientCertificates: 'request', ca, ...options }
    const harness = serve(
      (session) => {
        handler.session = session
        return handler
      },
      { mechanisms: MECHANISMS, tls },
    )
    harnesses.push(harness)
    return { harness, handler }
  }

  it.each([
    { how: 'STARTTLS', version: 'TLSv1.2', authorizationId: '', account: 'CN=client.example.org' },
    { how: 'STARTTLS', version: 'TLSv1.3', authorizationId: '', account: 'CN=client.example.org' },
    { how: 'implicit TLS', version: 'TLSv1.3', authorizationId: 'ada', account: 'ada' },
  ] as const)('lets in by a verified certificate, over $how, $version', async (row) => {
    const { how, version, authorizationId, account } = row
    const { harness, handler } = await startFor({ implicit: how === 'implicit TLS' })
    const client = await harness.socket()
    const options = { minVersion: version, maxVersion: version, ...(await certificate('client.example.org')) }
    if (how === 'implicit TLS') {
      await client.startTls(options)
      await client.reply()
    } else await startTls(client, options)
    expect(await offered(client)).toContain('EXTERNAL')
    const login = { kind: 'external', ...(authorizationId !== '' && { authorizationId }) } as const
    const mechanism = createClientMechanism('EXTERNAL', login, {})
    expect(await authenticate(client, mechanism)).toMatch(/^235 2\.7\.0 /)
    expect(harness.sessions[0]).toMatchObject({ account, tls: { version, clientCertificate: { verified: true } } })
    expect(handler.asked).toEqual([{ kind: 'certificate', authorizationId }])
    expect(harness.of('session.authenticated')).toMatchObject([{ mechanism: 'EXTERNAL' }])
  })

  it.each([
    { who: 'nobody vouches for', names: ['elsewhere.example.org'] },
    { who: 'shows none', names: undefined },
  ])('is offered to no client that $who', async ({ names }) => {
    const { harness, handler } = await startFor()
    const client = await harness.socket()
    await startTls(client, names === undefined ? {} : await certificate(...names))
    expect(await offered(client)).not.toContain('EXTERNAL')
    expect(await client.talk('AUTH EXTERNAL =')).toEqual([expect.stringMatching(/^504 5\.5\.4 /)])
    expect(handler.asked).toEqual([])
    expect(harness.sessions[0]?.account).toBeUndefined()
  })
})
