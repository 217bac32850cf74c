// examples/submit.ts
import { once } from 'node:events'
import { createServer } from 'node:net'
import { parseMailbox } from '@postroad/address'
import { formatReply, reply } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { ServerSession } from '@postroad/smtp'
import { sendMessage } from '@postroad/smtp-client'

const server = await startSomebodysServer()
const ada = parseMailbox('ada@example.org')
if (!ada.ok) throw new Error(ada.error.expected)

const report = await sendMessage({
  host: '127.0.0.1',
  port: server.port,
  tls: 'none', // for a real one: 'required', or 'implicit' on port 465; and `credentials`
  hostname: 'laptop.example.org',
  envelope: { reversePath: ada.value, recipients: [{ mailbox: ada.value }] },
  content: new TextEncoder().encode('From: ada@example.org\r\nSubject: hello\r\n\r\nHello.\r\n'),
  clock: systemClock,
})
for (const outcome of report.outcomes) {
  console.log(report.phase, outcome.kind, outcome.kind === 'delivered' ? formatReply(outcome.reply) : outcome.status)
}
server.close()

/** Stands for somebody's submission server: says yes to everything. */
async function startSomebodysServer(): Promise<{ port: number; close(): void }> {
  const listener = createServer((socket) => {
    const session = new ServerSession({ hostname: 'mail.example.org', protocol: 'smtp' })
    const serve = (): void => {
      for (let event = session.next(); event; event = session.next()) {
        const asked = event.type === 'mail' || event.type === 'rcpt' || event.type === 'end-of-data'
        if (session.waiting) session.answer(asked ? reply(250, '2.0.0', 'OK') : undefined)
      }
      socket.write(session.takeOutput() ?? '')
    }
    serve()
    socket.on('data', (bytes) => {
      session.receive(bytes)
      serve()
    })
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => listener.close(),
  }
}

// Prints:
// done delivered 250 2.0.0 OK
