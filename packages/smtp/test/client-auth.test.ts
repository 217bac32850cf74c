/** AUTH as a client says it (RFC 4954 §4): with keys that are derived, and servers that must prove themselves. */

import { fromBase64, fromLatin1, fromUtf8, toBase64, toLatin1 } from '@postroad/bytes'
import { systemCryptography as cryptography, systemRandom as random } from '@postroad/runtime/system'
import { createClientMechanism, createServerMechanism, deriveScramKeys, SaslOrderError } from '@postroad/sasl'
import type { ClientMechanism, ServerMechanism } from '@postroad/sasl'
import { describe, expect, it } from 'vitest'
import { ClientAuthentication } from '../src/client-auth.ts'
import { CLIENT_DEADLINES } from '../src/client-deadlines.ts'
import { envelope, Talk } from './client-talk.ts'

const tools = { cryptography, random }
const login = { username: 'ada', password: 'secret' }

function made<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('it is not there')
  return value
}

const scram = (): ClientMechanism => made(createClientMechanism('SCRAM-SHA-256', login, tools))

/** A client that has been greeted and says AUTH. */
const begin = (mechanism: ClientMechanism) => {
  const talk = new Talk().greet('AUTH PLAIN')
  talk.session.authenticate(mechanism)
  return { talk, sent: talk.sent() }
}

const decoded = (line: string): string => toLatin1(made(fromBase64(line.trim())))

/** Answers `derive-key` as a driver does; gives what the client sends then. */
const derive = async (talk: Talk): Promise<string> => {
  const event = talk.events.at(-1)
  if (event?.type !== 'derive-key') throw new Error(`no key is asked for: ${event?.type}`)
  const { algorithm, password, salt, iterations } = event.derivation
  talk.session.keyDerived(await cryptography.pbkdf2(algorithm, password, salt, iterations))
  return talk.sent()
}

/** A server of SCRAM up to its challenge; `sent` is the client's AUTH line. */
const serve = async (sent: string): Promise<{ readonly server: ServerMechanism; readonly challenge: string }> => {
  const server = made(createServerMechanism('SCRAM-SHA-256', { ...tools, decoy: { key: new Uint8Array(32) } }))
  server.start(fromLatin1(decoded(sent.slice('AUTH SCRAM-SHA-256 '.length))))
  const options = { mechanism: 'SCRAM-SHA-256', salt: fromLatin1('salt'), iterations: 4_096, cryptography } as const
  const step = server.keys(await deriveScramKeys('secret', options))
  if (step.kind !== 'challenge') throw new Error(step.kind)
  return { server, challenge: `334 ${toBase64(step.bytes)}` }
}

