import { once } from 'node:events'
import { connect } from 'node:net'
import { createSecureContext, createServer as createTlsServer } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { SmtpServerError } from '../src/index.ts'
import type { TlsOptions } from '../src/index.ts'
import { LineClient } from '../src/testing/index.ts'
import { certificate } from './certificate.ts'
import { Recorder, serve, settle } from './harness.ts'
import type { Harness } from './harness.ts'

const serveTls = (tls: TlsOptions): Harness => serve(() => new Recorder(), { tls: { ...tls, implicit: true } })

/** A client that has shaken hands, and what it got. */
async function shake(harness: Harness, options: ConnectionOptions = {}) {
  const client = await harness.socket()
  const tickets: Buffer[] = []
  const secured = await client.startTls(options)
  // Tickets of TLS 1.3 come behind the handshake.
  secured.on('session', (ticket: Buffer) => tickets.push(ticket))
  const greeting = await client.reply()
  return { client, secured, tickets, greeting, name: secured.getPeerCertificate().subject?.CN }
}

describe('several certificates', () => {
  const certificates = async () => ({
    certificates: [
      await certificate('mx.example.net', 'www.example.net'),
      await certificate('mail.example.org', '*.sub.example.org'),
      { ...(await certificate('unnamed.example.com')), names: ['*.example.com', 'EXAMPLE.com'] },
      await certificate('mail.example.org'),
    ],
  })

  it.each([
    { asked: 'mx.example.net', shown: 'mx.example.net' },
    { asked: 'www.example.net', shown: 'mx.example.net' },
    { asked: 'mail.example.org', shown: 'mail.example.org' },
    { asked: 'MAIL.Example.ORG', shown: 'mail.example.org' },
    { asked: 'a.sub.example.org', shown: 'mail.example.org' },
    { asked: 'a.b.sub.example.org', shown: 'mx.example.net' },
    { asked: 'sub.example.org', shown: 'mx.example.net' },
    { asked: 'anything.example.com', shown: 'unnamed.example.com' },
    { asked: 'example.com', shown: 'unnamed.example.com' },
    { asked: 'unnamed.example.com', shown: 'unnamed.example.com' },
    { asked: 'elsewhere.test', shown: 'mx.example.net' },
    { asked: 'localhost', shown: 'mx.example.net' },
    { asked: undefined, shown: 'mx.example.net' },
  ])('of which $shown is shown to who asks for $asked', async ({ asked, shown }) => {
    const harness = serveTls(await certificates())
    const { name } = await shake(harness, asked === undefined ? {} : { servername: asked })
    expect(name).toBe(shown)
    const view = harness.sessions[0]?.tls
    expect(view?.serverName).toBe(asked?.includes('.') === true || asked === 'localhost' ? asked : undefined)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('are there behind STARTTLS, too, and over a pair of streams', async () => {
    const harness = serve(() => new Recorder(), { tls: await certificates() })
    for (const kind of ['pair', 'socket'] as const) {
      const client = await harness[kind]()
      await client.talk('EHLO a', 'STARTTLS')
      const secured = await client.startTls({ servername: 'mail.example.org' })
      expect(secured.getPeerCertificate().subject.CN).toBe('mail.example.org')
      expect(await client.talk('EHLO a')).toEqual([expect.stringMatching(/^250-/)])
    }
    expect(harness.sessions.map(({ tls }) => tls?.serverName)).toEqual(['mail.example.org', 'mail.example.org'])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a function that gives contexts', () => {
  it('is asked for the name, and its context used', async () => {
    const asked: (string | undefined)[] = []
    const first = createSecureContext(await certificate('first.example.net'))
    const other = createSecureContext(await certificate('other.example.net'))
    const harness = serveTls({
      contextFor: (name) => {
        asked.push(name)
        return name === undefined ? first : other
      },
    })
    expect((await shake(harness)).name).toBe('first.example.net')
    expect((await shake(harness, { servername: 'mx.example.net' })).name).toBe('other.example.net')
    expect(asked).toEqual([undefined, undefined, 'mx.example.net'])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { when: 'at once', fails: () => true },
    { when: 'for a name', fails: (name: string | undefined) => name !== undefined },
  ])('that throws $when ends the session, and the fault is told', async ({ fails }) => {
    const first = createSecureContext(await certificate())
    const harness = serveTls({
      contextFor: (name) => {
        if (fails(name)) throw new Error('no certificate today')
        return first
      },
    })
    const client = await harness.socket()
    await expect(client.startTls({ servername: 'mx.example.net' })).rejects.toThrow()
    await expect.poll(() => harness.server.sessions).toBe(0)
    expect(harness.faults()).toMatchObject([{ message: 'no certificate today' }])
    expect(harness.of('session.closed')).toMatchObject([{ cause: 'fault' }])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('cannot allow what is older than TLS 1.2 (RFC 8314 §4.1)', async () => {
    const context = createSecureContext({
      ...(await certificate()),
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    const harness = serveTls({ contextFor: () => context })
    const client = await harness.socket()
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await client.startTls(old).catch(() => undefined)
    expect(await client.reply()).toBeUndefined()
    await expect.poll(() => harness.of('session.closed')).toMatchObject([{ cause: 'handshake' }])
    expect(harness.of('session.secured')).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('certificates that are replaced', () => {
  it('are shown to handshakes from then on, while sessions that run go on', async () => {
    const harness = serveTls(await certificate('old.example.net'))
    const before = await shake(harness)
    harness.server.replaceCertificates(await certificate('new.example.net'))
    const after = await shake(harness)
    expect([before.name, after.name]).toEqual(['old.example.net', 'new.example.net'])
    expect(await before.client.talk('EHLO a')).toEqual([expect.stringMatching(/^250-/)])
    harness.server.replaceCertificates({
      certificates: [await certificate('a.example.net'), await certificate('b.example.net')],
    })
    expect((await shake(harness, { servername: 'b.example.net' })).name).toBe('b.example.net')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { what: 'are none', certificates: { key: 'x', cert: 'y' } },
    { what: 'are too few', certificates: { certificates: [] } },
  ])('stay where the others $what', async ({ certificates }) => {
    const harness = serveTls(await certificate('old.example.net'))
    expect(() => harness.server.replaceCertificates(certificates)).toThrow(
      expect.objectContaining({ code: 'SMTP_SERVER_CERTIFICATE' }),
    )
    expect((await shake(harness)).name).toBe('old.example.net')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('are not for a server without TLS, and ticket keys are 48 bytes', async () => {
    const pem = await certificate()
    const harness = serve(new Recorder())
    expect(() => harness.server.replaceCertificates(pem)).toThrow(
      expect.objectContaining({ code: 'SMTP_SERVER_NO_TLS' }),
    )
    expect(() => serveTls({ ...pem, ticketKeys: new Uint8Array(47) })).toThrow(SmtpServerError)
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('a session that is resumed', () => {
  const ticketKeys = new Uint8Array(48).fill(7)

  it.each(['TLSv1.3', 'TLSv1.2'] as const)('in %s, with the same server', async (version) => {
    const harness = serveTls(await certificate())
    const options = { minVersion: version, maxVersion: version }
    const first = await shake(harness, options)
    const session = version === 'TLSv1.2' ? first.secured.getSession() : await ticketOf(first)
    const second = await shake(harness, { ...options, session })
    expect([first.secured.isSessionReused(), second.secured.isSessionReused()]).toEqual([false, true])
    expect(await second.client.talk('EHLO a')).toEqual([expect.stringMatching(/^250-/)])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('over new certificates, with another server of the same ticket keys, and with no other', async () => {
    const pem = await certificate()
    const [harness, same, other] = [
      serveTls({ ...pem, ticketKeys }),
      serveTls({ ...pem, ticketKeys }),
      serveTls(pem),
    ] as const
    const session = await ticketOf(await shake(harness))
    harness.server.replaceCertificates(await certificate('new.example.net'))
    const reused = async (by: Harness) => (await shake(by, { session })).secured.isSessionReused()
    expect([await reused(harness), await reused(same), await reused(other)]).toEqual([true, true, false])
    harness.server.replaceCertificates(pem, new Uint8Array(48).fill(8))
    expect(await reused(harness)).toBe(false)
    for (const { server } of [harness, same, other]) await server.stop({ deadlineMs: 0 })
  })

  it('behind STARTTLS', async () => {
    const harness = serve(() => new Recorder(), { tls: await certificate() })
    const upgrade = async (options: ConnectionOptions) => {
      const client = await harness.socket()
      await client.talk('EHLO a', 'STARTTLS')
      const secured = await client.startTls(options)
      return { client, secured }
    }
    const first = await upgrade({ maxVersion: 'TLSv1.2' })
    const second = await upgrade({ maxVersion: 'TLSv1.2', session: first.secured.getSession() })
    expect(second.secured.isSessionReused()).toBe(true)
    expect(await second.client.talk('EHLO a')).toEqual([expect.stringMatching(/^250-/)])
    await harness.server.stop({ deadlineMs: 0 })
  })

  async function ticketOf({ tickets, client }: Awaited<ReturnType<typeof shake>>): Promise<Buffer> {
    await client.talk('NOOP')
    const [ticket] = tickets
    if (ticket === undefined) throw new Error('no ticket came')
    return ticket
  }
})

describe('a certificate of the client', () => {
  const clientCertificates = 'request'

  it.each([
    { how: 'that is trusted', trusted: true, version: 'TLSv1.3' },
    { how: 'that is trusted', trusted: true, version: 'TLSv1.2' },
    { how: 'that nobody knows', trusted: false, version: 'TLSv1.3' },
    { how: 'that nobody knows', trusted: false, version: 'TLSv1.2' },
  ] as const)('$how is told with what it is worth, in $version, resumed, too', async ({ trusted, version }) => {
    const pem = await certificate('client.example.org')
    const ca = trusted ? [(await certificate('other.example.org')).cert, pem.cert] : []
    const harness = serveTls({ ...(await certificate()), clientCertificates, ca })
    const options = { ...pem, minVersion: version, maxVersion: version }
    const first = await shake(harness, options)
    await first.client.talk('NOOP')
    const session = version === 'TLSv1.2' ? first.secured.getSession() : first.tickets[0]
    const second = await shake(harness, { ...options, session })
    expect(second.secured.isSessionReused()).toBe(true)
    for (const { tls } of harness.sessions) {
      expect(tls?.clientCertificate).toEqual({
        subject: 'CN=client.example.org',
        verified: trusted,
        fingerprint256: expect.stringMatching(/^([\dA-F]{2}:){31}[\dA-F]{2}$/),
        subjectAltName: 'DNS:client.example.org',
      })
    }
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('may be missing, and is not looked at where none was asked for', async () => {
    const pem = await certificate('client.example.org')
    const asking = serveTls({ ...(await certificate()), clientCertificates, ca: pem.cert })
    expect((await shake(asking)).greeting).toMatch(/^220 /)
    const notAsking = serveTls(await certificate())
    expect((await shake(notAsking, pem)).greeting).toMatch(/^220 /)
    for (const { server, sessions } of [asking, notAsking]) {
      expect(sessions[0]?.tls).not.toHaveProperty('clientCertificate')
      await server.stop({ deadlineMs: 0 })
    }
  })
})

describe('a stream that somebody else has secured', () => {
  it('is taken as what it is', async () => {
    const pem = await certificate('client.example.org')
    const harness = serve(() => new Recorder(), {
      tls: { ...(await certificate()), implicit: true },
      mechanisms: ['PLAIN'],
    })
    const options = { ...(await certificate()), requestCert: true, rejectUnauthorized: false, ca: pem.cert }
    const listener = createTlsServer(options, (socket) => void harness.server.attach(socket, socket))
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const address = listener.address()
    const client = new LineClient(connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1'))
    await client.startTls({ ...pem, servername: 'mx.example.net' })
    expect(await client.reply()).toMatch(/^220 /)
    expect((await client.talk('EHLO a'))[0]).toContain('AUTH PLAIN')
    expect(harness.sessions).toMatchObject([
      {
        remoteAddress: '127.0.0.1',
        tls: { version: 'TLSv1.3', serverName: 'mx.example.net', clientCertificate: { verified: true } },
      },
    ])
    client.stream.end()
    await client.end()
    await harness.server.stop({ deadlineMs: 0 })
    listener.close()
  })
})

describe('plaintext and TLS', () => {
  it.each([
    { what: 'a command in one packet with STARTTLS', behind: 'MAIL FROM:<smuggled@example.org>\r\n' },
    { what: 'a handshake in one packet with STARTTLS', behind: '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03' },
  ])('$what is refused, and the session ends (RFC 3207 §4.2)', async ({ behind }) => {
    const harness = serve(() => new Recorder(), { tls: await certificate() })
    for (const kind of ['pair', 'socket'] as const) {
      const client = await harness[kind]()
      await client.talk('EHLO a')
      client.send(`STARTTLS\r\n${behind}`)
      expect(await client.reply()).toMatch(/^503 5\.5\.1 /)
      expect(await client.reply()).toBeUndefined()
      client.stream.end()
    }
    expect(harness.of('session.secured')).toEqual([])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('nothing said before a handshake counts behind it: not the hello, not the transaction', async () => {
    const handler = new Recorder()
    const harness = serve(handler, { tls: await certificate() })
    const client = await harness.socket()
    await client.talk('EHLO a', 'MAIL FROM:<>', 'RSET', 'STARTTLS')
    await client.startTls()
    expect(await client.talk('MAIL FROM:<>')).toEqual([expect.stringMatching(/^503 /)])
    expect((await client.talk('EHLO b'))[0]).not.toContain('STARTTLS')
    expect(await client.talk('STARTTLS')).toEqual([expect.stringMatching(/^503 /)])
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('a client that answers within the write over a pair of streams is heard by TLS alone', async () => {
    const harness = serve(() => new Recorder(), { tls: await certificate() })
    const client = await harness.pair()
    await client.talk('EHLO a')
    const { stream } = client
    // The handshake begins in the very call that brings the 220.
    const begun = new Promise<Awaited<ReturnType<LineClient['startTls']>>>((resolve, reject) => {
      stream.once('data', () => void client.startTls().then(resolve, reject))
    })
    client.send('STARTTLS\r\n')
    await begun
    expect(await client.reply()).toMatch(/^220 /)
    expect(await client.talk('EHLO a')).toEqual([expect.stringMatching(/^250-/)])
    expect(harness.of('session.secured')).toHaveLength(1)
    await settle()
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('two sockets never share what was agreed on', async () => {
    const harness = serve(() => new Recorder(), { tls: await certificate() })
    const address = await harness.server.listen({ host: '127.0.0.1', port: 0 })
    const sockets = [0, 1].map(() => connect('port' in address ? address.port : 0, '127.0.0.1'))
    const clients = sockets.map((socket) => new LineClient(socket))
    for (const socket of sockets) await once(socket, 'connect')
    for (const client of clients) await client.reply()
    await clients[0]?.talk('EHLO a', 'STARTTLS')
    await clients[0]?.startTls()
    expect((await clients[1]?.talk('EHLO a'))?.[0]).toContain('STARTTLS')
    expect(harness.sessions.map(({ tls }) => tls === undefined)).toEqual([false, true])
    await harness.server.stop({ deadlineMs: 0 })
  })
})
