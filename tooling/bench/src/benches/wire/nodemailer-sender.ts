/** nodemailer's pooled transport. It is given the message as it is, so that it composes nothing. */

import { createTransport } from 'nodemailer'
import { messageOf } from './message.ts'
import type { Sender, SenderOptions } from './senders.ts'

/** Opens it; connections are made as they are needed and kept. */
export function openPeerSender({ port, callers, sizeBytes, recipients }: SenderOptions): Sender {
  const transport = createTransport({
    pool: true,
    host: '127.0.0.1',
    port,
    name: 'client.example.org',
    secure: false,
    ignoreTLS: true,
    maxConnections: callers,
    maxMessages: Number.POSITIVE_INFINITY,
  })
  const raw = Buffer.from(messageOf(sizeBytes))
  const to = Array.from({ length: recipients }, (_, at) => `ada${at}@example.net`)
  return {
    send: async () => {
      await transport.sendMail({ envelope: { from: 'eve@example.org', to }, raw })
    },
    close: async () => transport.close(),
  }
}
