// examples/server-session.ts
import { reply } from '@postroad/envelope'
import { ServerSession } from '@postroad/smtp'

const session = new ServerSession({ hostname: 'mx.example.net', protocol: 'smtp' })
const client = 'EHLO client.example.org\r\nMAIL FROM:<eve@example.org>\r\nRCPT TO:<ada@example.net>\r\nDATA\r\n'
session.receive(new TextEncoder().encode(client))

for (let event = session.next(); event; event = session.next()) {
  if (event.type === 'mail' || event.type === 'rcpt') session.answer(reply(250, '2.0.0', 'OK'))
  else if (event.type === 'end-of-data') session.answer(reply(451, '4.3.0', 'This one keeps nothing'))
  else if (session.waiting) session.answer()
}
console.log(new TextDecoder().decode(session.takeOutput()).trimEnd())

// Prints:
// 220 mx.example.net ESMTP
// 250-mx.example.net
// 250-PIPELINING
// 250-SIZE 52428800
// 250-8BITMIME
// 250-SMTPUTF8
// 250-ENHANCEDSTATUSCODES
// 250-DSN
// 250-CHUNKING
// 250-HELP
// 250 LIMITS RCPTMAX=1000
// 250 2.0.0 OK
// 250 2.0.0 OK
// 354 End data with <CR><LF>.<CR><LF>
