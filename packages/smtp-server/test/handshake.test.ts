import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { certificate } from './certificate.ts'
import { Recorder, serve, settle } from './harness.ts'
import type { Harness } from './harness.ts'
import { LineClient } from '../src/testing/index.ts'

async function serveImplicit(): Promise<{ harness: Harness; connect: () => Promise<Socket> }> {
  const harness = serve(() => new Recorder(), { tls: { ...(await certificate()), implicit: true } })
  const address = await harness.server.listen({ host: '127.0.0.1', port: 0 })
  const port = 'port' in address ? address.port : 0
  const connect = async (): Promise<Socket> => {
    const socket = connectTcp(port, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  return { harness, connect }
}

const secure = (socket: Socket, options: ConnectionOptions = {}): TLSSocket =>
  connectTls({ socket, rejectUnauthorized: false, ...options }).on('error', () => {})

describe('a handshake that fails', () => {
  it.each([
    { how: 'TLS 1.1 only', options: { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } },
    { how: 'no common cipher', options: { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA256' } },
    { how: 'a certificate that the client refuses', options: { rejectUnauthorized: true } },
  ] as const)('ends the session: $how', async ({ options }) => {
    const { harness, connect } = await serveImplicit()
    secure(await connect(), options)
    await expect.poll(() => harness.of('session.closed')).toHaveLength(1)
    expect(harness.server.sessions).toBe(0)
    expect(harness.faults()).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { how: 'SMTP in the clear', bytes: 'EHLO client.example.org\r\n' },
    { how: 'HTTP', bytes: 'GET / HTTP/1.1\r\nHost: mx.example.net\r\n\r\n' },
    { how: 'an alert', bytes: '\x15\x03\x01\x00\x02\x02\x28' },
    { how: 'a record that is too long', bytes: '\x16\x03\x01\xff\xff' },
  ])('ends the session: $how', async ({ bytes }) => {
    const { harness, connect } = await serveImplicit()
    const socket = await connect()
    socket.write(Buffer.from(bytes, 'latin1'))
    socket.resume()
    await expect.poll(() => harness.of('session.closed')).toMatchObject([{ cause: 'handshake', bytesReceived: 0 }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each(['pair', 'socket'] as const)(
    'is not waited for where the client has closed its half by then, over a %s',
    async (kind) => {
      const handler = Object.assign(new Recorder(), { hello: () => settle() })
      const harness = serve(handler, { tls: await certificate() })
      const client = await harness[kind]()
      client.send('EHLO client.example.org\r\nSTARTTLS\r\n')
      client.stream.end()
      await client.end()
      await expect.poll(() => harness.of('session.closed')).toMatchObject([{ cause: 'peer' }])
      await harness.server.stop({ deadlineMs: 0 })
    },
  )
})

describe('a handshake that succeeds', () => {
  it.each([
    { how: 'with neither SNI nor ALPN', options: {} },
    { how: 'with a name that is not ours', options: { servername: 'other.example.org' } },
    { how: 'with protocols that are not known here', options: { ALPNProtocols: ['h2', 'smtp'] } },
    { how: 'in TLS 1.2', options: { maxVersion: 'TLSv1.2' } },
  ] as const)('$how', async ({ options }) => {
    const { harness, connect } = await serveImplicit()
    const secured = secure(await connect(), options)
    const client = new LineClient(secured)
    expect(await client.reply()).toMatch(/^220 /)
    expect(secured.alpnProtocol).toBe(false)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is not begun again at the wish of a client', async () => {
    const { harness, connect } = await serveImplicit()
    const secured = secure(await connect(), { maxVersion: 'TLSv1.2' })
    const client = new LineClient(secured)
    await client.reply()
    const refused = await new Promise<unknown>((resolve) => {
      secured.on('error', resolve)
      secured.renegotiate({}, resolve)
    })
    expect(refused).toBeInstanceOf(Error)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('goes on where the client says good-bye without a close_notify', async () => {
    const { harness, connect } = await serveImplicit()
    const socket = await connect()
    const client = new LineClient(secure(socket))
    await client.reply()
    socket.destroy()
    await expect.poll(() => harness.server.sessions).toBe(0)
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'peer' }])
    await harness.server.stop({ deadlineMs: 0 })
  })
})
