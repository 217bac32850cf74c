import { reply } from '@postroad/envelope'
import { EXTENSIONS, xclient, xforward } from '@postroad/smtp'
import type { SessionView } from '@postroad/smtp'
import { describe, expect, it } from 'vitest'
import type { SmtpServerOptions } from '../src/index.ts'
import { OK, Recorder, serve } from './harness.ts'
import type { Harness } from './harness.ts'

const PROXY = { remoteAddress: '203.0.113.1' }

const serveTrusting = (
  handler: Recorder | ((session: SessionView) => Recorder) = () => new Recorder(),
  options: Partial<SmtpServerOptions> = {},
): Harness =>
  serve(handler, { extensions: [...EXTENSIONS, xclient, xforward], trusted: ['203.0.113.0/24'], ...options })

describe('XCLIENT', () => {
  it('makes the session that of the client behind the proxy, from its greeting on', async () => {
    const handler = new Recorder()
    const harness = serveTrusting(handler)
    const client = await harness.pair(PROXY)
    expect((await client.talk('EHLO proxy.example.net'))[0]).toContain('XCLIENT NAME ADDR PORT')
    const [session] = harness.sessions
    expect(await client.talk('XCLIENT ADDR=IPV6:2001:db8::7 PORT=40001 DESTPORT=587 LOGIN=ada+40example.net')).toEqual([
      '220 mx.example.net ESMTP',
    ])
    expect(session).toMatchObject({
      remoteAddress: '2001:db8::7',
      remotePort: 40_001,
      localPort: 587,
      account: 'ada@example.net',
      proxied: true,
      hello: undefined,
    })
    expect(await client.talk('MAIL FROM:<>')).toEqual([expect.stringMatching(/^503 /)])
    expect((await client.talk('EHLO client.example.org'))[0]).toContain('XCLIENT')
    expect(await client.talk('MAIL FROM:<>')).toEqual([OK.code + ' 2.0.0 OK'])
    // Another client over the same connection, of whom less is known: what was said of the first is gone.
    await client.talk('RSET')
    await client.talk('XCLIENT ADDR=192.0.2.9 PORT=[UNAVAILABLE] LOGIN=[UNAVAILABLE]')
    expect(session).toMatchObject({ remoteAddress: '192.0.2.9', remotePort: 0, localPort: 587, account: undefined })
    expect(harness.of('session.closed')).toEqual([])
    client.stream.end()
    await harness.server.stop({ deadlineMs: 0 })
    expect(handler.calls.filter((call) => call === 'end')).toHaveLength(1)
  })

  it('never keeps an account that the proxy has not named again', async () => {
    const harness = serveTrusting(undefined, { mechanisms: ['PLAIN'], allowPlaintextAuth: true })
    const client = await harness.pair(PROXY)
    await client.talk('EHLO proxy.example.net', 'AUTH PLAIN AGFkYQBzZWNyZXQ=')
    const [session] = harness.sessions
    expect(session?.account).toBe('ada')
    await client.talk('XCLIENT ADDR=192.0.2.9')
    expect(session?.account).toBeUndefined()
    expect((await client.talk('EHLO client.example.org'))[0]).toContain('AUTH PLAIN')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it.each([
    { why: 'nobody is trusted', options: { trusted: [] } },
    { why: 'it is not among the extensions', options: { extensions: EXTENSIONS } },
  ])('is not there where $why', async ({ options }) => {
    const harness = serveTrusting(undefined, options)
    const client = await harness.pair(PROXY)
    expect((await client.talk('EHLO a'))[0]).not.toContain('XCLIENT')
    expect((await client.talk('XCLIENT ADDR=192.0.2.9'))[0]).toMatch(/^5/)
    expect(harness.sessions[0]).toMatchObject({ ...PROXY, proxied: false })
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is not there for other addresses, and who came with it is not trusted because of his own', async () => {
    const harness = serveTrusting()
    const other = await harness.pair({ remoteAddress: '198.51.100.1' })
    expect((await other.talk('EHLO a'))[0]).not.toContain('XCLIENT')
    const forwarded = await harness.pair(PROXY)
    await forwarded.talk('EHLO a')
    await forwarded.talk('XCLIENT ADDR=198.51.100.1')
    // Trust is in who connected, and stays.
    expect((await forwarded.talk('EHLO a'))[0]).toContain('XCLIENT')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('moves the session to the address it says, where there are not too many already', async () => {
    const harness = serveTrusting(undefined, { limits: { maxSessionsPerAddress: 1 } })
    const become = async (remoteAddress: string) => {
      const client = await harness.pair({ remoteAddress })
      await client.talk('EHLO a')
      return { client, said: await client.talk('XCLIENT ADDR=192.0.2.9') }
    }
    const first = await become('203.0.113.1')
    expect(first.said).toEqual(['220 mx.example.net ESMTP'])
    const second = await become('203.0.113.2')
    expect(second.said).toEqual(['421 4.7.0 mx.example.net Too many sessions'])
    expect(harness.sessions[1]?.remoteAddress).toBe('203.0.113.2')
    // The first has given its own address back.
    const again = await harness.pair({ remoteAddress: '203.0.113.1' })
    expect(await again.talk('NOOP')).toEqual(['250 2.0.0 OK'])
    first.client.stream.end()
    await first.client.over
    expect((await become('203.0.113.3')).said).toEqual(['220 mx.example.net ESMTP'])
    await harness.server.stop({ deadlineMs: 0 })
    expect(harness.server.sessions).toBe(0)
  })

  it('is the handler’s to refuse', async () => {
    const handler = Object.assign(new Recorder(), {
      xclient: (attributes: ReadonlyMap<string, string | undefined>) =>
        attributes.get('NAME') === undefined ? reply(550, '5.7.0', 'Who?') : undefined,
    })
    const harness = serveTrusting(handler)
    const client = await harness.pair(PROXY)
    await client.talk('EHLO a')
    expect(await client.talk('XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.9')).toEqual(['550 5.7.0 Who?'])
    expect(harness.sessions[0]).toMatchObject({ ...PROXY, proxied: false })
    expect(await client.talk('XCLIENT NAME=client.example.org ADDR=192.0.2.9')).toEqual(['220 mx.example.net ESMTP'])
    await harness.server.stop({ deadlineMs: 0 })
  })
})

describe('XFORWARD', () => {
  it('is seen by the handler until the transaction is over, and changes nothing else', async () => {
    const seen: unknown[] = []
    const harness = serveTrusting((session) => {
      const note = () => {
        seen.push(session.forwarded && Object.fromEntries(session.forwarded))
        return OK
      }
      return Object.assign(new Recorder(), { mail: note, finish: note })
    })
    const client = await harness.pair(PROXY)
    await client.talk('EHLO a')
    expect(await client.talk('XFORWARD NAME=client.example.org ADDR=192.0.2.9 IDENT=[UNAVAILABLE]')).toEqual([
      '250 2.0.0 OK',
    ])
    const message = ['MAIL FROM:<>', 'RCPT TO:<ada@example.net>', 'DATA'] as const
    await client.talk(...message)
    client.send('x\r\n.\r\n')
    expect(await client.reply()).toBe('250 2.0.0 OK')
    await client.talk(message[0])
    const said = { NAME: 'client.example.org', ADDR: '192.0.2.9' }
    expect(seen).toEqual([said, said, undefined])
    expect(harness.sessions[0]).toMatchObject({ ...PROXY, proxied: false })
    await harness.server.stop({ deadlineMs: 0 })
  })
})
