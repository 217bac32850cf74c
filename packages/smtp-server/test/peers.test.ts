import { Duplex } from 'node:stream'
import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { connectTo, LineClient } from '../src/testing/index.ts'
import { atContent, ENVELOPE, OK, Recorder, serve, settle } from './harness.ts'
import type { Harness } from './harness.ts'

/** A handler whose answers all come a turn later. */
class Slow extends Recorder {
  override async mail(): Promise<Reply> {
    await settleOnce()
    return super.mail()
  }
  override async rcpt(): Promise<Reply> {
    await settleOnce()
    return super.rcpt()
  }
  override async finish(): Promise<Reply> {
    await settleOnce()
    return super.finish()
  }
}
const settleOnce = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a client that goes away', () => {
  it.each(['pair', 'socket'] as const)('in the middle of its content, over a %s', async (kind) => {
    const handler = new Recorder()
    const harness = serve(handler)
    const client = await harness[kind]()
    await client.talk('HELO a', ...ENVELOPE)
    client.send('half a mess')
    await settle()
    client.stream.destroy()
    await settle()
    if (kind === 'pair') await harness.server.stop({ deadlineMs: 0 })
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'sink.abort', 'reset', 'end'])
    expect(harness.server.sessions).toBe(0)
    expect(harness.faults()).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('with a reset, while its answer is on its way: end is the last that the handler hears', async () => {
    let answer: (given: Reply) => void = () => {}
    const handler = Object.assign(new Recorder(), {
      rcpt: () =>
        new Promise<Reply>((resolve) => {
          answer = resolve
        }),
    })
    const harness = serve(handler)
    const client = await harness.socket()
    await client.talk('HELO a', ENVELOPE[0])
    client.send(`${ENVELOPE[1]}\r\n`)
    await settle()
    if ('resetAndDestroy' in client.stream) (client.stream as unknown as { resetAndDestroy(): void }).resetAndDestroy()
    await settle()
    expect(handler.calls).toEqual(['hello', 'mail'])
    answer(OK)
    await settle()
    expect(handler.calls).toEqual(['hello', 'mail', 'reset', 'end'])
    expect(harness.server.sessions).toBe(0)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each(['pair', 'socket'] as const)(
    'having said all and closed its half: it gets its replies, over a %s',
    async (kind) => {
      const handler = new Slow()
      const harness = serve(handler)
      const client = await harness[kind]()
      await client.talk('HELO a', ...ENVELOPE)
      client.send('content\r\n.\r\nMAIL FROM:<>\r\n')
      client.stream.end()
      expect(await client.reply()).toBe('250 2.0.0 OK')
      expect(await client.reply()).toBe('250 2.0.0 OK')
      await client.end()
      await settle()
      expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'sink.end', 'mail', 'reset', 'end'])
      expect(harness.of('session.closed')).toMatchObject([{ cause: 'peer', accepted: 1 }])
      await harness.server.stop({ deadlineMs: 0 })
    },
  )

  it('before it was served at all', async () => {
    const handler = new Recorder()
    const harness = serve(handler)
    const { stream, over } = connectTo(harness.server)
    stream.on('error', () => {})
    stream.destroy()
    await settle()
    await harness.server.stop({ deadlineMs: 0 })
    await over
    expect(handler.calls).toEqual(['end'])
  })
})

describe('a client that is not welcome', () => {
  const unwelcoming = () => serve(Object.assign(new Recorder(), { connection: () => reply(554, '5.7.1', 'Go away') }))

  it('is waited for until it says QUIT (RFC 5321 §3.1)', async () => {
    const harness = unwelcoming()
    const { stream, over } = connectTo(harness.server)
    const client = new LineClient(stream)
    expect(await client.reply()).toBe('554 Go away')
    expect(await client.talk('EHLO a', 'QUIT')).toEqual([
      expect.stringMatching(/^503 5\.5\.1 /),
      expect.stringMatching(/^221 /),
    ])
    client.stream.end()
    await over
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'refused' }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('has half a minute for that', async () => {
    const harness = unwelcoming()
    const client = new LineClient(connectTo(harness.server).stream)
    await client.reply()
    await harness.clock.advance(36_000)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    await harness.server.stop({ deadlineMs: 0 })
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'refused' }])
  })
})

