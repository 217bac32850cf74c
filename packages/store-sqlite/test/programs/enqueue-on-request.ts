/** Enqueues an entry for each line of its input, and prints `kept NAME`, or `refused NAME SENTENCE`. */

import { createInterface } from 'node:readline'
import { openSqliteStore } from '../../src/index.ts'
import { entry } from '../entry.ts'
import { textCodec } from './text-codec.ts'

const store = await openSqliteStore({ path: process.argv[2] ?? '', codec: textCodec })
process.stdout.write('ready\n')
for await (const name of createInterface({ input: process.stdin })) {
  try {
    await store.queue.enqueue([entry(name)])
    process.stdout.write(`kept ${name}\n`)
  } catch (error) {
    process.stdout.write(`refused ${name} ${error instanceof Error ? error.message : String(error)}\n`)
  }
}
await store[Symbol.asyncDispose]()
