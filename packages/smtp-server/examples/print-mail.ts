// examples/print-mail.ts
import { connect } from 'node:net'
import { reply } from '@postroad/envelope'
import { createSmtpServer, iterableContent } from '@postroad/smtp-server'
import { LineClient } from '@postroad/smtp-server/testing'

const server = createSmtpServer({
  hostname: 'mx.example.net',
  handler: () => ({
    mail: () => reply(250, '2.1.0', 'OK'),
    rcpt: ({ forwardPath: to }) =>
      to === 'postmaster' || to.domain === 'example.net' ? reply(250, '2.1.5', 'OK') : reply(550, '5.7.1', 'Not here'),
    content: () =>
      iterableContent(async (content) => {
        for await (const chunk of content) process.stdout.write(chunk)
        return reply(250, '2.0.0', 'Printed')
      }),
  }),
})
const { port } = await server.listen({ port: 0 }) // any free one; 25 for mail from elsewhere

// Somebody has mail for us:
const client = new LineClient(connect(port))
await client.reply()
await client.talk('EHLO client.example.org', 'MAIL FROM:<>')
console.log(...(await client.talk('RCPT TO:<eve@example.org>', 'RCPT TO:<ada@example.net>')))
client.send('BDAT 28 LAST\r\nSubject: seen\r\n\r\nIn a body\r\n')
console.log(await client.reply(), await client.talk('QUIT'))
await server.stop({ deadlineMs: 1_000 })

// Prints:
// 550 5.7.1 Not here 250 2.1.5 OK
// Subject: seen
//
// In a body
// 250 2.0.0 Printed [ '221 2.0.0 mx.example.net closing connection' ]
