/** nodemailer against our server. */

import { createTransport } from 'nodemailer'
import { beforeAll, describe, expect, it } from 'vitest'
import { certificate, type Certificate } from '../src/certificate.ts'
import { startOurServer, TOKEN, type OurServerOptions } from '../src/our-server.ts'

const CONTENT = 'Subject: by nodemailer\r\n\r\n.dot\r\n..two\r\nlast\r\n'

describe('nodemailer and our server', () => {
  let tls: Certificate
  beforeAll(async () => {
    tls = await certificate()
  })

  const exchange = async (
    options: OurServerOptions,
    settings: object,
    to: readonly string[] = ['ada@example.net'],
    more: object = {},
  ) => {
    await using server = await startOurServer(options)
    const transport = createTransport({
      host: '127.0.0.1',
      port: server.port,
      name: 'client.example.org',
      tls: { ca: tls.cert, servername: 'mx.example.net' },
      ...settings,
    })
    const told = await transport
      .sendMail({ envelope: { from: 'eve@example.org', to: [...to] }, raw: CONTENT, ...more })
      .then(
        ({ response, rejected }) => ({ response, rejected }),
        (error: Error & { response?: string }) => ({ response: error.response ?? error.message, rejected: [...to] }),
      )
    transport.close()
    return { told, messages: server.messages, dialogue: server.dialogue.join('\n') }
  }

  it('sends a message in clear where it is told to ignore TLS', async () => {
    const { told, messages } = await exchange({ tls }, { ignoreTLS: true })
    expect(told).toEqual({ response: '250 2.0.0 Taken', rejected: [] })
    expect(messages.map(({ content }) => content.toString())).toEqual([CONTENT])
    expect(messages[0]?.session.tls).toBeUndefined()
  })

  it('upgrades by STARTTLS where it is offered (RFC 3207 §4)', async () => {
    const { told, messages } = await exchange({ tls }, { requireTLS: true })
    expect(told.response).toBe('250 2.0.0 Taken')
    expect(messages[0]?.session.tls?.version).toMatch(/^TLSv1\.[23]$/)
    expect(messages[0]?.session.tls?.serverName).toBe('mx.example.net')
  })

  it('speaks TLS from the first byte (RFC 8314 §3)', async () => {
    const { told, messages } = await exchange({ tls: { ...tls, implicit: true } }, { secure: true })
    expect(told.response).toBe('250 2.0.0 Taken')
    expect(messages[0]?.content.toString()).toBe(CONTENT)
  })

  it('asks for reports (RFC 3461 §4)', async () => {
    const { told, messages } = await exchange({}, {}, ['ada@example.net'], {
      dsn: { id: 'interop 1', return: 'headers', notify: ['success', 'delay'], recipient: 'eve@example.org' },
    })
    expect(told.response).toBe('250 2.0.0 Taken')
    expect(messages[0]?.mail).toMatchObject({ envid: 'interop 1', ret: 'hdrs' })
    expect(messages[0]?.recipients[0]?.notify?.toSorted()).toEqual(['delay', 'success'])
  })

  it('is told which recipients are refused', async () => {
    const { told, messages } = await exchange({}, {}, ['nobody@example.net', 'ada@example.net'])
    expect(told.rejected).toEqual(['nobody@example.net'])
    expect(messages[0]?.recipients).toHaveLength(1)
  })

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2'])(
    'authenticates by %s, and not with another secret',
    async (mechanism) => {
      const options: OurServerOptions = { tls, protocol: 'submission', mechanisms: [mechanism] }
      const auth = (secret: string): object =>
        mechanism === 'XOAUTH2'
          ? { auth: { type: 'OAuth2', user: 'ada', accessToken: secret } }
          : { auth: { user: 'ada', pass: secret }, authMethod: mechanism }
      const right = await exchange(options, auth(mechanism === 'XOAUTH2' ? TOKEN : 'secret'))
      expect(right.told.response, right.dialogue).toBe('250 2.0.0 Taken')
      expect(right.messages[0]?.session.account).toBe('ada')
      const wrong = await exchange(options, auth('d3Jvbmc='))
      expect(wrong.dialogue).toMatch(/^S: 535 5\.7\.8/m)
      expect(wrong.messages).toEqual([])
    },
  )

  it('speaks LMTP (RFC 2033 §4.2)', async () => {
    const { messages } = await exchange({ protocol: 'lmtp' }, { lmtp: true })
    expect(messages[0]?.session.hello?.verb).toBe('LHLO')
  })

  it('sends a hundred messages over a pool of connections', async () => {
    await using server = await startOurServer()
    const transport = createTransport({ host: '127.0.0.1', port: server.port, pool: true, maxConnections: 3 })
    await Promise.all(
      Array.from({ length: 100 }, () =>
        transport.sendMail({ envelope: { from: 'eve@example.org', to: ['ada@example.net'] }, raw: CONTENT }),
      ),
    )
    transport.close()
    expect(server.messages).toHaveLength(100)
    expect(new Set(server.messages.map(({ session }) => session.sessionId)).size).toBeLessThanOrEqual(3)
    expect(server.messages.every(({ content }) => content.toString() === CONTENT)).toBe(true)
  })
})
