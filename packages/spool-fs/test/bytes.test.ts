/** Whatever is written, however it is cut, is read back byte for byte, whole and in every range. */

import { messageId } from '@postroad/envelope'
import { array, assert, asyncProperty, constantFrom, nat, oneof, tuple } from 'fast-check'
import { expect, it } from 'vitest'
import { checkContentFile, contentFilePath } from '../src/index.ts'
import { pattern, setUp } from './world.ts'

it('gives back every write and prefix, and every range of them', async () => {
  const { disk, folder, read, spool } = await setUp({ fsync: false })
  const size = oneof(nat(64), nat(5_000), nat(200_000))
  await assert(
    asyncProperty(
      array(size, { maxLength: 12 }),
      nat(3_000),
      constantFrom(0, 1, 100, 16_384, 131_072),
      array(tuple(nat(600_000), nat(600_000)), { maxLength: 4 }),
      async (sizes, prefixBytes, bufferBytes, ranges) => {
        const all = pattern(sizes.reduce((sum, bytes) => sum + bytes, 0) + prefixBytes)
        const writer = await spool.stage({ message: messageId('M'), ttlMs: 60_000, bufferBytes })
        let at = prefixBytes
        const chunk = new Uint8Array(200_000)
        for (const bytes of sizes) {
          // One array for all: its bytes are the writer's only until `write` is done.
          chunk.set(all.subarray(at, (at += bytes)))
          await writer.write(chunk.subarray(0, bytes))
        }
        const content = await writer.seal({ prefix: all.subarray(0, prefixBytes) })
        expect(content.sizeBytes).toBe(all.length)
        await spool.persist([content])
        expect((await read(content.id)).equals(all)).toBe(true)
        for (const [start, end] of ranges)
          expect((await read(content.id, { start, end })).equals(all.subarray(start, Math.max(start, end)))).toBe(true)
        expect(await checkContentFile(folder, content.id, { reads: true })).toEqual({
          kind: 'whole',
          path: contentFilePath(folder, content.id),
          sizeBytes: all.length,
        })
        await spool.drop([content.id])
        expect(await checkContentFile(folder, content.id)).toMatchObject({ kind: 'missing' })
        expect(disk.open_()).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
})

it('closes the file of a reader that stops early, or never reads', async () => {
  const { disk, keep, spool } = await setUp()
  const id = await keep([pattern(1_000_000)])
  for await (const chunk of spool.open(id)) {
    expect(chunk).toHaveLength(262_144)
    break
  }
  const iterator = spool.open(id)[Symbol.asyncIterator]()
  await iterator.return?.()
  expect(disk.open_()).toBe(0)
})

it('holds no more than its buffer for a writer: a large chunk goes to the file from where it lies', async () => {
  const { disk, spool } = await setUp()
  const writer = await spool.stage({ message: messageId('M'), ttlMs: 60_000 })
  expect(writer.write(pattern(100_000))).toBeUndefined()
  expect(disk.calls).toEqual([])
  await writer.write(pattern(1_000_000))
  expect(disk.calls.filter((call) => call.startsWith('write'))).toHaveLength(2)
})
