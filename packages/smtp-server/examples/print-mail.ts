// examples/print-mail.ts
import { reply } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { createSmtpServer } from '@postroad/smtp-server'
import { connectTo } from '@postroad/smtp-server/testing'

const server = createSmtpServer({
  hostname: 'mx.example.net',
  protocol: 'smtp',
  clock: systemClock,
  handler: (session) => ({
    mail: () => reply(250, '2.1.0', 'OK'),
    rcpt: ({ forwardPath }) =>
      forwardPath === 'postmaster' || forwardPath.domain === 'example.net'
        ? reply(250, '2.1.5', 'OK')
        : reply(550, '5.7.1', 'Relaying denied'),
    content: () => ({
      write: (bytes) => void process.stdout.write(bytes),
      end: () => reply(250, '2.0.0', `Printed for ${session.remoteAddress}`),
      abort: () => {},
    }),
  }),
})
// A program listens: `await server.listen({ host: '127.0.0.1', port: 2525 })`. Here a client calls in memory.
const { stream } = connectTo(server)
stream.write('HELO client.example.org\r\nMAIL FROM:<>\r\nRCPT TO:<eve@example.org>\r\nQUIT\r\n')
for await (const chunk of stream) process.stdout.write(String(chunk).replaceAll('\r', ''))
await server.stop({ deadlineMs: 1_000 })

// Prints:
// 220 mx.example.net ESMTP
// 250 mx.example.net
// 250 2.1.0 OK
// 550 5.7.1 Relaying denied
// 221 2.0.0 mx.example.net closing connection