describe('SCRAM', () => {
  it('lets the session wait for a key, and believes the server once it has proved itself', async () => {
    const { talk, sent } = begin(scram())
    const { server, challenge } = await serve(sent)
    expect(talk.says(challenge)).toBe('')
    expect(talk.session.phase).toBe('auth')
    const proof = await derive(talk)
    server.receive(fromLatin1(decoded(proof)))
    const last = server.verified(true)
    if (last.kind !== 'challenge') throw new Error(last.kind)
    // The answer to the server's proof is empty: SMTP has no data beside 235.
    expect(talk.says(`334 ${toBase64(last.bytes)}`)).toBe('\r\n')
    expect(server.receive(new Uint8Array(0)).kind).toBe('success')
    talk.says('235 2.7.0 ok')
    expect(talk.events.at(-1)).toEqual({ type: 'authenticated' })
    expect(talk.lines.filter((line) => /^C: (?!EHLO)/.test(line))).toEqual([
      'C: AUTH SCRAM-SHA-256 ****',
      'C: ****',
      'C: ****',
    ])
  })

  it('does not believe a server that says 235 without having proved itself (RFC 5802 §5)', async () => {
    const { talk, sent } = begin(scram())
    const { challenge } = await serve(sent)
    talk.says(challenge)
    await derive(talk)
    talk.says('235 2.7.0 ok')
    expect(talk.events.at(-1)).toMatchObject({
      type: 'authentication-refused',
      abandoned: true,
      reason: 'server-proof',
      reply: { code: 235 },
    })
  })

  it('does not believe a server that says 235 at once, or before the key is there', async () => {
    const unproven = { type: 'authentication-refused', abandoned: true, reason: 'server-proof' }
    const { talk } = begin(scram())
    talk.says('235 2.7.0 ok')
    expect(talk.events.at(-1)).toMatchObject(unproven)
    const second = begin(scram())
    const { challenge } = await serve(second.sent)
    second.talk.says(challenge, '235 2.7.0 ok')
    expect(second.talk.events.at(-1)).toMatchObject(unproven)
  })

  it('cancels where the proof of the server is wrong', async () => {
    const { talk, sent } = begin(scram())
    const { challenge } = await serve(sent)
    talk.says(challenge)
    await derive(talk)
    expect(talk.says(`334 ${toBase64(fromUtf8('v=AAAA'))}`)).toBe('*\r\n')
    talk.says('501 5.7.0 cancelled')
    expect(talk.events.at(-1)).toMatchObject({ abandoned: true, reason: 'server-proof', reply: { code: 501 } })
    expect(talk.session.idle).toBe(true)
  })

  it('cancels where the server asks for too many iterations', () => {
    const { talk, sent } = begin(scram())
    const nonce = /r=(.*)$/.exec(decoded(sent.slice('AUTH SCRAM-SHA-256 '.length)))?.[1] ?? ''
    expect(talk.says(`334 ${toBase64(fromUtf8(`r=${nonce}x,s=QSXC,i=9999999`))}`)).toBe('*\r\n')
    talk.says('501 5.7.0 cancelled')
    expect(talk.events.at(-1)).toMatchObject({ abandoned: true, reason: 'iterations' })
  })

  it('takes a refusal while the key is derived, and ignores the key then', async () => {
    const { talk, sent } = begin(scram())
    const { challenge } = await serve(sent)
    talk.says(challenge)
    const { length } = talk.events
    talk.says('454 4.7.0 too slow')
    expect(talk.events[length]).toMatchObject({
      type: 'authentication-refused',
      abandoned: false,
      reply: { code: 454 },
    })
    talk.session.keyDerived(new Uint8Array(32))
    expect(talk.sent()).toBe('')
    expect(talk.session.idle).toBe(true)
  })

  it('ends where a challenge comes that nobody asked for', async () => {
    const { talk, sent } = begin(scram())
    const { challenge } = await serve(sent)
    talk.says(challenge, '334 ')
    expect(talk.closed).toBe('unexpected-reply at auth')
    talk.session.keyDerived(new Uint8Array(32))
    expect(talk.sent()).toBe('')
  })
})

describe('a mechanism that is used a second time', () => {
  it('throws, says nothing, and leaves the session as it was', () => {
    const mechanism = made(createClientMechanism('PLAIN', login))
    mechanism.start()
    const talk = new Talk().greet('AUTH PLAIN')
    expect(() => talk.session.authenticate(mechanism)).toThrow(SaslOrderError)
    expect(talk.sent()).toBe('')
    expect(talk.session).toMatchObject({ idle: true, phase: 'done' })
  })
})

