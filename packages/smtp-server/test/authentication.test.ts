/** One exchange of AUTH between mechanism and handler (RFC 4954 §4). */

import { reply } from '@postroad/envelope'
import { systemCryptography as cryptography, systemRandom as random } from '@postroad/runtime/system'
import { createClientMechanism, deriveScramKeys, verifyScramPassword } from '@postroad/sasl'
import type {
  ChannelBinding,
  ClientContext,
  ClientCredentials,
  ClientMechanism,
  ClientStep,
  ScramKeys,
  ServerCredentials,
} from '@postroad/sasl'
import type { Authentication, SubmissionHandler } from '@postroad/smtp'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAuthExchange, mechanismsOf } from '../src/authentication.ts'
import type { AuthSetting, AuthVerdict } from '../src/authentication.ts'

const OK = reply(250, '2.0.0', 'OK')
const LOGIN: ClientCredentials = { username: 'ada', password: 'secret' }
const tools = { cryptography, random }
const channelBinding: ChannelBinding = (type) => (type === 'tls-exporter' ? new Uint8Array(32).fill(1) : undefined)

let keys: Readonly<Record<string, ScramKeys | undefined>> = {}
beforeAll(async () => {
  const salt = random.bytes(16)
  const of = (mechanism: ScramKeys['mechanism']) =>
    deriveScramKeys('secret', { mechanism, salt, iterations: 4_096, cryptography })
  keys = { 'SCRAM-SHA-1': await of('SCRAM-SHA-1'), 'SCRAM-SHA-256': await of('SCRAM-SHA-256') }
})

/** A handler that judges by what `accounts` says, and writes down what it was asked. */
class Judge implements SubmissionHandler {
  readonly asked: ServerCredentials[] = []
  verdict: Authentication = { kind: 'accepted', account: 'account of ada' }

  authenticate(credentials: ServerCredentials): Promise<Authentication> {
    this.asked.push(credentials)
    return Promise.resolve(this.verdict)
  }
  scramKeys(username: string, mechanism: string): Promise<ScramKeys | undefined> {
    return Promise.resolve(username === 'ada' ? keys[mechanism] : undefined)
  }
  sharedSecret(username: string): Promise<string | undefined> {
    return Promise.resolve(username === 'ada' ? 'secret' : undefined)
  }
  mail = () => OK
  rcpt = () => OK
  content = () => OK
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

function the<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('it is not there')
  return value
}

function client(name: string, credentials: ClientCredentials = LOGIN, context: ClientContext = {}): ClientMechanism {
  return the(createClientMechanism(name, credentials, { ...tools, ...context }))
}

/** Runs an exchange to its end; what the server said on the way, and what it came to. */
async function run(
  made: ClientMechanism,
  handler: SubmissionHandler,
  setting: AuthSetting = {},
  name: string = made.name,
): Promise<{ verdict: AuthVerdict; challenges: string[] }> {
  const exchange = createAuthExchange(name, handler, setting)
  const challenges: string[] = []
  let verdict = await exchange.start(made.start())
  while (verdict.kind === 'challenge') {
    challenges.push(Buffer.from(verdict.bytes).toString())
    verdict = await exchange.receive(await respond(made, made.receive(verdict.bytes)))
  }
  if (verdict.kind === 'accepted') expect(made.finish()).toEqual({ kind: 'done' })
  return { verdict, challenges }
}

async function respond(made: ClientMechanism, step: ClientStep): Promise<Uint8Array> {
  if (step.kind === 'respond') return step.bytes
  if (step.kind === 'fail') throw new Error(step.reason)
  const { algorithm, password, salt, iterations } = step.derivation
  return respond(made, made.derived(await cryptography.pbkdf2(algorithm, password, salt, iterations)))
}

