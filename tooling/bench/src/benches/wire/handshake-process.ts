/**
 * A process that sends messages, each over a connection of its own with STARTTLS and a full handshake. Setup: the `port`.
 * Work: `callers` at a time.
 */

import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, createSecureContext } from 'node:tls'
import { serveContestant } from '../../serve-contestant.ts'
import { ask } from './conversation.ts'
import { messageOf } from './message.ts'

const CONTENT = `${Buffer.from(messageOf(1_024)).toString('latin1')}.\r\n`
/** No chain is looked at: that is the client's work, and not compared. */
const secureContext = createSecureContext()

let port = 0

/** One message, over one connection. */
async function sendOne(): Promise<void> {
  const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {})
  await ask(socket, undefined, '220')
  await ask(socket, 'EHLO client.example.org\r\n', '250')
  await ask(socket, 'STARTTLS\r\n', '220')
  // Without a session or a ticket of before: the whole handshake, each time.
  const stream = connectTls({ socket, secureContext, rejectUnauthorized: false, servername: 'mx.example.net' })
  await once(stream, 'secureConnect')
  stream.on('error', () => {})
  if (stream.isSessionReused() || stream.getProtocol() !== 'TLSv1.3') throw new Error('This is no full handshake.')
  await ask(stream, 'EHLO client.example.org\r\n', '250')
  await ask(stream, 'MAIL FROM:<eve@example.org>\r\n', '250')
  await ask(stream, 'RCPT TO:<ada@example.net>\r\n', '250')
  await ask(stream, 'DATA\r\n', '354')
  await ask(stream, CONTENT, '250')
  await ask(stream, 'QUIT\r\n', '221')
  stream.destroy()
}

serveContestant({
  start: async (setup) => {
    port = Number(setup['port'])
  },
  measure: async (work, roundMs) => {
    const startedAt = performance.now()
    let operations = 0
    const call = async (): Promise<void> => {
      do {
        await sendOne()
        operations += 1
      } while (performance.now() - startedAt < roundMs)
    }
    await Promise.all(Array.from({ length: Number(work['callers']) }, call))
    return { operations, seconds: (performance.now() - startedAt) / 1_000 }
  },
})
