/** Stages the content of a plan. */

import { type LeaseToken, messageId } from '@postroad/envelope'
import type { SealedContent, Store } from '@postroad/queue'
import { type ContentPlan, makeContent, PREFIX_BYTES } from './content.ts'
import type { Job } from './job.ts'

/** What may stay unnamed so long, in milliseconds. */
export const TTL_MS = 60_000

const CHUNK_BYTES = 50_000

/** Writes the content in chunks and seals it, its first bytes as the prefix. */
export async function stageContent(store: Store<Job>, plan: ContentPlan, beside?: LeaseToken): Promise<SealedContent> {
  const bytes = makeContent(plan)
  const writer = await store.spool.stage({
    message: messageId(plan.name),
    ttlMs: TTL_MS,
    ...(beside === undefined ? {} : { beside }),
  })
  for (let at = PREFIX_BYTES; at < bytes.length; at += CHUNK_BYTES) {
    await writer.write(bytes.slice(at, at + CHUNK_BYTES))
  }
  const sealed = await writer.seal({ prefix: bytes.subarray(0, PREFIX_BYTES) })
  await store.spool.persist([sealed])
  return sealed
}
