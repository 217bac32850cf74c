import { describe, expect, it } from 'vitest'
import type { SmtpServerOptions } from '../src/index.ts'
import { LineClient } from '../src/testing/index.ts'
import { certificate } from './certificate.ts'
import { Recorder, serve, settle } from './harness.ts'
import type { Harness } from './harness.ts'
import { binaryHeader } from './proxy-bytes.ts'
import { streamPair } from '../src/testing/stream-pair.ts'

const PROXY = '203.0.113.1'
const LINE = 'PROXY TCP4 192.0.2.77 203.0.113.9 40000 587\r\n'
const BINARY = binaryHeader({ family: 0x11, addresses: [192, 0, 2, 77, 203, 0, 113, 9, 0x9c, 0x40, 2, 75] }).bytes

const serveBehind = (options: Partial<SmtpServerOptions> = {}): Harness =>
  serve(() => new Recorder(), { proxyProtocol: { from: [`${PROXY}/32`, '127.0.0.0/8', 'unix'] }, ...options })

/** A connection, by default from the proxy; nothing was sent yet. */
function connectFrom(harness: Harness, remoteAddress = PROXY) {
  const [client, side] = streamPair()
  const over = harness.server.attach(side, { remoteAddress, remotePort: 1, localPort: 25 })
  return Object.assign(new LineClient(client), { over })
}