describe('a client that does not wait', () => {
  /** A stream whose input has come in several pieces before anybody reads. */
  const open = (harness: Harness) => {
    let said = ''
    const stream = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        said += chunk.toString('latin1')
        done()
      },
    })
    void harness.server.attach(stream, { remoteAddress: '192.0.2.1' })
    return { stream, said: () => said }
  }

  it.each([
    { last: 'DATA', first: 'MAIL FROM:<>\r\nRCPT TO:<ada@example.net>\r\n' },
    { last: 'AUTH PLAIN AGFkYQBzZWNyZXQ=', first: '' },
    { last: 'AUTH PLAIN', first: '' },
  ])('for the reply to $last: what has come in pieces is seen (RFC 2920 §3.1)', async ({ last, first }) => {
    const handler = Object.assign(new Slow(), { vrfy: () => settleOnce() })
    const harness = serve(handler, { mechanisms: ['PLAIN'], allowPlaintextAuth: true })
    const { stream, said } = open(harness)
    stream.push(`HELO a\r\n${first}`)
    await settle()
    // While the first is answered the second comes in, and the others lie in the stream.
    for (const line of ['VRFY a', 'NOOP']) stream.push(`${line}\r\n`)
    stream.push(`${last}\r\n`)
    stream.push('MAIL FROM:<smuggled@example.org>\r\n')
    await settle()
    expect(said().split('\r\n').at(-2)).toMatch(/^503 5\.5\.1 Nothing/)
    expect(harness.of('session.closed').length + harness.server.sessions).toBe(1)
    expect(handler.calls.filter((call) => call === 'mail')).toHaveLength(first === '' ? 0 : 1)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('for the judgement of its password is not authenticated (RFC 4954 §4)', async () => {
    let judge: () => void = () => {}
    const handler = Object.assign(new Recorder(), {
      authenticate: () =>
        new Promise((resolve) => {
          judge = () => resolve({ kind: 'accepted', account: 'ada' })
        }),
    })
    const harness = serve(handler, { mechanisms: ['PLAIN'], allowPlaintextAuth: true })
    const client = await harness.pair()
    await client.talk('HELO a')
    client.send('AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n')
    await settle()
    client.send('MAIL FROM:<ada@example.net>\r\n')
    await settle()
    judge()
    expect(await client.reply()).toMatch(/^503 5\.5\.1 /)
    expect(await client.reply()).toBeUndefined()
    expect(harness.sessions[0]?.account).toBeUndefined()
    expect(harness.of('session.authenticated')).toEqual([])
    expect(harness.of('reply.refused')).toMatchObject([{ reply: { code: 503 } }])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a client that sends and does not read', () => {
  it.each(['pair', 'socket'] as const)('is held back, then cut off, over a %s', async (kind) => {
    const harness = serve(new Recorder(), { limits: { maxIdleCommands: Infinity, maxUnauthenticatedBytes: Infinity } })
    const client = await harness[kind]()
    client.stream.pause()
    const burst = Buffer.from('NOOP\r\n'.repeat(10_000))
    let sent = 0
    for (let round = 0; round < 200 && client.stream.writableLength < 4_000_000; round += 1) {
      client.send(burst)
      sent += burst.length
      await settle()
    }
    // Most of it never got in.
    expect(client.stream.writableLength).toBeGreaterThan(0)
    await harness.clock.advance(310_000)
    await settle()
    const [closed] = harness.of('session.closed')
    expect(closed).toMatchObject({ cause: 'timeout' })
    expect(closed?.bytesReceived).toBeLessThan(sent)
    client.stream.destroy()
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a client that pipelines', () => {
  it.each([
    { name: 'answers at once', handler: new Recorder() },
    { name: 'takes its time', handler: new Slow() },
  ])('gets 10,000 answers in order from a handler that $name', async ({ handler }) => {
    const harness = serve(handler, { limits: { maxRecipients: 20_000, maxIdleCommands: 20_000 } })
    const client = await harness.socket()
    await client.talk('HELO a', ENVELOPE[0])
    client.send('RCPT TO:<ada@example.net>\r\nNOOP\r\n'.repeat(5_000))
    for (let count = 0; count < 10_000; count += 1) expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(await client.talk('DATA')).toEqual([expect.stringMatching(/^354 /)])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a sink that is slow', () => {
  it('holds the client back, and gets everything in order', async () => {
    let release: () => void = () => {}
    let hold = true
    let taken = 0
    const handler = new (class extends Recorder {
      override write(bytes: Uint8Array): void | Promise<void> {
        taken += bytes.length
        return hold
          ? new Promise((resolve) => {
              release = resolve
            })
          : undefined
      }
    })()
    const { harness, client } = await atContent(handler)
    const block = Buffer.from(`${'x'.repeat(70)}\r\n`.repeat(10_000))
    for (let count = 0; count < 20; count += 1) client.send(block)
    client.send('.\r\n')
    await settle()
    // The first piece is with the sink, one more may be here; the rest waits where it came from.
    expect(taken).toBeLessThanOrEqual(65_536)
    expect(client.stream.writableLength).toBeGreaterThan(1_000_000)
    hold = false
    release()
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(taken).toBe(20 * block.length)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('that fails later refuses the message behind its end', async () => {
    const handler = new (class extends Recorder {
      override write(): Promise<void> {
        return settleOnce().then(() => Promise.reject(new Error('disk full')))
      }
    })()
    const { harness, client } = await atContent(handler)
    client.send('a\r\n')
    await settle()
    client.send('b\r\n.\r\nNOOP\r\n')
    expect(await client.reply()).toBe('451 4.3.0 Local error in processing')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    expect(handler.calls).toEqual(['hello', 'mail', 'rcpt', 'content', 'sink.abort'])
    expect(harness.of('transaction.refused')).toMatchObject([
      { replies: [reply(451, '4.3.0', 'Local error in processing')] },
    ])
    await harness.server.stop({ deadlineMs: 0 })
  })
})
