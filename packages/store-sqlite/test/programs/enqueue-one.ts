/** Enqueues one entry with the job of the second argument and ends. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { openSqliteStore } from '../../src/index.ts'
import { textCodec } from './text-codec.ts'

const [, , path = '', job = ''] = process.argv
const store = await openSqliteStore({ path, codec: textCodec })
await store.queue.enqueue([
  { id: createEntryId(messageId(job), 0), job, group: groupId('example.org'), priority: 0, notBefore: 0, labels: {} },
])
await store[Symbol.asyncDispose]()
