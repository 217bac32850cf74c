/** Stages for transcripts: a whole server over a pair of streams in memory, and over sockets. */

import { connect } from 'node:net'
import { once } from 'node:events'
import { createManualClock } from '@postroad/runtime'
import { createScriptedHandler } from '@postroad/smtp/testing'
import type { TranscriptPeer, TranscriptSettings, TranscriptStage } from '@postroad/smtp/testing'
import { createSmtpServer } from '../src/index.ts'
import type { SmtpServer } from '../src/index.ts'
import { connectTo } from '../src/testing/index.ts'
import { certificate } from './certificate.ts'
import { TestClient } from './test-client.ts'

async function serve(settings: TranscriptSettings): Promise<SmtpServer> {
  const tls =
    settings.startTls || settings.implicitTls
      ? { tls: { ...(await certificate()), implicit: settings.implicitTls } }
      : {}
  return createSmtpServer({
    hostname: settings.hostname,
    protocol: settings.protocol,
    handler: () => createScriptedHandler(settings),
    mechanisms: settings.mechanisms,
    allowPlaintextAuth: settings.allowPlaintextAuth,
    bareNewlines: settings.bareNewlines,
    limits: settings.limits,
    clock: createManualClock(),
    ...tls,
  })
}

async function play(server: SmtpServer, client: TestClient, settings: TranscriptSettings): Promise<TranscriptPeer> {
  if (settings.implicitTls) await client.startTls()
  return {
    async send(bytes) {
      client.send(bytes)
      await Promise.resolve()
    },
    readLine: () => client.readLine(),
    startTls: () => client.startTls(),
    async end() {
      client.stream.end()
      await server.stop({ deadlineMs: 0 })
      await client.end()
      return client.unread.split('\r\n').filter((line) => line !== '' && !line.startsWith('421 4.3.2'))
    },
  }
}

export const PAIR_STAGE: TranscriptStage = {
  name: 'pair',
  async open(settings) {
    const server = await serve(settings)
    return play(server, new TestClient(connectTo(server).stream), settings)
  },
}

export const SOCKET_STAGE: TranscriptStage = {
  name: 'sockets',
  async open(settings) {
    const server = await serve(settings)
    const address = await server.listen({ host: '127.0.0.1', port: 0 })
    if (!('port' in address)) throw new Error('no port')
    const socket = connect(address.port, address.host)
    await once(socket, 'connect')
    return play(server, new TestClient(socket), settings)
  },
}
