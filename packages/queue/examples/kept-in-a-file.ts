// examples/kept-in-a-file.ts
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import { entryId, groupId } from '@postroad/envelope'
import { type Codec, type QueueOptions, QueueUnavailableError, type Store } from '@postroad/queue'
import { createMemoryStore, type StoreChange } from '@postroad/queue/memory'
import type { Clock } from '@postroad/runtime'
import { systemClock, systemRandom } from '@postroad/runtime/system'

/** A store in memory that is kept in a file of records: the length of each, its CRC-32, its bytes. For one process. */
export async function openFileStore<Job>(options: {
  readonly path: string
  readonly codec: Codec<Job>
  readonly clock?: Clock
  readonly queue?: QueueOptions
}): Promise<Store<Job>> {
  const { path, codec, clock = systemClock, queue = {} } = options
  const file = await open(path, 'a+', 0o600)
  try {
    const { changes, end } = readRecords(path, await file.readFile())
    await file.truncate(end)
    await file.sync()
    await using folder = await open(dirname(path))
    await folder.sync() // The name of a new file must survive too.
    const log = {
      async append(changes: readonly StoreChange[]): Promise<void> {
        const bytes = serialize(changes)
        const head = Buffer.alloc(8)
        head.writeUInt32BE(bytes.length, 0)
        head.writeUInt32BE(crc32(bytes), 4)
        await file.appendFile(Buffer.concat([head, bytes]))
        await file.datasync()
      },
      [Symbol.asyncDispose]: () => file.close(),
    }
    return createMemoryStore({ codec, clock, random: systemRandom, queue, log, restore: changes })
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Every change, and where the last whole record ends: what a crash cut off behind it was never acknowledged. */
function readRecords(path: string, bytes: Buffer): { readonly changes: readonly StoreChange[]; readonly end: number } {
  const batches: StoreChange[][] = []
  let end = 0
  while (end + 8 <= bytes.length) {
    const next = end + 8 + bytes.readUInt32BE(end)
    const record = bytes.subarray(end + 8, next)
    const isTorn = next > bytes.length || record.length === 0
    const isWhole = !isTorn && crc32(record) === bytes.readUInt32BE(end + 4)
    if (isTorn || (!isWhole && next === bytes.length)) break
    if (!isWhole) throw new QueueUnavailableError(`${path} is damaged at byte ${end}, before records that are whole`)
    batches.push(deserialize(record))
    end = next
  }
  return { changes: batches.flat(), end }
}

if (process.argv[1] === import.meta.filename) {
  const folder = await mkdtemp(join(tmpdir(), 'kept-in-a-file-'))
  const codec: Codec<string> = { encode: (job) => Buffer.from(job), decode: (bytes) => Buffer.from(bytes).toString() }
  const options = { path: join(folder, 'store'), codec }
  const first = await openFileStore(options)
  const entry = {
    id: entryId('M.0'),
    job: 'to ada',
    group: groupId('example.org'),
    priority: 0,
    notBefore: 0,
    labels: {},
  }
  await first.queue.enqueue([entry])
  await first[Symbol.asyncDispose]()
  const again = await openFileStore(options)
  for (const { id, job } of await again.queue.lease({ limit: 1, durationMs: 60_000, waitMs: 0 })) console.log(id, job)
  await again[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
}

// Prints:
// M.0 to ada
