/**
 * What comes while DATA, AUTH, a response to a challenge or ATRN is thought over stands behind the command, also where the
 * stream was paused before the question: 503, and the end (RFC 2920 §3.1, RFC 4954 §4, RFC 2645 §5.2.1).
 */

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { reply } from '@postroad/envelope'
import type { ServerCredentials } from '@postroad/sasl'
import { atrn, EXTENSIONS } from '@postroad/smtp'
import type { Authentication, SubmissionHandler } from '@postroad/smtp'
import { afterEach, describe, expect, it } from 'vitest'
import type { LineClient } from '../src/testing/index.ts'
import type { ServerHandler } from '../src/index.ts'
import { certificate } from './certificate.ts'
import { OK, Recorder, serve, settle } from './harness.ts'
import type { Harness } from './harness.ts'

const harnesses: Harness[] = []
afterEach(async () => {
  await Promise.all(harnesses.splice(0).map(({ server }) => server.stop({ deadlineMs: 0 })))
})

/** What a handler was asked and has not answered yet, the last first. */
class Gate {
  readonly #open: (() => void)[] = []
  /** Gives `value` once it is told to. */
  hold<Value>(value: Value): Promise<Value> {
    return new Promise((resolve) => this.#open.push(() => resolve(value)))
  }
  /** Lets the only thing go that is held; fails where there is none. */
  async release(): Promise<void> {
    await settle()
    expect(this.#open).toHaveLength(1)
    this.#open.pop()?.()
    await settle()
  }
}

const LOGIN = 'AUTH PLAIN AGFkYQBzZWNyZXQ='
const SMUGGLED = 'MAIL FROM:<smuggled@example.org>\r\nRCPT TO:<x@example.net>\r\nQUIT\r\n'

/** A handler that thinks long at `mail`, `hello`, `content`, `authenticate` and `atrn`. */
class Slow extends Recorder {
  readonly gate: Gate = new Gate()
  readonly judgement: 'accepts' | 'refuses'
  taken: Duplex | undefined
  constructor(judgement: 'accepts' | 'refuses') {
    super()
    this.judgement = judgement
  }
  override hello(): undefined {
    super.hello()
    return this.gate.hold(undefined) as never
  }
  override mail() {
    this.calls.push('mail')
    return this.gate.hold(OK)
  }
  override content() {
    const sink = super.content()
    return this.gate.hold(this.judgement === 'accepts' ? sink : reply(451, '4.3.0', 'Not now')) as never
  }
  override authenticate(credentials: ServerCredentials): ReturnType<SubmissionHandler['authenticate']> {
    this.calls.push('authenticate')
    const refused: Authentication = { kind: 'refused' }
    return this.gate.hold(
      this.judgement === 'accepts' && credentials.kind === 'password' ? { kind: 'accepted', account: 'ada' } : refused,
    )
  }
  atrn(_domains: readonly string[], turn: (take: (stream: Duplex) => void) => void) {
    this.calls.push('atrn')
    turn((stream) => {
      this.taken = stream
    })
    return this.gate.hold(this.judgement === 'accepts' ? OK : reply(453, '4.0.0', 'No mail'))
  }
}

async function start(
  kind: 'pair' | 'socket',
  judgement: 'accepts' | 'refuses',
): Promise<{ harness: Harness; handler: Slow; client: LineClient }> {
  const handler = new Slow(judgement)
  const harness = serve(handler satisfies ServerHandler, {
    extensions: [...EXTENSIONS, atrn],
    mechanisms: ['PLAIN'],
    allowPlaintextAuth: true,
    tls: await certificate(),
  })
  harnesses.push(harness)
  const client = await harness[kind]()
  // Each line in a segment of its own, at once.
  if (client.stream instanceof Socket) client.stream.setNoDelay(true)
  return { harness, handler, client }
}

async function greet(client: LineClient, { gate }: Slow, verb: 'HELO' | 'EHLO'): Promise<void> {
  client.send(`${verb} a\r\n`)
  await gate.release()
  await client.reply()
}

/** RCPT and DATA come while MAIL is thought about: the stream is paused by the time DATA is asked. */
async function askInFlight(client: LineClient, { gate }: Slow): Promise<void> {
  client.send('MAIL FROM:<eve@example.org>\r\n')
  await settle()
  client.send('RCPT TO:<ada@example.net>\r\nDATA\r\n')
  await gate.release()
}

/** The session ends with 503, and nothing of what was smuggled was asked. */
async function expectEnd(client: LineClient, { calls }: Recorder, asked: readonly string[]): Promise<void> {
  expect(await client.reply()).toBe('503 5.5.1 Nothing may be sent behind this command before its reply')
  expect(await client.reply()).toBeUndefined()
  client.stream.end()
  await settle()
  expect(calls.filter((call) => call !== 'end' && call !== 'reset' && call !== 'sink.abort')).toEqual(asked)
}

const CASES = (['pair', 'socket'] as const).flatMap((kind) =>
  (['accepts', 'refuses'] as const).map((judgement) => ({ kind, judgement })),
)

describe.each(CASES)('what comes late, over a $kind, where the handler $judgement', ({ kind, judgement }) => {
  it('is behind DATA', async () => {
    const { harness, handler, client } = await start(kind, judgement)
    await greet(client, handler, 'HELO')
    await askInFlight(client, handler)
    client.send(SMUGGLED)
    await handler.gate.release()
    expect([await client.reply(), await client.reply()]).toEqual(['250 2.0.0 OK', '250 2.0.0 OK'])
    await expectEnd(client, handler, ['hello', 'mail', 'rcpt', 'content'])
    expect(handler.calls.includes('sink.abort')).toBe(judgement === 'accepts')
    expect(handler.content_).toBe('')
    expect(harness.of('reply.refused').map(({ reply: { code } }) => code)).toEqual([503])
  })

  it('is behind AUTH', async () => {
    const { harness, handler, client } = await start(kind, judgement)
    client.send('EHLO a\r\n')
    await settle()
    client.send(`${LOGIN}\r\n`)
    await handler.gate.release()
    client.send(SMUGGLED)
    await handler.gate.release()
    expect(await client.reply()).toMatch(/^250-/)
    await expectEnd(client, handler, ['hello', 'authenticate'])
    expect(harness.sessions[0]?.account).toBeUndefined()
    expect(harness.of('reply.refused').map(({ reply: { code } }) => code)).toEqual([503])
  })

  it('is behind a response to a challenge', async () => {
    const { harness, handler, client } = await start(kind, judgement)
    await greet(client, handler, 'EHLO')
    expect(await client.talk('AUTH PLAIN')).toEqual(['334 '])
    client.send('AGFkYQBzZWNyZXQ=\r\n')
    await settle()
    client.send(SMUGGLED)
    await handler.gate.release()
    await expectEnd(client, handler, ['hello', 'authenticate'])
    expect(harness.sessions[0]?.account).toBeUndefined()
    expect(harness.of('reply.refused').map(({ reply: { code } }) => code)).toEqual([503])
  })

  it('is behind ATRN', async () => {
    const { harness, handler, client } = await start(kind, judgement)
    await greet(client, handler, 'EHLO')
    // Who may turn has authenticated: that is not what is looked at here.
    Object.assign(handler, { authenticate: async () => ({ kind: 'accepted', account: 'ada' }) })
    expect(await client.talk(LOGIN)).toEqual([expect.stringMatching(/^235 /)])
    client.send('MAIL FROM:<eve@example.org>\r\nRSET\r\n')
    await settle()
    client.send('ATRN example.org\r\n')
    await handler.gate.release()
    client.send(SMUGGLED)
    await handler.gate.release()
    expect([await client.reply(), await client.reply()]).toEqual(['250 2.0.0 OK', '250 2.0.0 OK'])
    await expectEnd(client, handler, ['hello', 'mail', 'atrn'])
    expect(handler.taken).toBeUndefined()
    expect(harness.of('reply.refused').map(({ reply: { code } }) => code)).toEqual([503])
  })

  it('is behind STARTTLS, which waits in a flight (RFC 3207 §4.2)', async () => {
    const { handler, client } = await start(kind, judgement)
    client.send('EHLO a\r\n')
    await settle()
    client.send('STARTTLS\r\n')
    await settle()
    client.send(SMUGGLED)
    await handler.gate.release()
    expect(await client.reply()).toMatch(/^250-/)
    await expectEnd(client, handler, ['hello'])
  })

  it('is one chunk at most: the rest is not read before the answer', async () => {
    const { handler, client } = await start(kind, judgement)
    await greet(client, handler, 'HELO')
    await askInFlight(client, handler)
    for (let count = 0; count < 200; count += 1) client.send(Buffer.alloc(100_000, 'NOOP\r\n'))
    await settle()
    await settle()
    expect(client.stream.writableLength).toBeGreaterThan(1_000_000)
    await handler.gate.release()
    expect([await client.reply(), await client.reply()]).toEqual(['250 2.0.0 OK', '250 2.0.0 OK'])
    await expectEnd(client, handler, ['hello', 'mail', 'rcpt', 'content'])
  })
})

it.each(['accepts', 'refuses'] as const)('is behind DATA within TLS, where the handler %s', async (judgement) => {
  const { handler, client } = await start('socket', judgement)
  await greet(client, handler, 'EHLO')
  expect(await client.talk('STARTTLS')).toEqual([expect.stringMatching(/^220 /)])
  await client.startTls()
  client.send('HELO a\r\n')
  await handler.gate.release()
  await askInFlight(client, handler)
  client.send(SMUGGLED)
  await handler.gate.release()
  for (const code of ['250', '250', '250']) expect((await client.reply())?.slice(0, 3)).toBe(code)
  await expectEnd(client, handler, ['hello', 'hello', 'mail', 'rcpt', 'content'])
})

it('is told as 503 also where the answer was a 421', async () => {
  const { harness, handler, client } = await start('pair', 'refuses')
  Object.assign(handler, { content: () => handler.gate.hold(reply(421, '4.3.2', 'Later')) })
  client.send('HELO a\r\n')
  await handler.gate.release()
  client.send('MAIL FROM:<eve@example.org>\r\nRCPT TO:<ada@example.net>\r\nDATA\r\n')
  await handler.gate.release()
  client.send(SMUGGLED)
  await handler.gate.release()
  for (const code of ['250', '250', '250', '503']) expect((await client.reply())?.slice(0, 3)).toBe(code)
  expect(await client.reply()).toBeUndefined()
  expect(harness.of('reply.refused')).toMatchObject([{ line: '', reply: { code: 503 } }])
})

describe('a client that waits for the reply', () => {
  it.each(['pair', 'socket'] as const)('is served as ever behind a paused flight, over a %s', async (kind) => {
    const { handler, client } = await start(kind, 'accepts')
    client.send('HELO a\r\n')
    await handler.gate.release()
    await askInFlight(client, handler)
    await handler.gate.release()
    for (const code of ['250', '250', '250', '354']) expect((await client.reply())?.slice(0, 3)).toBe(code)
    client.send('text\r\n.\r\nQUIT\r\n')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(await client.reply()).toMatch(/^221 /)
    expect(handler.content_).toBe('text\r\n')
  })
})
