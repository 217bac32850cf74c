import type { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { channelBinding } from '../src/channel-binding.ts'
import { secureStream } from '../src/secure-stream.ts'
import { LineClient } from '../src/testing/index.ts'
import { TlsContexts } from '../src/tls-contexts.ts'
import { certificate, ED25519 } from './certificate.ts'
import { Recorder, serve } from './harness.ts'
import { streamPair } from '../src/testing/stream-pair.ts'

/** Both ends of a handshake. */
async function shake(version: 'TLSv1.2' | 'TLSv1.3') {
  const [near, far] = streamPair()
  const contexts = new TlsContexts(await certificate())
  const clients: TLSSocket[] = []
  const server = await new Promise<TLSSocket>((resolve) => {
    const secured = secureStream(far, { contexts, implicit: true, requestCert: false }, () => resolve(secured))
    void new LineClient(near)
      .startTls({ minVersion: version, maxVersion: version })
      .then((client) => clients.push(client))
  })
  await expect.poll(() => clients).toHaveLength(1)
  return { server, client: clients[0]! }
}

describe('channel binding', () => {
  it('is the same keying material at both ends in TLS 1.3 (RFC 9266 §2)', async () => {
    const { server, client } = await shake('TLSv1.3')
    const exported = client.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
    expect(channelBinding(server, 'tls-exporter')).toEqual(exported)
    const other = await shake('TLSv1.3')
    expect(channelBinding(other.server, 'tls-exporter')).not.toEqual(exported)
  })

  it('is the digest of our certificate (RFC 5929 §4.1)', async () => {
    const { createHash, X509Certificate } = await import('node:crypto')
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { server, client } = await shake(version)
      const { raw } = new X509Certificate((await certificate()).cert)
      expect(client.getPeerX509Certificate()?.raw).toEqual(raw)
      const digest = createHash('sha256').update(raw).digest()
      expect(Buffer.from(channelBinding(server, 'tls-server-end-point') ?? [])).toEqual(digest)
    }
  })

  it('is not exported below TLS 1.3, in clear, or behind the end (RFC 9266 §4.2)', async () => {
    const { server } = await shake('TLSv1.2')
    expect(channelBinding(server, 'tls-exporter')).toBeUndefined()
    const [stream] = streamPair()
    for (const type of ['tls-exporter', 'tls-server-end-point'] as const) {
      expect(channelBinding(stream, type)).toBeUndefined()
    }
    server.destroy()
    expect(channelBinding(server, 'tls-server-end-point')).toBeUndefined()
  })

  it('makes SCRAM-SHA-256-PLUS possible, under TLS alone', async () => {
    const handler = Object.assign(new Recorder(), { scramKeys: async () => undefined })
    const harness = serve(handler, {
      mechanisms: ['scram-sha-256-plus', 'SCRAM-SHA-256', 'CRAM-MD5', 'PLAIN'],
      tls: await certificate(),
    })
    const client = await harness.socket()
    expect((await client.talk('EHLO a'))[0]).toMatch(/AUTH SCRAM-SHA-256$/m)
    await client.talk('STARTTLS')
    await client.startTls()
    expect((await client.talk('EHLO a'))[0]).toMatch(/AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN$/m)
    const first = Buffer.from('p=tls-exporter,,n=ada,r=abcdefgh').toString('base64')
    expect(await client.talk(`AUTH SCRAM-SHA-256-PLUS ${first}`)).toEqual([expect.stringMatching(/^334 /)])
    expect(await client.talk('*')).toEqual([expect.stringMatching(/^501 /)])
    // A client that could bind the channel, and says that it was not offered to, has been lied to (RFC 5802 §6).
    const downgraded = Buffer.from('y,,n=ada,r=abcdefgh').toString('base64')
    expect((await client.talk(`AUTH SCRAM-SHA-256 ${downgraded}`))[0]).toMatch(/^5/)
    expect(harness.faults()).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { version: 'TLSv1.2', offered: /AUTH SCRAM-SHA-256$/m, reply: /^504 5\.5\.4 /, bindable: false },
    { version: 'TLSv1.3', offered: /AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256$/m, reply: /^334 /, bindable: undefined },
  ] as const)('is offered where the channel gives it: with Ed25519 under $version', async (row) => {
    const { version, offered, reply, bindable } = row
    const harness = serve(Object.assign(new Recorder(), { scramKeys: () => undefined }), {
      mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'],
      tls: ED25519,
    })
    const client = await harness.socket()
    await client.talk('EHLO a', 'STARTTLS')
    await client.startTls({ minVersion: version, maxVersion: version })
    expect((await client.talk('EHLO a'))[0]).toMatch(offered)
    expect(harness.sessions[0]?.tls).toMatchObject({ version })
    expect(harness.sessions[0]?.tls?.bindable).toBe(bindable)
    const first = Buffer.from('p=tls-exporter,,n=ada,r=abcdefgh').toString('base64')
    expect(await client.talk(`AUTH SCRAM-SHA-256-PLUS ${first}`)).toEqual([expect.stringMatching(reply)])
    expect(harness.faults()).toEqual([])
    client.stream.destroy()
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('was not offered to a client that says so: it is believed (RFC 5802 §6)', async () => {
    const harness = serve(Object.assign(new Recorder(), { scramKeys: () => undefined }), {
      mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'],
      tls: ED25519,
    })
    const client = await harness.socket()
    await client.talk('EHLO a', 'STARTTLS')
    await client.startTls({ maxVersion: 'TLSv1.2' })
    await client.talk('EHLO a')
    const first = Buffer.from('y,,n=ada,r=abcdefgh').toString('base64')
    expect(await client.talk(`AUTH SCRAM-SHA-256 ${first}`)).toEqual([expect.stringMatching(/^334 /)])
    client.stream.destroy()
    await harness.server.stop({ deadlineMs: 0 })
  })
})