describe('the AUTH line', () => {
  const responding = (bytes: Uint8Array | undefined): ClientMechanism => ({
    name: 'X-TEST',
    start: () => bytes,
    receive: () => ({ kind: 'respond', bytes: fromLatin1('b') }),
    derived: () => ({ kind: 'fail', reason: 'malformed' }),
    finish: () => ({ kind: 'done' }),
  })

  it.each([
    { octets: 372, fits: true },
    { octets: 373, fits: false },
  ])('carries an initial response of $octets octets: $fits (RFC 5321 §4.5.3.1.4)', ({ octets, fits }) => {
    const { line, shown } = new ClientAuthentication(responding(new Uint8Array(octets)))
    expect(line.length + '\r\n'.length).toBeLessThanOrEqual(512)
    expect(line).toHaveLength(fits ? 'AUTH X-TEST '.length + 496 : 'AUTH X-TEST'.length)
    expect(shown).toBe(fits ? 'AUTH X-TEST ****' : 'AUTH X-TEST')
  })

  it('gives what did not fit to the first empty challenge alone', () => {
    const long = new Uint8Array(400)
    const one = new ClientAuthentication(responding(long))
    expect(one.challenge('')).toMatchObject({ kind: 'send', line: toBase64(long) })
    expect(one.challenge('')).toMatchObject({ kind: 'send', line: 'Yg==' })
    const other = new ClientAuthentication(responding(long))
    expect(other.challenge('YQ==')).toMatchObject({ kind: 'send', line: 'Yg==' })
  })
})

describe('LIMITS behind AUTH (RFC 9422)', () => {
  const login = (talk: Talk): string => {
    talk.session.authenticate(made(createClientMechanism('PLAIN', { username: 'ada', password: 'secret' }, tools)))
    talk.sent()
    return talk.forget().says('235 2.7.0 ok')
  }

  it.each(['smtp', 'lmtp'] as const)('are asked for once more, in one round trip: %s', (protocol) => {
    const talk = new Talk({ protocol }).greet('AUTH PLAIN', 'ENHANCEDSTATUSCODES', 'LIMITS RCPTMAX=1')
    expect(login(talk)).toBe(`${protocol === 'lmtp' ? 'LHLO' : 'EHLO'} client.example.org\r\n`)
    expect([talk.session.idle, talk.session.phase]).toEqual([false, 'hello'])
    expect(talk.session.deadlineMs).toBe(CLIENT_DEADLINES.commandMs)
    talk.hello('AUTH PLAIN', 'ENHANCEDSTATUSCODES', 'LIMITS RCPTMAX=100')
    expect(talk.events).toMatchObject([
      { type: 'authenticated' },
      { type: 'ready', extensions: { limits: { rcptMax: 100 } } },
    ])
    expect(talk.session.idle).toBe(true)
    // Who we are is not forgotten.
    expect(talk.transact({ envelope: { ...envelope('ada@example.net'), submitter: 'ada@example.org' } })).toBe(
      'MAIL FROM:<eve@example.org> AUTH=ada@example.org\r\n',
    )
  })

  it.each(['503 5.5.1 no', '550 5.7.1 no', '450 4.7.1 no', '354 odd'])(
    'stay as they were where the peer answers %s (RFC 5321 §4.1.4)',
    (says) => {
      const talk = new Talk().greet('AUTH PLAIN', 'ENHANCEDSTATUSCODES', 'PIPELINING', 'LIMITS RCPTMAX=1')
      const before = talk.session.extensions
      login(talk)
      expect(talk.says(says)).toBe('')
      expect(talk.events).toEqual([{ type: 'authenticated' }, { type: 'ready', extensions: before }])
      talk.session.noop()
      talk.sent()
      talk.says('250 2.0.0 ok')
      expect(talk.events.at(-1)).toMatchObject({ type: 'replied', reply: { status: '2.0.0' } })
    },
  )

  it('end with the session where the peer closes it', () => {
    const talk = new Talk().greet('AUTH PLAIN', 'LIMITS MAILMAX=1')
    login(talk)
    talk.says('421 bye')
    expect(talk.closed).toBe('closing at hello')
  })

  it.each([
    { name: 'not offered', options: {}, offer: [] },
    { name: 'not used', options: { ignoredKeywords: ['limits'] }, offer: ['LIMITS RCPTMAX=1'] },
  ])('cost nothing where they are $name', ({ options, offer }) => {
    const talk = new Talk(options).greet('AUTH PLAIN', ...offer)
    expect(login(talk)).toBe('')
    expect(talk.events).toEqual([{ type: 'authenticated' }])
    expect(talk.session.idle).toBe(true)
  })
})
