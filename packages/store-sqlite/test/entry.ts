/** Entries for tests, and short words for what tests do with them. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import type { NewEntry, SealedContent, Spool } from '@postroad/queue'

/** An entry whose job is the name of its message. */
export const entry = (name: string, other: Partial<NewEntry<string>> = {}): NewEntry<string> => ({
  id: createEntryId(messageId(name), 0),
  job: name,
  group: groupId('example.org'),
  priority: 0,
  notBefore: 0,
  labels: {},
  ...other,
})

/** Looks once. */
export const look = { limit: 1_000, durationMs: 60_000, waitMs: 0 } as const

/** Stages content of so many bytes, all alike. */
export async function put(spool: Spool, name: string, size: number, byte = 7): Promise<SealedContent> {
  const writer = await spool.stage({ message: messageId(name), ttlMs: 60_000 })
  await writer.write(new Uint8Array(size).fill(byte))
  return writer.seal({ prefix: new Uint8Array() })
}
