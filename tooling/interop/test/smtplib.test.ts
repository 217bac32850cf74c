/** Python's smtplib against our server. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onPath } from '@postroad/tooling-debian'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificate, type Certificate } from '../src/certificate.ts'
import { startOurServer, type OurServerOptions } from '../src/our-server.ts'
import { runTool } from '../src/tool.ts'

const SCRIPT = fileURLToPath(new URL('fixtures/send.py', import.meta.url))
const CONTENT = 'Subject: by smtplib\r\n\r\n.dot\r\n..two\r\nlast\r\n'
const NO_PYTHON = 'there is no python3 here'

const python = await onPath('python3')

describe.skipIf(python === undefined)(`smtplib and our server${python === undefined ? `: ${NO_PYTHON}` : ''}`, () => {
  let folder: string
  let tls: Certificate
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postroad-smtplib-'))
    tls = await certificate()
    await writeFile(join(folder, 'ca.pem'), tls.cert)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const exchange = async (options: OurServerOptions, wish: object) => {
    await using server = await startOurServer(options)
    const whole = {
      host: options.path ?? 'localhost',
      port: server.port,
      ca: join(folder, 'ca.pem'),
      from: 'eve@example.org',
      to: ['ada@example.net'],
      content: CONTENT,
      ...wish,
    }
    const { status, stdout, stderr } = await runTool(python ?? '', [SCRIPT, JSON.stringify(whole)])
    expect(status, stderr).toBe(0)
    const told: Record<string, unknown> = JSON.parse(stdout)
    return { told, messages: server.messages, dialogue: server.dialogue.join('\n') }
  }

  it('sends a message with the parameters it is told to', async () => {
    const { told, messages } = await exchange(
      {},
      {
        mail_options: ['SMTPUTF8', 'BODY=8BITMIME', 'RET=HDRS'],
        rcpt_options: ['NOTIFY=SUCCESS'],
      },
    )
    expect(told).toEqual({ refused: {}, vrfy: 252, noop: 250 })
    expect(messages.map(({ content }) => content.toString())).toEqual([CONTENT])
    expect(messages[0]?.mail).toMatchObject({ smtputf8: true, body: '8bitmime', ret: 'hdrs' })
    expect(messages[0]?.recipients[0]?.notify).toEqual(['success'])
  })

  it('is told which recipients are refused', async () => {
    const { told, messages } = await exchange({}, { to: ['nobody@example.net', 'ada@example.net'] })
    expect(told['refused']).toEqual({ 'nobody@example.net': 550 })
    expect(messages[0]?.recipients).toHaveLength(1)
    const none = await exchange({}, { to: ['nobody@example.net'] })
    expect(none.told['refused']).toEqual({ 'nobody@example.net': 550 })
    expect(none.messages).toEqual([])
  })

  it('upgrades by STARTTLS and verifies the certificate (RFC 3207 §4)', async () => {
    const { told, messages } = await exchange({ tls }, { starttls: true })
    expect(told['starttls']).toBe(220)
    expect(messages[0]?.session.tls?.version).toMatch(/^TLSv1\.[23]$/)
  })

  it('speaks TLS from the first byte (RFC 8314 §3)', async () => {
    const { messages } = await exchange({ tls: { ...tls, implicit: true } }, { kind: 'smtps' })
    expect(messages[0]?.content.toString()).toBe(CONTENT)
    expect(messages[0]?.session.tls?.version).toMatch(/^TLSv1\.[23]$/)
  })

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5'])('authenticates by %s, and not with another password', async (mechanism) => {
    const options: OurServerOptions = { tls, protocol: 'submission', mechanisms: [mechanism] }
    const right = await exchange(options, { starttls: true, mechanism, user: 'ada', password: 'secret' })
    expect(right.told['auth']).toBe(235)
    expect(right.messages[0]?.session.account).toBe('ada')
    const wrong = await exchange(options, { starttls: true, mechanism, user: 'ada', password: 'wrong' })
    expect(wrong.told['auth']).toBe(535)
    expect(wrong.messages[0]?.session.account).toBeUndefined()
  })

  it('speaks LMTP over a unix socket (RFC 2033 §4.2)', async () => {
    const { messages } = await exchange({ protocol: 'lmtp', path: join(folder, 'lmtp') }, { kind: 'lmtp' })
    expect(messages[0]?.session.hello?.verb).toBe('LHLO')
    expect(messages[0]?.content.toString()).toBe(CONTENT)
  })
})
