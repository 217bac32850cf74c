/** Enqueues with ten callers, each at once again, until its input ends. Prints `ready` once it has begun. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { openSqliteStore } from '../../src/index.ts'
import { textCodec } from './text-codec.ts'

const [, , path = '', name = ''] = process.argv
const store = await openSqliteStore({ path, codec: textCodec })
let isOver = false
process.stdin.resume()
process.stdin.on('end', () => {
  isOver = true
})
process.stdout.write('ready\n')
const call = async (caller: number): Promise<void> => {
  for (let n = 0; !isOver; n += 1) {
    const id = createEntryId(messageId(`${name}x${caller}x${n}`), 0)
    await store.queue.enqueue([{ id, job: name, group: groupId(name), priority: 0, notBefore: 0, labels: {} }])
  }
}
await Promise.all(Array.from({ length: 10 }, (_, caller) => call(caller)))
await store[Symbol.asyncDispose]()
