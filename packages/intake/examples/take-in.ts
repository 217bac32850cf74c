// examples/take-in.ts
import { formatMailbox, mailboxOf } from '@postroad/address'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { createIntake, workItemCodec, type WorkItem } from '@postroad/intake'
import { createMemoryStore } from '@postroad/queue/memory'
import { createRoutes } from '@postroad/routes'
import { systemClock as clock, systemRandom as random } from '@postroad/runtime/system'

await using store = createMemoryStore<WorkItem>({ clock, random, codec: workItemCodec })
const directory = createMemoryDirectory({
  accounts: [{ name: 'ada', password: 'for tests only', mailboxes: ['ada@example.org'] }],
  domains: { local: ['example.org'] },
  aliases: { 'team@example.org': ['ada@example.org', 'bob@example.net'] },
})
const intake = createIntake({ store, directory, routes: createRoutes(), clock, random, hostname: 'mx.example.org' })

// Each recipient, as its RCPT comes.
const reversePath = mailboxOf('eve@example.com')
const recipient = { mailbox: mailboxOf('team@example.org') }
const resolution = await intake.resolve({ recipient, reversePath, account: undefined })
if (resolution.kind !== 'accepted') throw new Error(`The recipient is ${resolution.kind}.`)

// The content, as it arrives.
const trace = { helo: 'mail.example.com', remoteAddress: '192.0.2.7', protocol: 'ESMTP', tls: undefined }
const incoming = await intake.begin({
  message: intake.createMessageId(),
  envelope: { reversePath },
  recipients: resolution.targets,
  trace: { ...trace, account: undefined },
})
await incoming.write(new TextEncoder().encode('Subject: hello\r\n\r\nHello.\r\n'))
console.log((await incoming.submit()).kind) // all of it is durable now

// What a relay finds: an entry for each destination.
for (const { group, job } of await store.queue.lease({ limit: 10, durationMs: 60_000, waitMs: 0 })) {
  console.log(group, ...job.recipients.map(({ mailbox }) => formatMailbox(mailbox)))
}

// Prints:
// accepted
// local ada@example.org
// mx:example.net bob@example.net
