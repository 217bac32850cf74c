// examples/put.ts
import { formatReply, reply } from '@postroad/envelope'
import type { Mailstore } from '@postroad/mailstore'
import { createMemoryMailstore } from '@postroad/mailstore/memory'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Puts one message into one mailbox, and says where it lies or why not. */
async function put(mailstore: Mailstore, account: string, key: string): Promise<string> {
  const writer = await mailstore.begin({ account, prefix: bytes('Return-Path: <eve@example.net>\r\n'), key })
  if (writer.kind === 'refused') return formatReply(writer.reply)
  await writer.write(bytes('Subject: hello\r\n'))
  await writer.write(bytes('\r\nHello.\r\n'))
  const { location } = await writer.commit() // nobody saw it before; durable now
  return location
}

// In memory, for tests; a service takes one that keeps things, such as `mailstore-maildir`.
const mailstore = createMemoryMailstore()
mailstore.refuse('bob', reply(452, '4.2.2', 'Mailbox full'))
console.log(await put(mailstore, 'ada', 'some-message/ada'))
console.log(await put(mailstore, 'bob', 'some-message/bob'))

// The answer was lost, so it comes again: the key tells that it is there.
console.log(await put(mailstore, 'ada', 'some-message/ada'))
for (const { content } of mailstore.messages('ada')) console.log(new TextDecoder().decode(content).trimEnd())

// Prints:
// memory:ada/1
// 452 4.2.2 Mailbox full
// memory:ada/1
// Return-Path: <eve@example.net>
// Subject: hello
//
// Hello.
