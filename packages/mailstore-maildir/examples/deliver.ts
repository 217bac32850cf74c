// examples/deliver.ts
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMaildirStore } from '@postroad/mailstore-maildir'
import { systemClock, systemRandom } from '@postroad/runtime/system'

const path = await mkdtemp(join(tmpdir(), 'postroad-example-'))
{
  const time = { clock: systemClock, random: systemRandom }
  await using mailstore = await openMaildirStore({ path, hostname: 'mda.example.org', ...time })
  const prefix = new TextEncoder().encode('Return-Path: <eve@example.net>\r\n')
  const writer = await mailstore.begin({ account: 'ada', prefix, key: 'some-message/ada' })
  if (writer.kind === 'writer') {
    await writer.write(new TextEncoder().encode('Subject: hello\r\n\r\nHello.\r\n'))
    const { location } = await writer.commit() // durable now
    console.log((await readFile(location, 'utf8')).trimEnd())
  }
}
await rm(path, { recursive: true })

// Prints:
// Return-Path: <eve@example.net>
// Subject: hello
//
// Hello.