describe('every mechanism', () => {
  const token: ClientCredentials = { kind: 'token', username: 'ada', token: 'abc' }
  const external: ClientCredentials = { kind: 'external' }
  const proof = { kind: 'proof', authorizationId: '', authenticationId: 'ada' }

  it.each([
    { name: 'PLAIN', credentials: LOGIN, asked: { kind: 'password', authenticationId: 'ada', password: 'secret' } },
    { name: 'LOGIN', credentials: LOGIN, asked: { kind: 'password', authenticationId: 'ada', password: 'secret' } },
    { name: 'CRAM-MD5', credentials: LOGIN, asked: proof },
    { name: 'SCRAM-SHA-1', credentials: LOGIN, asked: proof },
    { name: 'SCRAM-SHA-256', credentials: LOGIN, asked: proof },
    { name: 'SCRAM-SHA-1-PLUS', credentials: LOGIN, asked: proof },
    { name: 'SCRAM-SHA-256-PLUS', credentials: LOGIN, asked: proof },
    { name: 'OAUTHBEARER', credentials: token, asked: { kind: 'token', authorizationId: 'ada', token: 'abc' } },
    { name: 'XOAUTH2', credentials: token, asked: { kind: 'token', authorizationId: 'ada', token: 'abc' } },
    { name: 'EXTERNAL', credentials: external, asked: { kind: 'certificate', authorizationId: '' } },
  ])('ends in the account that the handler names ($name)', async ({ name, credentials, asked }) => {
    const handler = new Judge()
    const setting = { channelBinding, clientCertificate: { verified: true }, hostname: 'mx.example.net' }
    const { verdict } = await run(client(name, credentials, { channelBinding, offered: [name] }), handler, {
      ...setting,
      offered: [name],
    })
    expect(verdict).toMatchObject({
      kind: 'accepted',
      account: 'account of ada',
      reply: { code: 235, status: '2.7.0' },
    })
    expect(handler.asked).toMatchObject([asked])
  })

  it.each(['PLAIN', 'CRAM-MD5', 'SCRAM-SHA-256'])('is refused where the handler refuses (%s)', async (name) => {
    const handler = new Judge()
    handler.verdict = { kind: 'refused' }
    expect((await run(client(name), handler)).verdict).toMatchObject({
      kind: 'refused',
      reply: { code: 535, status: '5.7.8' },
    })
    handler.verdict = { kind: 'refused', reply: reply(432, '4.7.12', 'Change your password') }
    expect((await run(client(name), handler)).verdict).toMatchObject({ kind: 'refused', reply: { code: 432 } })
  })

  it.each(['SCRAM-SHA-256', 'CRAM-MD5'])('asks the handler nothing where the proof is wrong (%s)', async (name) => {
    const handler = new Judge()
    for (const login of [
      { username: 'ada', password: 'wrong' },
      { username: 'eve', password: 'secret' },
    ]) {
      expect((await run(client(name, login), handler)).verdict).toMatchObject({ kind: 'refused', reply: { code: 535 } })
    }
    expect(handler.asked).toEqual([])
  })
})

describe('whom the client acts as (RFC 4954 §4)', () => {
  const token = (username: string): ClientCredentials => ({ kind: 'token', username, token: 'abc' })
  const external = (authorizationId: string): ClientCredentials => ({ kind: 'external', authorizationId })
  const password = (authorizationId: string): ClientCredentials => ({ ...LOGIN, authorizationId })
  const setting = { clientCertificate: { verified: true } }

  it.each([
    { name: 'PLAIN', credentials: password },
    { name: 'SCRAM-SHA-256', credentials: password },
    { name: 'EXTERNAL', credentials: external },
    { name: 'OAUTHBEARER', credentials: token },
    { name: 'XOAUTH2', credentials: token },
  ])('is told in the one form that SASLprep gives it ($name)', async ({ name, credentials }) => {
    const handler = new Judge()
    const { verdict } = await run(client(name, credentials('I\u00adX \u2168')), handler, setting)
    expect(verdict.kind).toBe('accepted')
    expect(handler.asked).toMatchObject([{ authorizationId: 'IX IX' }])
  })

  it.each([
    { name: 'PLAIN', credentials: password },
    { name: 'EXTERNAL', credentials: external },
    { name: 'OAUTHBEARER', credentials: token },
    { name: 'XOAUTH2', credentials: token },
  ])('fails where SASLprep refuses it or leaves nothing of it ($name)', async ({ name, credentials }) => {
    for (const nobody of ['\u00ad', '\u2060x\u202e', '\ufffd']) {
      const handler = new Judge()
      const { verdict } = await run(client(name, credentials(nobody)), handler, setting)
      expect(verdict).toMatchObject({ kind: 'refused', reply: { code: 535, status: '5.7.8' } })
      expect(handler.asked).toEqual([])
    }
  })

  it('stays as it is where it is the name that the password is for, which is not prepared either', async () => {
    const handler = new Judge()
    const self = 'ada\u00ad'
    await run(client('PLAIN', { username: self, password: 'secret', authorizationId: self }), handler)
    expect(handler.asked).toMatchObject([{ authorizationId: self, authenticationId: self }])
  })
})

