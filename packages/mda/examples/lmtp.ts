// examples/lmtp.ts
import { mailboxOf } from '@postroad/address'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { formatReply, reply } from '@postroad/envelope'
import { createMemoryMailstore } from '@postroad/mailstore/memory'
import { createMda } from '@postroad/mda'
import { systemClock as clock } from '@postroad/runtime/system'
import { sendMessage } from '@postroad/smtp-client'
import { createSmtpServer } from '@postroad/smtp-server'

const hostname = 'mda.example.org'
const mailstore = createMemoryMailstore()
mailstore.refuse('bob', reply(452, '4.2.2', 'Mailbox full'))
const directory = createMemoryDirectory({
  accounts: ['ada', 'bob'].map((name) => ({ name, password: 'for tests only', mailboxes: [`${name}@example.org`] })),
  domains: { local: ['example.org'] },
})

const postmaster = mailboxOf('postmaster@example.org')
const handler = createMda({ directory, mailstore, clock, hostname, postmaster })
const server = createSmtpServer({ hostname, protocol: 'lmtp', handler })
const { port } = await server.listen({ host: '127.0.0.1', port: 0 }) // or { path: '/run/postroad/lmtp.sock' }

// A relay hands over one message for three; each has an answer of its own.
const recipients = ['ada@example.org', 'bob@example.org', 'nobody@example.org'].map(mailboxOf)
const { outcomes } = await sendMessage({
  protocol: 'lmtp',
  host: '127.0.0.1',
  port,
  tls: 'none',
  hostname: 'relay.example.org',
  envelope: { reversePath: mailboxOf('eve@example.net'), recipients: recipients.map((mailbox) => ({ mailbox })) },
  content: new TextEncoder().encode('Subject: hello\r\n\r\nHello.\r\n'),
})
for (const outcome of outcomes) {
  if (outcome.kind !== 'unknown' && outcome.reply !== undefined) console.log(outcome.kind, formatReply(outcome.reply))
}
for (const { content } of mailstore.messages('ada')) {
  console.log(
    new TextDecoder()
      .decode(content)
      .replace(/^Received:[^]*?\n(?!\s)/m, '')
      .trimEnd(),
  ) // the time differs
}
await server.stop({ deadlineMs: 1_000 })

// Prints:
// delivered 250 2.1.5 ada@example.org: delivered
// deferred 452 4.2.2 Mailbox full
// failed 550 5.1.1 nobody@example.org: no such mailbox here
// Return-Path: <eve@example.net>
// Delivered-To: ada@example.org
// Subject: hello
//
// Hello.
