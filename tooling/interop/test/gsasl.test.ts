/** GNU SASL's own program against our server: the forms of SCRAM that are bound to the channel. */

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startOurServer } from '../src/our-server.ts'
import { toolsAtHand } from './tools-at-hand.ts'

const MECHANISMS = [
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-256',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-1',
  'CRAM-MD5',
  'PLAIN',
  'LOGIN',
] as const

/**
 * gsasl 2.2 says STARTTLS before EHLO, which no server need take (RFC 5321 §4.1.4): whoever comes through here has said
 * EHLO before.
 */
async function openDoor(port: number): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets: Socket[] = []
  const listener = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    sockets.push(client, server)
    for (const socket of [client, server]) socket.on('error', () => socket.destroy())
    server.once('data', (greeting) => {
      client.write(greeting)
      client.once('data', (startTls) => {
        client.pause()
        server.once('data', () => {
          server.write(startTls)
          server.pipe(client)
          client.pipe(server)
        })
        server.write('EHLO client.example.org\r\n')
      })
    })
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}

describe('gsasl and our server', () => {
  const hand = toolsAtHand()

  const authenticate = async (
    offered: readonly string[],
    args: readonly string[],
    password = 'secret',
  ): Promise<{ status: number | undefined; dialogue: string; stderr: string }> => {
    await using server = await startOurServer({ tls: hand.tls, protocol: 'submission', mechanisms: offered })
    await using door = await openDoor(server.port)
    const { status, stderr } = await hand.tools.gsasl([
      '--smtp',
      `--connect=localhost:${door.port}`,
      '--starttls',
      `--x509-ca-file=${join(hand.folder, 'ca.pem')}`,
      '--authentication-id=ada',
      `--password=${password}`,
      ...args,
    ])
    return { status, stderr, dialogue: server.dialogue.join('\n') }
  }

  it.for(MECHANISMS)('authenticates by %s, and not with another password', async (mechanism, { skip }) => {
    skip(hand.why !== undefined, hand.why)
    // It takes the forms without -PLUS only where it is told to know nothing of the channel.
    const args = [`--mechanism=${mechanism}`, ...(mechanism.endsWith('-PLUS') ? [] : ['--no-cb'])]
    const right = await authenticate([mechanism], args)
    expect(right.dialogue, right.stderr).toContain(`C: AUTH ${mechanism}`)
    expect(right.dialogue, right.stderr).toMatch(/^S: 235 2\.7\.0/m)
    const wrong = await authenticate([mechanism], args, 'wrong')
    expect(wrong.dialogue, wrong.stderr).toMatch(/^S: 535 5\.7\.8/m)
  })

  it('chooses the strongest that is offered, bound to the channel', async ({ skip }) => {
    skip(hand.why !== undefined, hand.why)
    const { dialogue } = await authenticate(MECHANISMS, [])
    expect(dialogue).toContain('C: AUTH SCRAM-SHA-256-PLUS')
    expect(dialogue).toMatch(/^S: 235 2\.7\.0/m)
  })
})