it('tells a user that does not exist the same salt each time, and the one that it is given', async () => {
  const salts = async (setting: AuthSetting): Promise<string | undefined> => {
    const { challenges } = await run(client('SCRAM-SHA-256', { username: 'eve', password: 'x' }), new Judge(), setting)
    return /s=([^,]*),i=4096$/.exec(challenges[0] ?? '')?.[1]
  }
  const usual = the(await salts({}))
  expect(await salts({})).toBe(usual)
  const decoy = { key: bytes('a secret of the service') }
  expect(await salts({ decoy })).toBe(await salts({ decoy }))
  expect(await salts({ decoy })).not.toBe(usual)
})

it('tells why a token is refused before it refuses (RFC 7628 §3.2.3)', async () => {
  const handler = new Judge()
  handler.verdict = { kind: 'refused', token: { scope: 'mail' }, reply: reply(535, '5.7.8', 'Get a new token') }
  const { verdict, challenges } = await run(
    client('OAUTHBEARER', { kind: 'token', username: 'ada', token: 'abc' }),
    handler,
  )
  expect(challenges).toEqual(['{"status":"invalid_token","scope":"mail"}'])
  expect(verdict).toMatchObject({ kind: 'refused', reply: { code: 535, lines: ['Get a new token'] } })
})

describe('what the client breaks', () => {
  it('is 501 5.5.2', async () => {
    expect(await createAuthExchange('PLAIN', new Judge()).start(bytes('nonsense'))).toMatchObject({
      kind: 'refused',
      reply: { code: 501, status: '5.5.2' },
    })
  })

  it('is 535 5.7.8 and says so where somebody may be in between', async () => {
    const exchange = createAuthExchange('SCRAM-SHA-256', new Judge(), { channelBinding })
    expect(await exchange.start(bytes('y,,n=ada,r=abc'))).toMatchObject({
      kind: 'refused',
      reply: { code: 535, status: '5.7.8', lines: ['Channel binding does not match'] },
    })
  })
})

