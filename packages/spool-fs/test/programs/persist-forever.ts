/** Persists small and large content without end and prints each id once it is acknowledged. To be killed. */

import { messageId } from '@postroad/envelope'
import { openFileSpool } from '../../src/index.ts'

const spool = await openFileSpool({ folder: process.argv[2] ?? '' })
const ttlMs = 1_000

const persistOne = async (size: number): Promise<void> => {
  const writer = await spool.stage({ message: messageId('M'), ttlMs })
  for (let at = 0; at < size; at += 10_000)
    await writer.write(new Uint8Array(Math.min(10_000, size - at)).fill(size & 255))
  const content = await writer.seal({ prefix: new Uint8Array([80]) })
  await spool.persist([content])
  process.stdout.write(`${content.id} ${size}\n`)
}

await Promise.all(
  Array.from({ length: 10 }, async (_, worker) => {
    for (let n = 0; ; n += 1) await persistOne(worker < 3 ? 300_000 + n : 1_000 + worker * 100 + (n % 100))
  }),
)
