// examples/bounce.ts
import { formatMailbox, mailboxOf } from '@postroad/address'
import { createScriptedDelivery } from '@postroad/delivery/memory'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { createZoneResolver } from '@postroad/dns'
import { reply } from '@postroad/envelope'
import { createIntake, Transaction, workItemCodec, type WorkItem } from '@postroad/intake'
import { createMemoryStore } from '@postroad/queue/memory'
import { createRelay } from '@postroad/relay'
import { createRoutes } from '@postroad/routes'
import { systemClock as clock, systemRandom as random } from '@postroad/runtime/system'

await using store = createMemoryStore<WorkItem>({ clock, random, codec: workItemCodec })
const directory = createMemoryDirectory({
  accounts: [{ name: 'ada', password: 'for tests only', mailboxes: ['ada@example.org'] }],
  domains: { local: ['example.org'] },
})
const common = { store, clock, random, hostname: 'relay.example.org' }
const intake = createIntake({ ...common, directory, routes: createRoutes() })

const noSuchUser = { kind: 'failed', reply: reply(550, '5.1.1', 'No such user'), status: '5.1.1' } as const
const stop = new AbortController()
const relay = createRelay({
  ...common,
  intake,
  postmaster: mailboxOf('postmaster@example.org'),
  transport: {
    local: createScriptedDelivery(), // elsewhere `createLocalDelivery` of the mda
    host: createScriptedDelivery({ answer: () => noSuchUser }), // elsewhere `createSmtpDelivery`
    resolver: createZoneResolver('example.net MX 10 mx.example.net\nmx.example.net A 192.0.2.1'),
    random,
    ownNames: ['relay.example.org'],
    allowPrivateAddresses: true, // that of the zone is for documentation
  },
  observer(event) {
    if (event.type === 'report.sent') console.log('report', event.action)
    if (event.type !== 'attempt.finished') return
    console.log(event.group, formatMailbox(event.recipient.mailbox), event.outcome.kind)
    if (event.group === 'local') stop.abort() // Ada has the report: that is all
  },
})

// Ada writes to somebody who does not exist.
const trace = { helo: undefined, remoteAddress: '', protocol: 'ESMTP', tls: undefined, account: 'ada' }
const envelope = { reversePath: mailboxOf('ada@example.org') }
const transaction = new Transaction({ intake, envelope, trace, maxRecipients: 100 })
await transaction.rcpt({ mailbox: mailboxOf('nobody@example.net') })
const sink = await transaction.content()
await sink.write(new TextEncoder().encode('Subject: hello\r\n\r\nHello.\r\n'))
await sink.end()

await relay.run(stop.signal)

// Prints:
// mx:example.net nobody@example.net failed
// report failed
// local ada@example.org delivered
