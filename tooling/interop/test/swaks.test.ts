/** swaks against our server. */

import { join } from 'node:path'
import { EXTENSIONS, xclient } from '@postroad/smtp'
import { describe, expect, it } from 'vitest'
import { startOurServer, type OurServerOptions } from '../src/our-server.ts'
import { toolsAtHand } from './tools-at-hand.ts'

const TEXT = 'Subject: by swaks\n\n.dot\n..two\nlast\n'
/** It ends what it reads with a line end of its own. */
const CONTENT = `${TEXT.replaceAll('\n', '\r\n')}\r\n`

describe('swaks and our server', () => {
  const hand = toolsAtHand()

  const exchange = async (options: OurServerOptions, args: readonly string[], to = 'ada@example.net') => {
    await using server = await startOurServer(options)
    const where =
      options.path === undefined ? ['--server', '127.0.0.1', '--port', String(server.port)] : ['--socket', options.path]
    const result = await hand.tools.swaks(
      [...where, '--from', 'eve@example.org', '--to', to, '--ehlo', 'client.example.org', '--data', '-', ...args],
      { input: TEXT },
    )
    return { ...result, messages: server.messages, dialogue: server.dialogue.join('\n') }
  }

  it('sends a message', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { status, stdout, messages } = await exchange({}, [])
    expect(status, stdout).toBe(0)
    expect(messages.map(({ content }) => content.toString())).toEqual([CONTENT])
    expect(messages[0]?.session.hello).toEqual({ verb: 'EHLO', name: 'client.example.org' })
  })

  it('is told of the recipient that does not exist', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { stdout, messages } = await exchange({}, [], 'ada@example.net,nobody@example.net')
    expect(stdout).toContain('<** 550 5.1.1 No such mailbox')
    expect(messages.map(({ recipients }) => recipients.length)).toEqual([1])
  })

  it('pipelines (RFC 2920 §3.1)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { status, stdout, messages } = await exchange({}, ['--pipeline'], 'ada@example.net,bob@example.net')
    expect(status, stdout).toBe(0)
    expect(stdout).toMatch(/-> MAIL FROM:<eve@example\.org>\n[ ->]+> RCPT TO:/)
    expect(messages[0]?.recipients).toHaveLength(2)
    expect(messages[0]?.content.toString()).toBe(CONTENT)
  })

  it('upgrades by STARTTLS and verifies the certificate (RFC 3207 §4)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { status, stdout, messages } = await exchange({ tls: hand.tls }, [
      '--tls',
      '--tls-verify',
      '--tls-ca-path',
      join(hand.folder, 'ca.pem'),
    ])
    expect(status, stdout).toBe(0)
    expect(messages[0]?.session.tls?.version).toMatch(/^TLSv1\.[23]$/)
    expect(messages[0]?.content.toString()).toBe(CONTENT)
  })

  it('speaks TLS from the first byte (RFC 8314 §3)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { status, stdout, messages } = await exchange({ tls: { ...hand.tls, implicit: true } }, ['--tls-on-connect'])
    expect(status, stdout).toBe(0)
    expect(messages[0]?.session.tls?.version).toMatch(/^TLSv1\.[23]$/)
  })

  it.for(['PLAIN', 'LOGIN', 'CRAM-MD5'])(
    'authenticates by %s, and not with another password',
    async (mechanism, { skip }) => {
      skip(hand.why !== undefined, hand.why)
      const options: OurServerOptions = { tls: hand.tls, protocol: 'submission', mechanisms: [mechanism] }
      const auth = ['--tls', '--auth', mechanism, '--auth-user', 'ada', '--auth-password']
      const right = await exchange(options, [...auth, 'secret'])
      expect(right.status, right.stdout).toBe(0)
      expect(right.stdout).toContain('235 2.7.0')
      expect(right.messages[0]?.session.account).toBe('ada')
      const wrong = await exchange(options, [...auth, 'wrong'])
      expect(wrong.status, wrong.stdout).not.toBe(0)
      expect(wrong.stdout).toContain('535 5.7.8')
      expect(wrong.messages).toEqual([])
    },
  )

  it('gets no AUTH without TLS (RFC 4954 §4)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { status, stdout, messages } = await exchange(
      { tls: hand.tls, protocol: 'submission', mechanisms: ['PLAIN'] },
      ['--auth', 'PLAIN', '--auth-user', 'ada', '--auth-password', 'secret'],
    )
    expect(status).not.toBe(0)
    expect(stdout).not.toContain('AUTH PLAIN')
    expect(messages).toEqual([])
  })

  it('reads a reply for each recipient of LMTP, over a unix socket (RFC 2033 §4.2)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { stdout, messages } = await exchange(
      { protocol: 'lmtp', path: join(hand.folder, 'lmtp') },
      ['--protocol', 'LMTP'],
      'ada@example.net,full@example.net',
    )
    expect(stdout).toContain('250 2.0.0 Taken')
    expect(messages[0]?.session.hello?.verb).toBe('LHLO')
    expect(messages[0]?.recipients).toHaveLength(2)
    expect(messages[0]?.session.remoteAddress).toBe('')
  })

  it.for(['1', '2'])('stands behind a proxy that speaks PROXY version %s', async (version, { skip }) => {
    skip(hand.why !== undefined, hand.why)
    const proxy = ['--proxy-version', version, '--proxy-family', version === '1' ? 'TCP4' : 'AF_INET']
    const { status, stdout, messages } = await exchange({ proxyProtocol: { from: ['127.0.0.1'] } }, [
      ...proxy,
      ...(version === '1' ? [] : ['--proxy-protocol', 'STREAM', '--proxy-command', 'PROXY']),
      '--proxy-source=192.0.2.7',
      '--proxy-source-port=4000',
      '--proxy-dest=192.0.2.25',
      '--proxy-dest-port=25',
    ])
    expect(status, stdout).toBe(0)
    expect(messages[0]?.session).toMatchObject({ remoteAddress: '192.0.2.7', remotePort: 4000, proxied: true })
  })

  it('says by XCLIENT who its client is, where it is trusted', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const args = ['--xclient-addr', '192.0.2.9', '--xclient-name', 'far.example.org', '--xclient-port', '4001']
    const extensions = [...EXTENSIONS, xclient]
    const { status, stdout, messages } = await exchange({ extensions, trusted: ['127.0.0.0/8'] }, args)
    expect(status, stdout).toBe(0)
    expect(messages[0]?.session).toMatchObject({ remoteAddress: '192.0.2.9', remotePort: 4001, proxied: true })
    const stranger = await exchange({ extensions }, args)
    expect(stranger.status).not.toBe(0)
    expect(stranger.messages).toEqual([])
  })
})
