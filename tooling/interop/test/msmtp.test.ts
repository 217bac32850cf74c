/** msmtp, with the mechanisms of GNU SASL, against our server. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startOurServer, TOKEN, type OurServerOptions } from '../src/our-server.ts'
import { toolsAtHand } from './tools-at-hand.ts'

/** With the fields that it would add. */
const TEXT = [
  'From: eve@example.org',
  'Date: Sun, 22 Nov 2026 08:00:00 +0000',
  'Message-ID: <interop@example.org>',
  'Subject: by msmtp',
  '',
  '.dot',
  '..two',
  'last',
  '',
].join('\n')
const CONTENT = TEXT.replaceAll('\n', '\r\n')

describe('msmtp and our server', () => {
  const hand = toolsAtHand()

  const exchange = async (
    options: OurServerOptions,
    args: readonly string[],
    to: readonly string[] = ['ada@example.net'],
  ) => {
    await using server = await startOurServer(options)
    const result = await hand.tools.msmtp(
      [
        '--host=localhost',
        `--port=${server.port}`,
        '--domain=client.example.org',
        '--from=eve@example.org',
        '--timeout=10',
        ...args,
        '--',
        ...to,
      ],
      { input: TEXT },
    )
    return { ...result, messages: server.messages, dialogue: server.dialogue.join('\n') }
  }
  const secured = (): readonly string[] => ['--tls=on', `--tls-trust-file=${join(hand.folder, 'ca.pem')}`]

  it('sends a message and asks for a report (RFC 3461 §4)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { status, stderr, messages } = await exchange({}, ['--dsn-notify=failure,delay', '--dsn-return=hdrs'])
    expect(status, stderr).toBe(0)
    expect(messages.map(({ content }) => content.toString())).toEqual([CONTENT])
    expect(messages[0]?.mail.ret).toBe('hdrs')
    expect(messages[0]?.recipients[0]?.notify?.toSorted()).toEqual(['delay', 'failure'])
  })

  it('gives up where a recipient does not exist', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { status, stderr, messages } = await exchange({}, [], ['ada@example.net', 'nobody@example.net'])
    expect(status).not.toBe(0)
    expect(stderr).toContain('550 5.1.1 No such mailbox')
    expect(messages).toEqual([])
  })

  it('upgrades by STARTTLS and verifies the certificate (RFC 3207 §4)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { status, stderr, messages } = await exchange({ tls: hand.tls }, secured())
    expect(status, stderr).toBe(0)
    expect(messages[0]?.session.tls?.version).toMatch(/^TLSv1\.[23]$/)
  })

  it('speaks TLS from the first byte (RFC 8314 §3)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { status, stderr, messages } = await exchange({ tls: { ...hand.tls, implicit: true } }, [
      ...secured(),
      '--tls-starttls=off',
    ])
    expect(status, stderr).toBe(0)
    expect(messages[0]?.content.toString()).toBe(CONTENT)
  })

  it.for([
    { mechanism: 'PLAIN', secret: 'secret' },
    { mechanism: 'LOGIN', secret: 'secret' },
    { mechanism: 'CRAM-MD5', secret: 'secret' },
    { mechanism: 'SCRAM-SHA-1', secret: 'secret' },
    { mechanism: 'SCRAM-SHA-256', secret: 'secret' },
    { mechanism: 'OAUTHBEARER', secret: TOKEN },
    { mechanism: 'XOAUTH2', secret: TOKEN },
  ])('authenticates by $mechanism, and not with another secret', async ({ mechanism, secret }, { skip }) => {
    skip(hand.why !== undefined, hand.why)
    const options: OurServerOptions = { tls: hand.tls, protocol: 'submission', mechanisms: [mechanism] }
    const auth = [...secured(), `--auth=${mechanism.toLowerCase()}`, '--user=ada']
    const right = await exchange(options, [...auth, `--passwordeval=echo ${secret}`])
    expect(right.status, right.stderr + right.dialogue).toBe(0)
    expect(right.messages[0]?.session.account).toBe('ada')
    const wrong = await exchange(options, [...auth, '--passwordeval=echo d3Jvbmc='])
    expect(wrong.status, wrong.dialogue).not.toBe(0)
    expect(wrong.dialogue).toMatch(/^S: 535 5\.7\.8/m)
    expect(wrong.messages).toEqual([])
  })

  it('authenticates by the certificate that TLS carried (EXTERNAL, RFC 4422 Appendix A)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    await writeFile(join(hand.folder, 'key.pem'), hand.tls.key, { mode: 0o600 })
    const { status, stderr, messages, dialogue } = await exchange(
      {
        tls: { ...hand.tls, clientCertificates: 'request', ca: hand.tls.cert },
        protocol: 'submission',
        mechanisms: ['EXTERNAL'],
      },
      [
        ...secured(),
        '--auth=external',
        '--user=ada',
        `--tls-cert-file=${join(hand.folder, 'ca.pem')}`,
        `--tls-key-file=${join(hand.folder, 'key.pem')}`,
      ],
    )
    expect(status, stderr + dialogue).toBe(0)
    expect(messages[0]?.session.account).toBe('ada')
  })

  it('speaks LMTP and is told of each recipient (RFC 2033 §4.2)', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { messages, stderr } = await exchange(
      { protocol: 'lmtp' },
      ['--protocol=lmtp'],
      ['ada@example.net', 'full@example.net'],
    )
    expect(stderr).toContain('full@example.net')
    expect(stderr).toContain('452 4.2.2 Mailbox full')
    expect(messages[0]?.session.hello?.verb).toBe('LHLO')
  })
})