describe('what there is nothing for', () => {
  const only = (...methods: readonly string[]): SubmissionHandler => {
    const handler = new Judge()
    for (const method of ['scramKeys', 'sharedSecret']) {
      if (!methods.includes(method)) Object.assign(handler, { [method]: undefined })
    }
    return handler
  }

  it.each([
    { what: 'a mechanism that does not exist', name: 'NTLM', handler: () => new Judge() },
    { what: 'SCRAM without keys', name: 'SCRAM-SHA-256', handler: () => only('sharedSecret') },
    { what: 'CRAM-MD5 without secrets', name: 'CRAM-MD5', handler: () => only('scramKeys') },
    { what: 'a bound channel in clear', name: 'SCRAM-SHA-256-PLUS', handler: () => new Judge() },
    { what: 'EXTERNAL without certificate', name: 'EXTERNAL', handler: () => new Judge() },
  ])('is 504 5.5.4: $what', async ({ name, handler }) => {
    const exchange = createAuthExchange(name, handler())
    const refused = { kind: 'refused', reply: { code: 504, status: '5.5.4' } }
    expect(exchange.mechanism).toBe(name)
    expect(await exchange.start(undefined)).toMatchObject(refused)
    expect(await exchange.receive(bytes(''))).toMatchObject(refused)
  })

  it('is EXTERNAL with a certificate that nobody vouches for', async () => {
    const exchange = createAuthExchange('EXTERNAL', new Judge(), { clientCertificate: { verified: false } })
    expect(await exchange.start(bytes(''))).toMatchObject({ kind: 'refused', reply: { code: 504 } })
  })

  it('is not offered', () => {
    const names = ['scram-sha-256', 'CRAM-MD5', 'PLAIN', 'X-OWN']
    expect(mechanismsOf(new Judge(), names)).toEqual(['SCRAM-SHA-256', 'CRAM-MD5', 'PLAIN'])
    expect(mechanismsOf(only('scramKeys'), names)).toEqual(['SCRAM-SHA-256', 'PLAIN'])
    expect(mechanismsOf(only(), names)).toEqual(['PLAIN'])
  })
})

describe('a handler that fails', () => {
  const away = new Error('away')
  const broken = (): never => {
    throw away
  }
  const rejects = (): Promise<never> => Promise.reject(away)

  it.each([
    { method: 'authenticate', how: 'throws', name: 'PLAIN', fails: broken },
    { method: 'authenticate', how: 'rejects', name: 'PLAIN', fails: rejects },
    { method: 'authenticate', how: 'rejects', name: 'SCRAM-SHA-256', fails: rejects },
    { method: 'scramKeys', how: 'throws', name: 'SCRAM-SHA-256', fails: broken },
    { method: 'scramKeys', how: 'rejects', name: 'SCRAM-SHA-256', fails: rejects },
    { method: 'sharedSecret', how: 'throws', name: 'CRAM-MD5', fails: broken },
    { method: 'sharedSecret', how: 'rejects', name: 'CRAM-MD5', fails: rejects },
  ])('is 454 4.7.0, never acceptance: $method $how ($name)', async ({ method, name, fails }) => {
    const faults: unknown[] = []
    const handler = Object.assign(new Judge(), { [method]: fails })
    const { verdict } = await run(client(name), handler, { onFault: (error) => faults.push(error) })
    expect(verdict).toMatchObject({ kind: 'refused', reply: { code: 454, status: '4.7.0' } })
    expect(faults).toEqual([away])
  })

  it('is a fault, too, where it gives keys that are none', async () => {
    const faults: unknown[] = []
    const handler = Object.assign(new Judge(), { scramKeys: () => Promise.resolve(keys['SCRAM-SHA-1']) })
    const { verdict } = await run(client('SCRAM-SHA-256'), handler, { onFault: (error) => faults.push(error) })
    expect(verdict).toMatchObject({ kind: 'refused', reply: { code: 454 } })
    expect(faults).toMatchObject([{ code: 'SASL_KEYS' }])
  })

  it('is told who asks, where nobody is there to be told', async () => {
    const handler = Object.assign(new Judge(), { authenticate: rejects })
    await expect(run(client('PLAIN'), handler)).rejects.toThrow('away')
  })
})

it('needs nothing stored but keys for PLAIN, too', async () => {
  const handler = Object.assign(new Judge(), {
    authenticate: async (credentials: ServerCredentials): Promise<Authentication> => {
      if (credentials.kind !== 'password') return { kind: 'refused' }
      const stored = credentials.authenticationId === 'ada' ? keys['SCRAM-SHA-256'] : undefined
      const right = stored !== undefined && (await verifyScramPassword(credentials.password, stored, cryptography))
      return right ? { kind: 'accepted', account: 'ada' } : { kind: 'refused' }
    },
  })
  expect((await run(client('PLAIN'), handler)).verdict.kind).toBe('accepted')
  expect((await run(client('PLAIN', { username: 'ada', password: 'x' }), handler)).verdict.kind).toBe('refused')
})
