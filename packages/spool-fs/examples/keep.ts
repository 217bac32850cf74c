// examples/keep.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMessageId } from '@postroad/envelope'
import { systemClock, systemRandom } from '@postroad/runtime/system'
import { openFileSpool } from '@postroad/spool-fs'

const folder = await mkdtemp(join(tmpdir(), 'postroad-example-'))
await using spool = await openFileSpool({ folder })

// Written as it arrives; what is known only at the end comes in front.
const message = createMessageId(systemClock.now(), systemRandom.bytes(11))
const writer = await spool.stage({ message, ttlMs: 3_600_000 })
await writer.write(new TextEncoder().encode('Subject: hello\r\n\r\nHello.\r\n'))
const content = await writer.seal({ prefix: new TextEncoder().encode('Received: from example.org\r\n') })

// From here on it survives a power cut: name it now.
await spool.persist([content])

for await (const chunk of spool.open(content.id, { start: 28, end: 42 })) console.log(new TextDecoder().decode(chunk))

// Nothing needs it any more.
await spool.drop([content.id])
await rm(folder, { recursive: true })

// Prints:
// Subject: hello
