/** npm's `smtp-server`, taking everything and keeping nothing. What it can leave out is left out. */

import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import type { NodeSinkOptions, OpenSink } from './node-sinks.ts'

/** Listens. */
export async function openPeerSink({ port, tls }: NodeSinkOptions): Promise<OpenSink> {
  const server = new SMTPServer({
    name: 'mx.example.net',
    disabledCommands: ['AUTH'],
    authOptional: true,
    hideSTARTTLS: tls === undefined,
    disableReverseLookup: true,
    // The idle connections of a benchmark stay.
    socketTimeout: 3_600_000,
    ...tls,
    onData: (stream, _session, callback) => {
      stream.on('data', () => {})
      stream.on('end', () => callback())
    },
  })
  server.on('error', () => {})
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    connections: () => server.connections.size,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
