/** Entries and content as the tests of this package want them. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import type { Lease, NewEntry, SealedContent, Store } from '@postroad/queue'

/** The one entry of a message; its job is the message's name. */
export function entryOf(name: string, content?: SealedContent, group = 'example.org'): NewEntry<string> {
  return {
    id: createEntryId(messageId(name), 0),
    job: name,
    group: groupId(group),
    priority: 0,
    notBefore: 0,
    labels: {},
    ...(content === undefined ? {} : { content }),
  }
}

/** Stages and seals content. */
export async function sealedContent(store: Store<string>, bytes: Uint8Array): Promise<SealedContent> {
  const writer = await store.spool.stage({ message: messageId('M'), ttlMs: 60_000 })
  await writer.write(bytes)
  return writer.seal({ prefix: new Uint8Array() })
}

/** What a lease's content holds. */
export async function contentOf(store: Store<string>, lease: Lease<string>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  if (lease.content === undefined) throw new Error('the lease names no content')
  for await (const chunk of store.spool.open(lease.content)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
