// examples/submission.ts
import { mailboxOf } from '@postroad/address'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { createIntake, workItemCodec, type WorkItem } from '@postroad/intake'
import { createMsa } from '@postroad/msa'
import { createMemoryStore } from '@postroad/queue/memory'
import { createRoutes } from '@postroad/routes'
import { systemClock as clock, systemRandom as random } from '@postroad/runtime/system'
import { sendMessage } from '@postroad/smtp-client'
import { createSmtpServer } from '@postroad/smtp-server'

const hostname = 'mail.example.org'
await using store = createMemoryStore<WorkItem>({ clock, random, codec: workItemCodec })
const directory = createMemoryDirectory({
  accounts: [{ name: 'ada', password: 'correct horse', mailboxes: ['ada@example.org'] }],
  domains: { local: ['example.org'] },
})
const intake = createIntake({ store, directory, routes: createRoutes(), clock, random, hostname })

const server = createSmtpServer({
  hostname,
  protocol: 'submission',
  handler: createMsa({ intake, directory, clock, hostname, postmaster: mailboxOf('postmaster@example.org') }),
  mechanisms: ['PLAIN', 'LOGIN'],
  allowPlaintextAuth: true, // here alone; elsewhere `tls: { key, cert }`
})
const { port } = await server.listen({ host: '127.0.0.1', port: 0 }) // any free one; 587 for mail clients

// Ada's mail client, first as herself, then as somebody else.
for (const sender of ['ada@example.org', 'bob@example.org']) {
  const { phase, outcomes } = await sendMessage({
    host: '127.0.0.1',
    port,
    tls: 'none', // elsewhere 'required'
    exposeCredentials: true, // as above
    credentials: { username: 'ada', password: 'correct horse' },
    hostname: 'laptop.example.org',
    envelope: { reversePath: mailboxOf(sender), recipients: [{ mailbox: mailboxOf('eve@example.net') }] },
    content: new TextEncoder().encode(`From: ${sender}\r\nBcc: eve@example.net\r\n\r\nHello.\r\n`),
  })
  console.log(sender, phase, outcomes[0]?.kind)
}

// The message, with what it lacked and without what is nobody's business.
for (const { content } of await store.queue.lease({ limit: 10, durationMs: 60_000, waitMs: 0 })) {
  if (content === undefined) continue
  let text = ''
  for await (const chunk of store.spool.open(content)) text += new TextDecoder().decode(chunk)
  console.log(text.match(/^[\w-]+(?=:)/gm)?.join(', '))
}
await server.stop({ deadlineMs: 1_000 })

// Prints:
// ada@example.org done delivered
// bob@example.org mail failed
// Received, Date, Message-ID, From
