/**
 * Stages for transcripts (`@postroad/smtp/testing`): a whole server, over a pair of streams in memory and over sockets.
 *
 * Both wait for a line as long as the connection lasts: a server may always still be at work. The time limit of whoever
 * runs a test ends one in which none comes; the limits of the server do not, for its clock stands still.
 */

import { once } from 'node:events'
import { connect } from 'node:net'
import { createManualClock } from '@postroad/runtime'
import { createScriptedHandler } from '@postroad/smtp/testing'
import type { TranscriptPeer, TranscriptSettings, TranscriptStage } from '@postroad/smtp/testing'
import type { ServerHandler } from '../server-handler.ts'
import { createSmtpServer } from '../server.ts'
import type { SmtpServer } from '../server.ts'
import { connectTo } from './connect-to.ts'
import { LineClient } from './line-client.ts'

/** Key and certificate in PEM, for transcripts with TLS. */
export interface StageCertificate {
  /** The private key of `cert`, not encrypted. */
  readonly key: string
  /** Those of its issuers may follow; a client of a stage verifies none of them. */
  readonly cert: string
}

/** The stage `pair`: a server, and a client's end of a pair of streams. */
export function createPairStage(certificate: StageCertificate): TranscriptStage {
  return {
    name: 'pair',
    async open(settings) {
      const server = serve(settings, certificate)
      return play(server, new LineClient(connectTo(server).stream), settings)
    },
  }
}

/** The stage `sockets`: a server that listens on loopback, and a client's socket. */
export function createSocketStage(certificate: StageCertificate): TranscriptStage {
  return {
    name: 'sockets',
    async open(settings) {
      const server = serve(settings, certificate)
      const address = await server.listen({ host: '127.0.0.1', port: 0 })
      const socket = connect('port' in address ? address.port : 0, '127.0.0.1')
      await once(socket, 'connect')
      return play(server, new LineClient(socket), settings)
    },
  }
}

/** What the server says where it stops, with its status code or, where ENHANCEDSTATUSCODES was left out, without. */
const STOPPED = /^421 (?:4\.3\.2 )?\S+ Service shutting down$/

function serve(settings: TranscriptSettings, certificate: StageCertificate): SmtpServer {
  return createSmtpServer({
    hostname: settings.hostname,
    protocol: settings.protocol,
    handler: () => handlerOf(settings),
    extensions: settings.extensions,
    commands: settings.commands,
    trusted: settings.trusted ? ['192.0.2.0/24', '127.0.0.0/8'] : [],
    mechanisms: settings.mechanisms,
    allowPlaintextAuth: settings.allowPlaintextAuth,
    bareNewlines: settings.bareNewlines,
    limits: settings.limits,
    // A transcript shows what happens at a limit, however small.
    belowFloors: 'allow',
    clock: createManualClock(),
    ...((settings.startTls || settings.implicitTls) && { tls: { ...certificate, implicit: settings.implicitTls } }),
  })
}

/** The receiver of the transcript; behind ATRN nobody has mail, and the connection ends. */
function handlerOf(settings: TranscriptSettings): ServerHandler {
  const handler = createScriptedHandler(settings)
  return {
    ...handler,
    atrn(domains, turn) {
      turn((stream) => stream.end())
      return handler.atrn(domains, ignore)
    },
  }
}

function ignore(): void {
  // The stream is taken above.
}

async function play(server: SmtpServer, client: LineClient, settings: TranscriptSettings): Promise<TranscriptPeer> {
  if (settings.implicitTls) await client.startTls()
  return {
    async send(bytes) {
      client.send(bytes)
      await Promise.resolve()
    },
    readLine: () => client.readLine(),
    startTls: async () => void (await client.startTls()),
    async end() {
      client.stream.end()
      await server.stop({ deadlineMs: 0 })
      await client.end()
      return client.unread.split('\r\n').filter((line) => line !== '' && !STOPPED.test(line))
    },
  }
}
