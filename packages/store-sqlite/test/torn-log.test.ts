/** A log that a power cut has torn at any byte: all that was acknowledged before the last whole commit is there, nothing is invented. */

import { copyFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, asyncProperty, constantFrom, integer } from 'fast-check'
import { expect, it } from 'vitest'
import { checkSqliteStore, openSqliteStore } from '../src/index.ts'
import { openThreads } from '../src/store.ts'
import { entry, look, put } from './entry.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

it('keeps what was acknowledged before the cut', async () => {
  const folder = await createFolder()
  const path = join(folder, 'mail.db')
  const { store, kill } = await openThreads({ path, codec: textCodec })
  const logBytes = async (): Promise<number> => (await stat(`${path}-wal`)).size
  /** How long the log was when each change was acknowledged, and what had to be there from then on. */
  const acknowledged: { readonly at: number; readonly job: string }[] = []
  for (let n = 0; n < 12; n += 1) {
    const content = await put(store.spool, `m${n}`, 500 + n * 5_000, n)
    await store.queue.enqueue([entry(`m${n}`, { content })])
    acknowledged.push({ at: await logBytes(), job: `m${n}` })
    if (n % 4 !== 3) continue
    const [lease] = await store.queue.lease({ ...look, limit: 1 })
    if (lease === undefined) expect.fail('no lease')
    await store.queue.settle([{ token: lease.token, kind: 'hold', job: `${lease.job} held`, reason: 'because' }])
    acknowledged.push({ at: await logBytes(), job: `${lease.job} held` })
  }
  await copyFile(path, join(folder, 'kept.db'))
  const log = await readFile(`${path}-wal`)
  await kill()

  let runs = 0
  await assert(
    asyncProperty(integer({ min: 0, max: log.length }), constantFrom('cut', 'zeroed'), async (at, how) => {
      const torn = join(folder, `torn-${(runs += 1)}.db`)
      await copyFile(join(folder, 'kept.db'), torn)
      // What had not reached the disk is not there, or is nonsense.
      const rest = new Uint8Array(how === 'cut' ? 0 : log.length - at)
      await writeFile(`${torn}-wal`, Buffer.concat([log.subarray(0, at), rest]))
      const again = await openSqliteStore({ path: torn, codec: textCodec })
      const { items } = await again.control.list({}, { limit: 100 })
      const jobs = new Set(items.map(({ job }) => job))
      for (const { at: needed, job } of acknowledged) {
        const later = acknowledged.some((other) => other.job === `${job} held` && other.at <= at)
        if (needed <= at && !later) expect(jobs).toContain(job)
      }
      for (const { job, content } of items) {
        const n = Number.parseInt(job?.slice(1) ?? '', 10)
        expect(acknowledged.map((one) => one.job)).toContain(job)
        let size = 0
        for await (const chunk of again.spool.open(content ?? expect.fail('no content'))) {
          expect(chunk.every((byte) => byte === n)).toBe(true)
          size += chunk.length
        }
        expect(size).toBe(500 + n * 5_000)
      }
      await again[Symbol.asyncDispose]()
      if (runs % 10 === 0) expect((await checkSqliteStore({ path: torn })).findings).toEqual([])
    }),
    { numRuns: 40 },
  )
}, 120_000)
