/** The store of the guide: it keeps every contract, opened again as after a crash, and nothing of a record that was cut off. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entryId, groupId } from '@postroad/envelope'
import { createManualClock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFileStore } from '../examples/kept-in-a-file.ts'
import { type Lease, QueueUnavailableError, type Store } from '../src/index.ts'
import {
  contractCodec,
  describeStoreContract,
  describeStoreModel,
  type OpenOptions,
  type StoreHarness,
} from '../src/testing/index.ts'

/** A busy disk syncs slowly. */
const TIMES_OF_A_DISK = { timeout: 60_000 }

let folder = ''
let serial = 0
/** Closed when all is over: those abandoned as by a crash must write nothing into what was opened after them. */
const opened: Store<string>[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-in-a-file-'))
})

afterAll(async () => {
  for (const store of opened) await store[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function open({ now, queue = {} }: OpenOptions): Promise<Store<string>> {
  const path = join(folder, String(serial))
  const store = await openFileStore({ path, codec: contractCodec, clock: { ...systemClock, now }, queue })
  opened.push(store)
  return store
}

const harness: StoreHarness = {
  open: (options) => {
    serial += 1
    return open(options)
  },
  reopen: open,
}

describeStoreContract('A store kept in a file', harness)
describeStoreModel('A store kept in a file', harness, { runs: 20 })

describe('A store kept in a file', () => {
  const clock = createManualClock()
  const path = (): string => join(folder, `own-${(serial += 1)}`)
  const openAt = async (path: string): Promise<Store<string>> => {
    const store = await openFileStore({ path, codec: contractCodec, clock })
    opened.push(store)
    return store
  }
  const entry = (name: string) => ({
    id: entryId(`${name}.0`),
    job: name,
    group: groupId('example.org'),
    priority: 0,
    notBefore: 0,
    labels: {},
  })
  const leaseAll = (store: Store<string>): Promise<readonly Lease<string>[]> =>
    store.queue.lease({ limit: 100, durationMs: 60_000, waitMs: 0 })

  /** Two records, and how long the file is after each. */
  const twoRecords = async (): Promise<{ bytes: Buffer; firstEnd: number }> => {
    const file = path()
    const store = await openAt(file)
    await store.queue.enqueue([entry('a')])
    const { length: firstEnd } = await readFile(file)
    await store.queue.enqueue([entry('b')])
    return { bytes: await readFile(file), firstEnd }
  }

  it('has of a file cut at any byte the records that are whole, and goes on behind them', TIMES_OF_A_DISK, async () => {
    const { bytes, firstEnd } = await twoRecords()
    const file = path()
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      await writeFile(file, bytes.subarray(0, cut))
      const store = await openAt(file)
      const expected = cut < firstEnd ? [] : cut < bytes.length ? ['a'] : ['a', 'b']
      expect((await store.control.list({}, { limit: 10 })).items.map(({ job }) => job)).toEqual(expected)
      if (cut % 50 === 0) await store.queue.enqueue([entry('c')])
      await store[Symbol.asyncDispose]()
      if (cut % 50 !== 0) continue
      const again = await openAt(file)
      expect((await leaseAll(again)).map(({ job }) => job)).toEqual([...expected, 'c'])
      await again[Symbol.asyncDispose]()
    }
  })

  it('has nothing of a last record whose bytes never reached the disk', async () => {
    const { bytes, firstEnd } = await twoRecords()
    for (const from of [firstEnd, firstEnd + 8, firstEnd + 40]) {
      const file = path()
      await writeFile(file, Buffer.concat([bytes.subarray(0, from), Buffer.alloc(bytes.length - from)]))
      expect((await leaseAll(await openAt(file))).map(({ job }) => job)).toEqual(['a'])
    }
  })

  it('is not opened where a record before the last is damaged, and says where', async () => {
    const { bytes, firstEnd } = await twoRecords()
    const file = path()
    bytes.writeUInt8(bytes.readUInt8(firstEnd - 1) ^ 1, firstEnd - 1)
    await writeFile(file, bytes)
    await expect(openAt(file)).rejects.toThrow(`${file} is damaged at byte 0`)
    await expect(openAt(file)).rejects.toBeInstanceOf(QueueUnavailableError)
    expect(await readFile(file)).toEqual(bytes)
  })

  it('gives again after a crash what a worker had leased, as recovered', async () => {
    const file = path()
    const store = await openAt(file)
    await store.queue.enqueue([entry('a')])
    const [lease] = await leaseAll(store)
    const again = await openAt(file)
    expect(await leaseAll(again)).toEqual([])
    await clock.advance(60_001)
    expect(await leaseAll(again)).toMatchObject([{ job: 'a', attempt: 1, recovered: true }])
    expect(await again.queue.settle([{ token: lease?.token ?? expect.fail(), kind: 'done' }])).toEqual([
      { kind: 'lost' },
    ])
  })

  it('stands in the guide and in the README as it is', async () => {
    const source = await readFile(join(import.meta.dirname, '../examples/kept-in-a-file.ts'), 'utf8')
    for (const page of ['../../../docs/guides/write-a-store.md', '../README.md']) {
      expect(await readFile(join(import.meta.dirname, page), 'utf8')).toContain(`\`\`\`ts\n${source}\`\`\`\n`)
    }
  })
})
