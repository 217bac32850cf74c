import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { atrn, etrn, expn, EXTENSIONS, xclient, xforward } from '@postroad/smtp'
import type { Authentication, ContentSink } from '@postroad/smtp'
import { describe, expect, it } from 'vitest'
import type { ServerHandler, SmtpServerOptions } from '../src/index.ts'
import { certificate } from './certificate.ts'
import { FAULT, OK, Recorder, serve, settle } from './harness.ts'
import type { Harness } from './harness.ts'

const TURN = [...EXTENSIONS, expn, etrn, atrn]

/** A server whose handlers do more than they must. */
const serveWith = (addOns: Partial<ServerHandler>, options: Partial<SmtpServerOptions> = {}): Harness =>
  serve(Object.assign(new Recorder(), addOns), {
    extensions: TURN,
    mechanisms: ['PLAIN'],
    allowPlaintextAuth: true,
    ...options,
  })

const LOGIN = 'AUTH PLAIN AGFkYQBzZWNyZXQ='

describe('what only some handlers do', () => {
  it('is asked of them', async () => {
    const harness = serveWith(
      {
        vrfy: (argument) => reply(250, '2.1.5', `<${argument}@example.net>`),
        expn: (argument) => reply(250, '2.1.5', `Ada of ${argument}\nEve of ${argument}`),
        help: (argument) => (argument === '' ? undefined : reply(214, '2.0.0', `Nobody knows ${argument}`)),
        etrn: async ({ node, kind }) => reply(251, '2.0.0', `${kind} ${node}`),
        command: (word, argument) => reply(250, '2.0.0', `${word}:${argument}`),
      },
      { commands: ['xyzzy'] },
    )
    const client = await harness.pair()
    expect(await client.talk('EHLO a')).toEqual([expect.stringMatching(/^250[- ]EXPN\n250[- ]ETRN$/m)])
    expect(await client.talk('VRFY ada', 'EXPN list', 'HELP magic', 'ETRN @example.org', 'XYZZY  plugh')).toEqual([
      '250 2.1.5 <ada@example.net>',
      '250-2.1.5 Ada of list\n250 2.1.5 Eve of list',
      '214 2.0.0 Nobody knows magic',
      '251 2.0.0 subdomains example.org',
      '250 2.0.0 XYZZY:plugh',
    ])
    expect(await client.talk('HELP')).toEqual([expect.stringMatching(/^214 /)])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is answered as usual where they do not', async () => {
    const harness = serveWith({}, { commands: ['XYZZY'] })
    const client = await harness.pair()
    const [offer] = await client.talk('EHLO a')
    expect(offer).not.toMatch(/EXPN|ETRN|ATRN/)
    const codes = (await client.talk('VRFY ada', 'EXPN list', 'HELP magic', 'ETRN example.org', 'XYZZY')).map((each) =>
      each?.slice(0, 9),
    )
    expect(codes).toEqual(['252 2.0.0', '502 5.5.1', '214 2.0.0', '502 5.5.1', '500 5.5.2'])
    await client.talk(LOGIN)
    expect(await client.talk('ATRN')).toEqual([expect.stringMatching(/^502 /)])
    expect(harness.faults()).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each(['expn', 'help', 'etrn', 'atrn', 'command'] as const)('is a fault where %s throws', async (method) => {
    const harness = serveWith(
      {
        [method]: () => {
          throw new Error('broken')
        },
      },
      { commands: ['COMMAND'] },
    )
    const client = await harness.pair()
    await client.talk('EHLO a')
    await client.talk(LOGIN)
    const line = `${method.toUpperCase()} ${method === 'etrn' || method === 'atrn' ? 'example.org' : 'x'}`
    expect(await client.talk(line)).toEqual([FAULT])
    expect(harness.faults()).toMatchObject([{ message: 'broken' }])
    expect(await client.talk('NOOP')).toEqual(['250 2.0.0 OK'])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('as usual', () => {
  /** What each of these is answered with, whether it says so at once or later. */
  const said = async (usual: () => undefined | Promise<undefined>): Promise<(string | undefined)[]> => {
    const addOns: Partial<ServerHandler> = {
      connection: usual,
      hello: usual,
      vrfy: usual,
      help: usual,
      xclient: usual,
      xforward: usual,
    }
    const harness = serveWith(addOns, { extensions: [...EXTENSIONS, xclient, xforward], trusted: ['192.0.2.1'] })
    const client = await harness.pair()
    const replies = await client.talk('EHLO a', 'VRFY ada', 'HELP', 'XFORWARD NAME=c.example.org')
    replies.push(...(await client.talk('XCLIENT ADDR=192.0.2.7', 'EHLO b')))
    expect(harness.sessions[0]).toMatchObject({ remoteAddress: '192.0.2.7', hello: { name: 'b' } })
    expect(harness.faults()).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
    return replies
  }

  it('may be said at once and later', async () => {
    const atOnce = await said(() => undefined)
    expect(atOnce.map((each) => each?.slice(0, 3))).toEqual(['250', '252', '214', '250', '220', '250'])
    expect(await said(async () => undefined)).toEqual(atOnce)
  })
})

describe('a judgement', () => {
  it.each(['at once', 'later'])('may be given %s, of content and of passwords', async (when) => {
    const given = <Value>(value: Value): Value | Promise<Value> => (when === 'at once' ? value : Promise.resolve(value))
    const sink: ContentSink = { write: () => {}, end: () => given<Reply | readonly Reply[]>([OK]), abort: () => {} }
    const harness = serveWith(
      {
        content: () => given(sink),
        authenticate: () => given<Authentication>({ kind: 'accepted', account: 'ada' }),
        scramKeys: () => given(undefined),
        sharedSecret: () => given('tanstaaftanstaaf'),
      },
      { mechanisms: ['PLAIN', 'CRAM-MD5', 'SCRAM-SHA-256'] },
    )
    const client = await harness.pair()
    await client.talk('EHLO a')
    expect(await client.talk('AUTH SCRAM-SHA-256 biwsbj1hZGEscj1hYmNkZWY=')).toEqual([expect.stringMatching(/^334 /)])
    expect(await client.talk('*')).toEqual([expect.stringMatching(/^501 /)])
    const [challenge = ''] = await client.talk('AUTH CRAM-MD5')
    const nonce = Buffer.from(challenge.slice(4), 'base64')
    const digest = createHmac('md5', 'tanstaaftanstaaf').update(nonce).digest('hex')
    expect(await client.talk(Buffer.from(`ada ${digest}`).toString('base64'))).toEqual([expect.stringMatching(/^235 /)])
    expect(harness.sessions[0]?.account).toBe('ada')
    await client.talk('MAIL FROM:<>', 'RCPT TO:<ada@example.net>', 'DATA')
    expect(await client.talk('.')).toEqual(['250 2.0.0 OK'])
    expect(harness.faults()).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

it('tells what a handler refuses, by the command without its parameters', async () => {
  const no = reply(550, '5.7.1', 'No')
  const refuse = () => no
  const harness = serveWith(
    { mail: refuse, command: refuse, vrfy: refuse, expn: refuse, help: refuse, etrn: refuse, atrn: refuse },
    { commands: ['XYZZY'] },
  )
  const client = await harness.pair()
  await client.talk('EHLO a')
  await client.talk(LOGIN)
  const lines = ['MAIL FROM:<eve@example.org> SIZE=1', 'VRFY ada', 'EXPN a', 'HELP a', 'ETRN a.org', 'XYZZY plugh']
  for (const line of [...lines, 'ATRN']) expect(await client.talk(line)).toEqual(['550 5.7.1 No'])
  const told = harness.of('reply.refused').map(({ line }) => line)
  expect(told).toEqual(['MAIL FROM:<eve@example.org>', 'VRFY', 'EXPN', 'HELP', 'ETRN', 'XYZZY', 'ATRN'])
  await harness.server.stop({ deadlineMs: 0 })
})

it('tells a hello that a handler refuses', async () => {
  const harness = serveWith({ hello: () => reply(550, '5.7.1', 'No') })
  const client = await harness.pair()
  expect(await client.talk('EHLO a.example.org')).toEqual(['550 No'])
  expect(harness.of('reply.refused')).toMatchObject([{ line: 'EHLO a.example.org', reply: { code: 550 } }])
  expect(harness.sessions[0]?.hello).toBeUndefined()
  await harness.server.stop({ deadlineMs: 0 })
})

describe('ATRN', () => {
  /** Turns round and says a greeting as the client role would read one; echoes what comes. */
  const turning = (streams: Duplex[]): Partial<ServerHandler> => ({
    atrn: (domains, turn) => {
      turn((stream) => {
        streams.push(stream)
        stream.on('data', (chunk: Buffer) => stream.write(`heard ${chunk.toString().toUpperCase()}`))
        stream.on('end', () => stream.end())
        stream.resume()
      })
      return reply(250, '2.0.0', domains.join(' '))
    },
  })

  it.each(['pair', 'socket', 'TLS'] as const)('gives the stream away, over a %s (RFC 2645 §5.3)', async (kind) => {
    const streams: Duplex[] = []
    const harness = serveWith(turning(streams), kind === 'TLS' ? { tls: await certificate() } : {})
    const client = await harness[kind === 'pair' ? 'pair' : 'socket']()
    await client.talk('EHLO a')
    if (kind === 'TLS') {
      await client.talk('STARTTLS')
      await client.startTls()
      await client.talk('EHLO a')
    }
    await client.talk(LOGIN)
    expect(await client.talk('ATRN example.org,example.net')).toEqual(['250 2.0.0 example.org example.net'])
    // The roles have changed: our client is the server now.
    client.send('220 ours\r\n')
    expect(await client.readLine()).toBe('heard 220 OURS')
    expect(harness.server.sessions).toBe(1)
    expect(harness.of('session.closed')).toEqual([])
    client.stream.end()
    await client.end()
    await expect.poll(() => harness.of('session.closed')).toMatchObject([{ cause: 'turned' }])
    expect(harness.server.sessions).toBe(0)
    expect(streams).toHaveLength(1)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('takes nothing that stands behind it: 503, and the end', async () => {
    const streams: Duplex[] = []
    const harness = serveWith(turning(streams))
    const client = await harness.pair()
    await client.talk('EHLO a')
    await client.talk(LOGIN)
    client.send('ATRN example.org\r\n220 too early\r\n')
    expect(await client.reply()).toMatch(/^503 5\.5\.1 /)
    expect(await client.reply()).toBeUndefined()
    expect(streams).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('keeps the stream where it is refused, and where nobody takes it', async () => {
    const streams: Duplex[] = []
    let answer = reply(453, '4.0.0', 'You have no mail')
    let takes = true
    const harness = serveWith({
      atrn: async (_domains, turn) => {
        if (takes) turn((stream) => void streams.push(stream))
        return answer
      },
    })
    const client = await harness.pair()
    await client.talk('EHLO a')
    await client.talk(LOGIN)
    expect(await client.talk('ATRN')).toEqual(['453 4.0.0 You have no mail'])
    answer = OK
    takes = false
    expect(await client.talk('ATRN')).toEqual([FAULT])
    expect(harness.faults()).toMatchObject([{ code: 'SMTP_SERVER_ANSWER' }])
    expect(await client.talk('NOOP')).toEqual(['250 2.0.0 OK'])
    expect(streams).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    {
      how: 'throws',
      take: (): unknown => {
        throw new Error('nobody home')
      },
    },
    { how: 'rejects', take: (): unknown => Promise.reject(new Error('nobody home')) },
  ])('ends the session where who takes the stream $how', async ({ take }) => {
    const harness = serveWith({
      atrn: (_domains, turn) => {
        turn(take)
        return OK
      },
    })
    const client = await harness.pair()
    await client.talk('EHLO a')
    await client.talk(LOGIN)
    client.send('ATRN\r\n')
    await client.end()
    expect(harness.faults()).toMatchObject([{ message: 'nobody home' }])
    await expect.poll(() => harness.server.sessions).toBe(0)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('counts as long as its stream is open: until the server stops, or its time is over', async () => {
    const streams: Duplex[] = []
    const harness = serveWith(turning(streams), { limits: { sessionLifetimeMs: 3_600_000 } })
    const turned = async () => {
      const client = await harness.pair()
      await client.talk('EHLO a')
      await client.talk(LOGIN)
      await client.talk('ATRN')
      return client
    }
    const first = await turned()
    await harness.clock.advance(3_500_000)
    expect(first.closed).toBe(false)
    await harness.clock.advance(110_000)
    await first.over
    await turned()
    const stopped = harness.server.stop({ deadlineMs: 1_000 })
    await settle()
    expect(harness.server.sessions).toBe(1)
    await harness.clock.advance(1_000)
    await stopped
    for (const stream of streams) {
      if (!stream.closed) await once(stream, 'close')
      expect(stream.destroyed).toBe(true)
    }
    expect(harness.of('session.closed')).toHaveLength(2)
  })
})
