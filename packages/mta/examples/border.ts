// examples/border.ts
import { formatMailbox, mailboxOf } from '@postroad/address'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { createIntake, workItemCodec, type WorkItem } from '@postroad/intake'
import { createMta } from '@postroad/mta'
import { createMemoryStore } from '@postroad/queue/memory'
import { createRoutes } from '@postroad/routes'
import { systemClock as clock, systemRandom as random } from '@postroad/runtime/system'
import { sendMessage } from '@postroad/smtp-client'
import { createSmtpServer } from '@postroad/smtp-server'

const hostname = 'mx.example.org'
await using store = createMemoryStore<WorkItem>({ clock, random, codec: workItemCodec })
const directory = createMemoryDirectory({
  accounts: [{ name: 'ada', password: 'for tests only', mailboxes: ['ada@example.org'] }],
  domains: { local: ['example.org'] },
})
const intake = createIntake({ store, directory, routes: createRoutes(), clock, random, hostname })

const handler = createMta({ intake, postmaster: mailboxOf('postmaster@example.org') })
const server = createSmtpServer({ hostname, protocol: 'smtp', handler })
const { port } = await server.listen({ host: '127.0.0.1', port: 0 }) // any free one; 25 for mail from elsewhere

// Another MTA has mail: for Ada, for nobody here, and for somebody whom it could reach itself.
const recipients = ['ada@example.org', 'nobody@example.org', 'bob@example.com'].map(mailboxOf)
const { outcomes } = await sendMessage({
  host: '127.0.0.1',
  port,
  tls: 'none',
  hostname: 'mail.example.net',
  envelope: { reversePath: mailboxOf('eve@example.net'), recipients: recipients.map((mailbox) => ({ mailbox })) },
  content: new TextEncoder().encode('From: eve@example.net\r\nSubject: hello\r\n\r\nHello.\r\n'),
})
console.log(outcomes.map((outcome) => (outcome.kind === 'failed' ? outcome.status : outcome.kind)))

// What was answered with 250 is in the queue.
for (const { job } of await store.queue.lease({ limit: 10, durationMs: 60_000, waitMs: 0 })) {
  console.log(job.destination.transport, ...job.recipients.map(({ mailbox }) => formatMailbox(mailbox)))
}
await server.stop({ deadlineMs: 1_000 })

// Prints:
// [ 'delivered', '5.1.1', '5.7.1' ]
// local ada@example.org