describe('a proxy', () => {
  it.each([
    { version: 1, header: Buffer.from(LINE) },
    { version: 2, header: Buffer.from(BINARY) },
  ])(
    'says whom it speaks for, in version $version, cut anywhere, with what follows in the same packet',
    async ({ header }) => {
      const harness = serveBehind()
      for (const cut of [header.length, 1, 5, header.length - 1]) {
        const client = connectFrom(harness)
        client.send(header.subarray(0, cut))
        await settle()
        if (cut < header.length) expect(client.unread).toBe('')
        client.send(Buffer.concat([header.subarray(cut), Buffer.from('NOOP\r\nHELO a\r\n')]))
        expect(await client.reply()).toMatch(/^220 /)
        expect([await client.reply(), await client.reply()]).toEqual(['250 2.0.0 OK', '250 mx.example.net'])
      }
      expect(harness.sessions).toHaveLength(4)
      for (const session of harness.sessions) {
        expect(session).toMatchObject({
          remoteAddress: '192.0.2.77',
          remotePort: 40_000,
          localPort: 587,
          proxied: true,
        })
      }
      await harness.server.stop({ deadlineMs: 0 })
    },
  )

  it('is waited for in silence, byte by byte', async () => {
    const harness = serveBehind()
    const client = connectFrom(harness)
    for (const byte of BINARY) {
      expect(harness.sessions).toEqual([])
      client.send(Uint8Array.of(byte))
      await settle()
    }
    expect(await client.reply()).toMatch(/^220 /)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { what: 'LOCAL', header: binaryHeader({ command: 0x20, family: 0, addresses: [] }).bytes },
    { what: 'UNKNOWN', header: Buffer.from('PROXY UNKNOWN\r\n') },
  ])('speaks for itself with $what', async ({ header }) => {
    const harness = serveBehind()
    const client = connectFrom(harness)
    client.send(header)
    expect(await client.reply()).toMatch(/^220 /)
    expect(harness.sessions).toMatchObject([{ remoteAddress: PROXY, remotePort: 1, localPort: 25, proxied: false }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { what: 'a command', text: 'EHLO a\r\n' },
    { what: 'a header with an address that is none', text: 'PROXY TCP4 nobody 203.0.113.9 40000 25\r\n' },
    { what: 'bytes', text: '\r\n\r\n\x01' },
    { what: 'an end', text: undefined },
    { what: 'half a header and an end', text: 'PROXY TCP4 192', end: true },
  ])('that begins with $what is closed without a word', async ({ text, end }) => {
    const harness = serveBehind()
    const client = connectFrom(harness)
    if (text !== undefined) client.send(text)
    if (text === undefined || end === true) client.stream.end()
    await client.end()
    await client.over
    expect(client.unread).toBe('')
    expect(harness.sessions).toEqual([])
    expect(harness.of('session.refused')).toMatchObject([{ remoteAddress: PROXY, reply: { code: 421 } }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('that takes more than 5 seconds for its header is closed', async () => {
    const harness = serveBehind()
    const client = connectFrom(harness)
    client.send(LINE.slice(0, -1))
    await settle()
    await harness.clock.advance(4_000)
    expect(client.closed).toBe(false)
    await harness.clock.advance(3_000)
    await client.over
    expect(harness.sessions).toEqual([])
    expect(harness.clock.sleeping).toBe(0)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('that has not said yet whom it speaks for counts among all, and goes when the server stops', async () => {
    const harness = serveBehind({ limits: { maxSessions: 2 } })
    const waiting = [connectFrom(harness), connectFrom(harness)]
    const third = connectFrom(harness)
    expect(await third.reply()).toBe('421 mx.example.net Too many sessions')
    await harness.server.stop({ deadlineMs: 0 })
    for (const { over } of waiting) await over
    expect(await connectFrom(harness).reply()).toBe('421 mx.example.net Service shutting down')
  })

  it('is not what anybody else is: a header from others is a mistake', async () => {
    const harness = serveBehind()
    const client = connectFrom(harness, '203.0.113.2')
    expect(await client.reply()).toMatch(/^220 /)
    expect(await client.talk(LINE.trimEnd())).toEqual([expect.stringMatching(/^500 5\.5\.2 /)])
    expect(harness.sessions).toMatchObject([{ remoteAddress: '203.0.113.2', proxied: false }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('has its clients counted by their own addresses', async () => {
    const harness = serveBehind({ limits: { maxSessionsPerAddress: 1 } })
    const greet = async (address: string) => {
      const client = connectFrom(harness)
      client.send(LINE.replace('192.0.2.77', address))
      return { client, greeting: await client.reply() }
    }
    const first = await greet('192.0.2.1')
    expect(first.greeting).toMatch(/^220 /)
    expect((await greet('192.0.2.2')).greeting).toMatch(/^220 /)
    expect((await greet('192.0.2.1')).greeting).toMatch(/^421 /)
    first.client.stream.end()
    await first.client.over
    expect((await greet('192.0.2.1')).greeting).toMatch(/^220 /)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('speaks over unix sockets and sockets, and says no address for a unix socket of its own', async () => {
    const harness = serveBehind()
    const pipe = connectFrom(harness, '')
    pipe.send(binaryHeader({ family: 0x31, addresses: Array<number>(216).fill(0) }).bytes)
    expect(await pipe.reply()).toMatch(/^220 /)
    const { port } = (await harness.server.listen({ host: '127.0.0.1', port: 0 })) as { port: number }
    const { connect } = await import('node:net')
    const client = new LineClient(connect(port, '127.0.0.1'))
    client.send(LINE)
    expect(await client.reply()).toMatch(/^220 /)
    expect(harness.sessions.map(({ remoteAddress }) => remoteAddress)).toEqual(['', '192.0.2.77'])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each(['pair', 'socket'] as const)(
    'goes before a handshake, with the first bytes of that in the same packet, over a %s',
    async (kind) => {
      const harness = serveBehind({ tls: { ...(await certificate()), implicit: true } })
      const outer = kind === 'pair' ? connectFrom(harness) : await harness.socket()
      // A proxy that has the first bytes of the handshake before it says anything itself.
      const [inner, behind] = streamPair()
      const { stream } = outer
      behind.once('data', (hello: Buffer) => {
        stream.write(Buffer.concat([Buffer.from(LINE), hello]))
        behind.pipe(stream)
        stream.pipe(behind)
      })
      const client = new LineClient(inner)
      await client.startTls()
      expect(await client.reply()).toMatch(/^220 /)
      expect(harness.sessions).toMatchObject([{ remoteAddress: '192.0.2.77', proxied: true, tls: {} }])
      await harness.server.stop({ deadlineMs: 0 })
    },
  )

  it('must be named by an address or a network', () => {
    for (const from of ['everyone', '10.0.0.0/33']) {
      expect(() => serveBehind({ proxyProtocol: { from: [from] } })).toThrow(
        expect.objectContaining({ code: 'SMTP_SERVER_NETWORK' }),
      )
    }
  })
})
