// examples/print-mail.ts
import { reply } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { createSmtpServer, iterableContent } from '@postroad/smtp-server'
import { connectTo } from '@postroad/smtp-server/testing'

const server = createSmtpServer({
  hostname: 'mx.example.net',
  protocol: 'smtp',
  clock: systemClock,
  handler: () => ({
    mail: () => reply(250, '2.1.0', 'OK'),
    rcpt: ({ forwardPath }) =>
      forwardPath === 'postmaster' || forwardPath.domain === 'example.net'
        ? reply(250, '2.1.5', 'OK')
        : reply(550, '5.7.1', 'Relaying denied'),
    content: () =>
      iterableContent(async (content) => {
        for await (const chunk of content)
          process.stdout.write(Buffer.from(chunk).toString('latin1').replaceAll('\r', ''))
        return reply(250, '2.0.0', 'Printed')
      }),
  }),
})

// A program listens: `await server.listen({ port: 25 })`. Here a client calls in memory.
const { stream } = connectTo(server)
stream.write('EHLO client.example.org\r\nMAIL FROM:<>\r\nRCPT TO:<eve@example.org>\r\nRCPT TO:<ada@example.net>\r\n')
stream.write('BDAT 28 LAST\r\nSubject: seen\r\n\r\nIn a body\r\nQUIT\r\n')
let replies = ''
for await (const chunk of stream) replies += String(chunk)
console.log(
  replies
    .replaceAll('\r', '')
    .replace(/^250[- ](?!2).*\n/gm, '')
    .trimEnd(),
)
await server.stop({ deadlineMs: 1_000 })

// Prints:
// Subject: seen
//
// In a body
// 220 mx.example.net ESMTP
// 250 2.1.0 OK
// 550 5.7.1 Relaying denied
// 250 2.1.5 OK
// 250 2.0.0 Printed
// 221 2.0.0 mx.example.net closing connection
