// examples/log.ts
import { connect } from 'node:net'
import { reply } from '@postroad/envelope'
import { createLog, observeServer } from '@postroad/observe'
import { createSmtpServer } from '@postroad/smtp-server'
import { LineClient } from '@postroad/smtp-server/testing'

// A service writes lines to standard output, `createLog({ level: 'info' })`; here a few fields of each.
const write = (line: string): void => {
  const { level, event, helo, reply, cause }: Record<string, unknown> = JSON.parse(line)
  console.log(level, event, helo, reply ?? cause)
}
const log = createLog({ level: 'info', destination: { write } })

const server = createSmtpServer({
  hostname: 'mx.example.net',
  handler: () => ({
    mail: () => reply(250, '2.1.0', 'OK'),
    rcpt: () => reply(250, '2.1.5', 'OK'),
    content: () => ({ write() {}, end: () => reply(250, '2.0.0', 'Forgotten'), abort() {} }),
  }),
  observer: observeServer(log),
})
const { port } = await server.listen({ host: '127.0.0.1', port: 0 })

const client = new LineClient(connect(port, '127.0.0.1'))
await client.reply()
await client.talk('EHLO client.example.org', 'MAIL FROM:<eve@example.org>', 'RCPT TO:<ada@example.net>')
client.send('BDAT 10 LAST\r\n\r\nHello.\r\n')
await client.reply()
await client.talk('QUIT')
await server.stop({ deadlineMs: 1_000 })

// Prints:
// info smtp.transaction.accepted client.example.org 250 2.0.0 Forgotten
// info smtp.session.closed client.example.org quit
