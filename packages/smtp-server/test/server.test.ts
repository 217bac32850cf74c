import { createServer as createNetServer } from 'node:net'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { createSmtpServer, SmtpServerError } from '../src/index.ts'
import { connectTo, LineClient } from '../src/testing/index.ts'
import { certificate } from './certificate.ts'
import { ENVELOPE, OK, Recorder, serve, settle } from './harness.ts'
import { streamPair } from '../src/testing/stream-pair.ts'

describe('a session', () => {
  it.each(['pair', 'socket'] as const)('goes from its greeting to its end over a %s', async (kind) => {
    const handler = new Recorder()
    const harness = serve(handler)
    const client = await harness[kind]()
    const [session] = harness.sessions
    expect(session).toMatchObject({ protocol: 'smtp', hostname: 'mx.example.net', hello: undefined, tls: undefined })
    expect(session?.remoteAddress).toBe(kind === 'pair' ? '192.0.2.1' : '127.0.0.1')
    await client.talk('EHLO client.example.org')
    expect(session?.hello).toEqual({ verb: 'EHLO', name: 'client.example.org' })
    expect(await client.talk(...ENVELOPE)).toEqual(['250 2.0.0 OK', '250 2.0.0 OK', expect.stringMatching(/^354 /)])
    client.send('Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(await client.reply()).toMatch(/^221 /)
    expect(await client.reply()).toBeUndefined()
    client.stream.end()
    await harness.server.stop({ deadlineMs: 0 })
    expect(handler.content_).toBe('Subject: x\r\n\r\n.dot\r\n')
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'sink.end', 'end'])
    expect(harness.of('transaction.accepted')).toMatchObject([
      { recipients: 1, sizeBytes: 20, replies: [{ code: 250 }] },
    ])
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'quit', accepted: 1, refused: 0, session }])
    expect(harness.faults()).toEqual([])
    expect(harness.server.sessions).toBe(0)
  })

  it('answers a pipelined group in one write', async () => {
    const harness = serve(new Recorder())
    const client = await harness.pair()
    const chunks: string[] = []
    client.stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
    await client.talk('HELO a', ...ENVELOPE)
    expect(chunks).toHaveLength(1)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('knows who authenticated, until TLS makes it forget', async () => {
    const harness = serve(new Recorder(), {
      protocol: 'submission',
      mechanisms: ['plain', 'LOGIN'],
      allowPlaintextAuth: true,
      tls: await certificate(),
    })
    const client = await harness.pair()
    expect((await client.talk('EHLO a'))[0]).toContain('AUTH PLAIN LOGIN')
    expect(await client.talk('AUTH PLAIN AGFkYQBzZWNyZXQ=')).toEqual([expect.stringMatching(/^235 2\.7\.0/)])
    const [session] = harness.sessions
    expect(session?.account).toBe('ada')
    expect(await client.talk('STARTTLS')).toEqual([expect.stringMatching(/^220 /)])
    await client.startTls()
    await settle()
    expect(session).toMatchObject({ account: undefined, hello: undefined, tls: { version: 'TLSv1.3' } })
    expect(session?.tls?.cipher).toMatch(/^TLS_/)
    expect(harness.of('session.authenticated')).toMatchObject([{ mechanism: 'PLAIN' }])
    expect(harness.of('session.secured')).toHaveLength(1)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('offers no AUTH where the handler cannot judge', async () => {
    const server = createSmtpServer({
      hostname: 'mx.example.net',
      protocol: 'smtp',
      mechanisms: ['PLAIN'],
      allowPlaintextAuth: true,
      clock: createManualClock(),
      handler: () => ({ mail: () => never(), rcpt: () => never(), content: () => never() }),
    })
    const address = await server.listen({ host: '127.0.0.1', port: 0 })
    const client = new LineClient(connect('port' in address ? address.port : 0, '127.0.0.1'))
    await client.reply()
    expect((await client.talk('EHLO a'))[0]).not.toContain('AUTH')
    expect(await client.talk('AUTH PLAIN')).toEqual([expect.stringMatching(/^502 /)])
    await server.stop({ deadlineMs: 0 })
  })

  it('tells refusals, and the dialogue only where it is asked for, without credentials', async () => {
    const harness = serve(new Recorder(), { dialogue: true, mechanisms: ['PLAIN'], allowPlaintextAuth: true })
    const client = await harness.pair()
    await client.talk('HELO a', 'FOO bar')
    await client.talk('AUTH PLAIN AGFkYQB3cm9uZw==')
    expect(harness.of('reply.refused').map(({ line, reply }) => `${line} ${reply.code}`)).toEqual([
      'FOO bar 500',
      'AUTH 535',
    ])
    const dialogue = harness.of('dialogue').map(({ from, line }) => `${from}: ${line}`)
    expect(dialogue).toContain('client: AUTH PLAIN ***')
    expect(dialogue.join('\n')).not.toContain('AGFkYQB3cm9uZw')
    const quiet = serve(new Recorder())
    await (await quiet.pair()).talk('HELO a')
    expect(quiet.of('dialogue')).toEqual([])
    for (const { server } of [harness, quiet]) await server.stop({ deadlineMs: 0 })
  })
})

describe('TLS', () => {
  it('is there from the first byte where it is implicit (RFC 8314 §3)', async () => {
    const harness = serve(new Recorder(), { tls: { ...(await certificate()), implicit: true } })
    const client = await harness.socket()
    await client.startTls()
    expect(await client.reply()).toMatch(/^220 /)
    expect((await client.talk('EHLO a'))[0]).not.toContain('STARTTLS')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each(['pair', 'socket'] as const)('ends the session where the handshake fails, over a %s', async (kind) => {
    const handler = new Recorder()
    const harness = serve(handler, { tls: await certificate() })
    const client = await harness[kind]()
    await client.talk('EHLO a')
    await client.talk('STARTTLS')
    client.send('this is no handshake at all\r\n')
    await client.end()
    await settle()
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'handshake' }])
    expect(handler.calls).toEqual(['hello', 'end'])
    expect(harness.faults()).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each(['reset', 'end'] as const)(
    'ends the session where the client gives up in the handshake by %s',
    async (how) => {
      const harness = serve(new Recorder(), { tls: await certificate() })
      const client = await harness.socket()
      await client.talk('EHLO a', 'STARTTLS')
      // The first bytes of a ClientHello that never comes whole.
      client.stream.write(Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01))
      await settle()
      if (how === 'end') client.stream.end()
      else client.stream.destroy()
      await expect.poll(() => harness.server.sessions).toBe(0)
      expect(harness.of('session.closed')).toMatchObject([{ cause: 'handshake' }])
      await harness.server.stop({ deadlineMs: 0 })
    },
  )

  it.each(['pair', 'socket'] as const)('gives a handshake only its time, over a %s', async (kind) => {
    const harness = serve(new Recorder(), { tls: await certificate() })
    const client = await harness[kind]()
    await client.talk('EHLO a')
    await client.talk('STARTTLS')
    await settle()
    await harness.clock.advance(36_000)
    await client.end()
    await settle()
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'handshake' }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('refuses key and certificate that are none when the server is made', () => {
    expect(() => serve(new Recorder(), { tls: { key: 'x', cert: 'y' } })).toThrow()
  })
})

it('refuses a mechanism that does not exist', () => {
  expect(() => serve(new Recorder(), { mechanisms: ['PLAIN', 'NONE'] })).toThrow(SmtpServerError)
})

describe('limits of a server', () => {
  it('turns away what is too much, in all and from one address, and counts those who leave', async () => {
    const harness = serve(() => new Recorder(), { limits: { maxSessions: 3, maxSessionsPerAddress: 1 } })
    const greet = async (remoteAddress: string): Promise<LineClient> => harness.pair({ remoteAddress })
    const first = await greet('192.0.2.1')
    const again = await greet('192.0.2.1')
    expect(await again.reply()).toBeUndefined()
    expect(harness.of('session.refused')).toMatchObject([{ remoteAddress: '192.0.2.1', reply: { code: 421 } }])
    await greet('127.0.0.1')
    await greet('127.0.0.1')
    await greet('192.0.2.2')
    expect(harness.of('session.refused')).toHaveLength(2)
    expect(harness.server.sessions).toBe(3)
    first.stream.end()
    await settle()
    await first.end()
    await greet('192.0.2.1')
    expect(harness.of('session.refused')).toHaveLength(2)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('counts the addresses of one IPv6 network as one', async () => {
    const harness = serve(() => new Recorder(), { limits: { maxSessionsPerAddress: 2 } })
    for (const remoteAddress of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::', '2001:db8:1:2:3:4:5:6', '2001:0db8::1']) {
      await harness.pair({ remoteAddress })
    }
    for (const remoteAddress of ['2001:db8:1:3::1', '2001:db8::2', '::ffff:192.0.2.1', '192.0.2.1']) {
      await harness.pair({ remoteAddress })
    }
    const addresses = harness.of('session.refused').map(({ remoteAddress }) => remoteAddress)
    expect(addresses).toEqual(['2001:db8:1:2:3:4:5:6'])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { why: 'the server is stopping', stopped: true, limits: {} },
    { why: 'there are too many', stopped: false, limits: { maxSessions: 0 } },
  ])('is done with a client that is gone already where $why', async ({ stopped, limits }) => {
    const harness = serve(new Recorder(), { limits })
    if (stopped) await harness.server.stop({ deadlineMs: 0 })
    const { stream } = connectTo(harness.server)
    stream.on('error', () => {})
    const [, side] = streamPair()
    side.destroy()
    await settle()
    await harness.server.attach(side, { remoteAddress: '192.0.2.1' })
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('greets with 421 where no handler can be made', async () => {
    const harness = serve(() => {
      throw new Error('no database')
    })
    const { stream, over } = connectTo(harness.server)
    const client = new LineClient(stream)
    expect(await client.reply()).toBe('421 mx.example.net Local error in processing')
    await over
    expect(harness.faults()).toMatchObject([{ message: 'no database' }])
    expect(harness.server.sessions).toBe(0)
  })

  it('shows an IPv4 address that came over IPv6 as what it is', async () => {
    const harness = serve(new Recorder())
    await harness.pair({ remoteAddress: '::ffff:192.0.2.7' })
    expect(harness.sessions[0]?.remoteAddress).toBe('192.0.2.7')
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('stopping', () => {
  it('ends idle sessions with 421, lets a transaction finish, and takes no new ones', async () => {
    const handler = new Recorder()
    const harness = serve(() => handler)
    const idle = await harness.socket()
    const busy = await harness.socket()
    await busy.talk('HELO a', ...ENVELOPE)
    const stopped = harness.server.stop({ deadlineMs: 60_000 })
    expect(await idle.reply()).toBe('421 4.3.2 mx.example.net Service shutting down')
    expect(await idle.reply()).toBeUndefined()
    idle.stream.end()
    const late = await harness.pair()
    expect(await late.reply()).toBeUndefined()
    await expect(harness.socket()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    busy.send('content\r\n.\r\nMAIL FROM:<>\r\n')
    expect(await busy.reply()).toBe('250 2.0.0 OK')
    expect(await busy.reply()).toMatch(/^421 4\.3\.2 /)
    busy.stream.end()
    await stopped
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'end', 'sink.end', 'end'])
    expect(harness.server.sessions).toBe(0)
  })

  it('ends what is no transaction at once, however busy, and what ends its own to begin another', async () => {
    const harness = serve(() => new Recorder(), {
      mechanisms: ['LOGIN'],
      allowPlaintextAuth: true,
      tls: await certificate(),
    })
    const halfCommand = await harness.socket()
    await halfCommand.talk('HELO a')
    halfCommand.send('MAIL FROM:<')
    const authenticating = await harness.socket()
    await authenticating.talk('HELO a', 'AUTH LOGIN')
    const shaking = await harness.socket()
    await shaking.talk('EHLO a', 'STARTTLS')
    const inTransaction = await Promise.all([harness.socket(), harness.socket(), harness.socket()])
    for (const client of inTransaction) await client.talk('HELO a', ENVELOPE[0])
    await settle()
    const stopped = harness.server.stop({ deadlineMs: 60_000 })
    for (const client of [halfCommand, authenticating]) {
      expect(await client.reply()).toMatch(/^421 4\.3\.2 /)
      client.stream.end()
    }
    await shaking.startTls()
    expect(await shaking.reply()).toMatch(/^421 4\.3\.2 /)
    shaking.stream.end()
    for (const [index, command] of ['RSET', 'HELO b'].entries()) {
      const client = inTransaction[index]
      client?.send(`${command}\r\nMAIL FROM:<>\r\n`)
      expect(await client?.reply()).toMatch(/^250 /)
      expect(await client?.reply()).toMatch(/^421 4\.3\.2 /)
      client?.stream.end()
    }
    // One that goes on with its transaction may.
    expect(await inTransaction[2]?.talk(ENVELOPE[1], ENVELOPE[2])).toEqual([
      '250 2.0.0 OK',
      expect.stringMatching(/^354/),
    ])
    inTransaction[2]?.send('.\r\n')
    expect(await inTransaction[2]?.reply()).toBe('250 2.0.0 OK')
    inTransaction[2]?.stream.end()
    await stopped
    expect(harness.of('session.closed')).toHaveLength(6)
  })

  it('waits no longer for a handshake that stalls than for a client to close', async () => {
    const harness = serve(new Recorder(), { tls: { ...(await certificate()), implicit: true } })
    const client = await harness.pair()
    const stopped = harness.server.stop({ deadlineMs: 3_600_000 })
    await harness.clock.advance(3_000)
    expect(harness.server.sessions).toBe(1)
    await harness.clock.advance(4_000)
    await stopped
    await client.end()
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'handshake' }])
  })

  it('destroys what is left at the deadline, and what a handler still answers is too late', async () => {
    let give: ((sink: ReturnType<Recorder['content']>) => void) | undefined
    const handler = new (class extends Recorder {
      override content(): ReturnType<Recorder['content']> {
        const sink = super.content()
        return new Promise((resolve) => {
          give = () => resolve(sink)
        })
      }
    })()
    const harness = serve(handler)
    const client = await harness.socket()
    client.send(`HELO a\r\n${ENVELOPE.join('\r\n')}\r\n`)
    for (let count = 0; count < 3; count += 1) await client.reply()
    const stopped = harness.server.stop({ deadlineMs: 1_000 })
    await harness.clock.advance(1_000)
    await stopped
    await client.end()
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'reset', 'end'])
    give?.(new Recorder().content())
    await settle()
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'reset', 'end', 'sink.abort'])
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'stopped' }])
  })

  it('may be asked for by a handler: it hears nothing more', async () => {
    const handler = new Recorder()
    const harness = serve(
      Object.assign(handler, {
        mail: () => {
          void harness.server.stop({ deadlineMs: 0 })
          return OK
        },
      }),
    )
    const client = await harness.pair()
    client.send(`HELO a\r\n${ENVELOPE.join('\r\n')}\r\n`)
    await client.over
    expect(handler.calls).toEqual(['hello', 'end'])
    expect(harness.faults()).toEqual([])
  })

  it('is done at once where nobody is there, and by disposing', async () => {
    const harness = serve(new Recorder())
    await harness.server.stop({ deadlineMs: 60_000 })
    {
      await using server = serve(new Recorder()).server
      await server.listen({ host: '127.0.0.1', port: 0 })
    }
    expect(harness.clock.sleeping).toBe(0)
  })
})

it('leaves a port to others once it is stopped', async () => {
  const harness = serve(new Recorder())
  const address = await harness.server.listen({ host: '127.0.0.1', port: 0 })
  await harness.server.stop({ deadlineMs: 0 })
  const other = createNetServer().listen('port' in address ? address.port : 0, '127.0.0.1')
  await once(other, 'listening')
  other.close()
})

function never(): never {
  throw new Error('not asked')
}
