import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSmtpServer, type SmtpServer } from '@postroad/smtp-server'
import { reply } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { createSelfSigned, runCommand } from '../src/index.ts'
import { captureTerminal } from './terminal.ts'

let folder: string
const terminal = captureTerminal()
let server: SmtpServer
let port: string
let certificate: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postroad-send-'))
  await writeFile(join(folder, 'message'), 'From: <a@example.org>\r\n\r\nHello.\r\n')
  await writeFile(join(folder, 'password'), 'secret\n')
  const made = await createSelfSigned('localhost')
  certificate = join(folder, 'certificate.pem')
  await writeFile(certificate, made.cert)
  server = createSmtpServer({
    hostname: 'localhost',
    protocol: 'submission',
    clock: systemClock,
    mechanisms: ['PLAIN'],
    tls: made,
    handler: () => ({
      authenticate: async () => ({ kind: 'refused' }),
      mail: () => reply(530, '5.7.0', 'Authentication required'),
      rcpt: () => reply(250, '2.1.5', 'OK'),
      content: () => ({ write: () => undefined, end: () => reply(250, '2.0.0', 'OK'), abort: () => undefined }),
    }),
  })
  const endpoint = await server.listen({ host: '127.0.0.1', port: 0 })
  port = 'port' in endpoint ? String(endpoint.port) : ''
})

afterEach(async () => {
  await server.stop({ deadlineMs: 0 })
  await rm(folder, { recursive: true, force: true })
})

function send(...more: readonly string[]): Promise<number> {
  const fixed = ['--from', 'a@example.org', '--to', 'b@example.org', '--raw', join(folder, 'message')]
  return runCommand(['send', ...fixed, '--server', 'localhost', '--port', port, ...more])
}

describe('send', () => {
  it.each([
    { option: '--ca' },
    { option: '--password-file', more: ['-u', 'ada'] },
    { option: '--raw' },
    { option: '--attach' },
  ])('names the file of $option that cannot be read', async ({ option, more = [] }) => {
    const path = join(folder, 'missing')
    expect(await send(...more, option, path)).toBe(66)
    expect(terminal.complaints).toBe(`postroad send: ${option}: cannot read ${path}: there is no such file\n`)
  })

  it('refuses an empty password before it calls anybody', async () => {
    await writeFile(join(folder, 'empty'), '\n')
    expect(await send('-u', 'ada', '--password-file', join(folder, 'empty'))).toBe(64)
    expect(terminal.complaints).toContain('the password is empty')
  })

  it('tells of a server that is not there', async () => {
    const free = createServer()
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
    const address = free.address()
    const closed = typeof address === 'object' && address !== null ? String(address.port) : ''
    await new Promise((resolve) => free.close(resolve))
    expect(await send('--port', closed)).toBe(75)
    expect(terminal.complaints).toBe(`postroad send: cannot reach localhost port ${closed}: nothing listens there\n`)
    expect(terminal.out).toBe('b@example.org: not sent\n')
  })

  it('says how to trust a certificate that the server signed itself', async () => {
    expect(await send()).toBe(75)
    expect(terminal.complaints).toBe(
      'postroad send: the certificate of localhost is not trusted (self-signed certificate); ' +
        'if it is the right one, name its file with --ca\n',
    )
  })

  it('says how to log in where the server wants it', async () => {
    expect(await send('--ca', certificate)).toBe(1)
    expect(terminal.out).toContain('b@example.org: refused: 530 5.7.0 Authentication required')
    expect(terminal.complaints).toBe('postroad send: log in with --user NAME\n')
  })

  it('tells a refused login from what may go better later', async () => {
    expect(await send('--ca', certificate, '-u', 'ada', '--password-file', join(folder, 'password'))).toBe(77)
    expect(terminal.complaints).toContain('postroad send: localhost refused the login of ada: 535 5.7.8')
    expect(terminal.out).toBe('b@example.org: not sent\n')
  })
})
