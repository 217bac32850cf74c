/** Our server, taking everything and keeping nothing. */

import { reply } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { EXTENSIONS, type ContentSink, type SessionHandler } from '@postroad/smtp'
import { createSmtpServer } from '@postroad/smtp-server'
import type { NodeSinkOptions, OpenSink } from './node-sinks.ts'

const OK = reply(250, '2.0.0', 'OK')
const NOWHERE: ContentSink = { write: () => {}, end: () => OK, abort: () => {} }
const TAKES_ALL: SessionHandler = { mail: () => OK, rcpt: () => OK, content: () => NOWHERE }

/** Listens. */
export async function openPostroadSink({ port, tls, chunking }: NodeSinkOptions): Promise<OpenSink> {
  const server = createSmtpServer({
    hostname: 'mx.example.net',
    protocol: 'smtp',
    clock: systemClock,
    handler: () => TAKES_ALL,
    extensions: chunking ? EXTENSIONS : EXTENSIONS.filter(({ name }) => name !== 'CHUNKING'),
    // What comes is not kept.
    freeContent: true,
    limits: { maxSessions: 100_000, maxMessageBytes: 2 ** 31 },
    ...(tls !== undefined && { tls }),
  })
  await server.listen({ host: '127.0.0.1', port })
  return { connections: () => server.sessions, close: () => server.stop({ deadlineMs: 0 }) }
}
