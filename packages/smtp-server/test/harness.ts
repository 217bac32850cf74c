/** A server and clients for the tests: handlers that record, a clock that is moved, sockets and pairs. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { createManualClock } from '@postroad/runtime'
import type { ManualClock } from '@postroad/runtime'
import { reply } from '@postroad/envelope'
import type { ServerCredentials } from '@postroad/sasl'
import type { Reply } from '@postroad/envelope'
import type { ContentSink, SessionView, SubmissionHandler } from '@postroad/smtp'
import { createSmtpServer } from '../src/index.ts'
import type { ServerObservation, SmtpServer, SmtpServerOptions } from '../src/index.ts'
import { connectTo, LineClient } from '../src/testing/index.ts'

export const OK: Reply = reply(250, '2.0.0', 'OK')
export const FAULT = '451 4.3.0 Local error in processing'

/** A handler that accepts everything and writes down what it was asked. */
export class Recorder implements SubmissionHandler {
  readonly calls: string[] = []
  content_ = ''

  hello(): undefined {
    this.calls.push('hello')
  }
  mail(): Reply | Promise<Reply> {
    this.calls.push('mail')
    return OK
  }
  rcpt(): Reply | Promise<Reply> {
    this.calls.push('rcpt')
    return OK
  }
  content(): ContentSink | Promise<ContentSink> {
    this.calls.push('content')
    return {
      write: (bytes) => this.write(bytes),
      end: () => {
        this.calls.push('sink.end')
        return this.finish()
      },
      abort: () => void this.calls.push('sink.abort'),
    }
  }
  write(bytes: Uint8Array): void | Promise<void> {
    this.content_ += Buffer.from(bytes).toString('latin1')
  }
  finish(): Reply | Promise<Reply> {
    return OK
  }
  reset(): void {
    this.calls.push('reset')
  }
  end(): void {
    this.calls.push('end')
  }
  authenticate(credentials: ServerCredentials): ReturnType<SubmissionHandler['authenticate']> {
    const password = credentials.kind === 'password' ? credentials.password : undefined
    return Promise.resolve(password === 'secret' ? { kind: 'accepted', account: 'ada' } : { kind: 'refused' })
  }
}

export interface Harness {
  readonly server: SmtpServer
  readonly clock: ManualClock
  readonly events: ServerObservation[]
  readonly sessions: SessionView[]
  /** A new client over a pair of streams; greeted. */
  pair(peer?: { remoteAddress: string }): Promise<LineClient & { over: Promise<void> }>
  /** A new client over a socket; greeted. */
  socket(): Promise<LineClient>
  faults(): unknown[]
  of<Type extends ServerObservation['type']>(type: Type): (ServerObservation & { type: Type })[]
}

export function serve(
  handler: Recorder | ((session: SessionView) => Recorder),
  options: Partial<SmtpServerOptions> = {},
): Harness {
  const clock = createManualClock()
  const events: ServerObservation[] = []
  const sessions: SessionView[] = []
  const server = createSmtpServer({
    hostname: 'mx.example.net',
    protocol: 'smtp',
    clock,
    observer: (event) => void events.push(event),
    handler: (session) => {
      sessions.push(session)
      return typeof handler === 'function' ? handler(session) : handler
    },
    ...options,
  })
  let port: Promise<number> | undefined
  const of = <Type extends ServerObservation['type']>(type: Type) =>
    events.filter((event): event is ServerObservation & { type: Type } => event.type === type)
  return {
    server,
    clock,
    events,
    sessions,
    of,
    faults: () => of('fault').map(({ error }) => error),
    async pair(peer) {
      const { stream, over } = connectTo(server, peer)
      const client = Object.assign(new LineClient(stream), { over })
      if (options.tls?.implicit !== true) await client.reply()
      return client
    },
    async socket() {
      port ??= server.listen({ host: '127.0.0.1', port: 0 }).then((address) => ('port' in address ? address.port : 0))
      const socket = connect(await port, '127.0.0.1')
      await once(socket, 'connect')
      const client = new LineClient(socket)
      if (options.tls?.implicit !== true) await client.reply()
      return client
    },
  }
}

export const ENVELOPE = ['MAIL FROM:<eve@example.org>', 'RCPT TO:<ada@example.net>', 'DATA'] as const

/** Lets everything run that needs no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** A server, and a client to whom it has just said 354. */
export async function atContent(
  handler: Recorder = new Recorder(),
  kind: 'pair' | 'socket' = 'socket',
): Promise<{ harness: Harness; client: LineClient; handler: Recorder }> {
  const harness = serve(handler)
  const client = await harness[kind]()
  await client.talk('HELO a', ...ENVELOPE)
  return { harness, client, handler }
}
