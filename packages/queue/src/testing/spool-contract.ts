/** The contract of `Spool`, for a store's own spool and for foreign ones. */

import { type ContentId, messageId } from '@postroad/envelope'
import { describe, expect } from 'vitest'
import { ContentMissingError } from '../index.ts'
import { contractTest, crashTest, createStage, entry, latin1, NO_CONTENT, type StoreHarness } from './harness.ts'

/** Registers the tests every `Spool` must pass. Call it once per implementation. */
export function describeSpoolContract(name: string, harness: StoreHarness): void {
  describe(`${name} keeps the Spool contract`, () => {
    const t = createStage(harness)
    const test = contractTest(harness, 'spool')
    const afterCrash = crashTest(harness, 'spool')

    /** Content that an entry names, so that it can be read. */
    const keep = async (text: string | readonly Uint8Array[], prefix = ''): Promise<ContentId> => {
      const content = await t.put(text, { prefix })
      await t.store.spool.persist([content])
      await t.enqueue(entry(`keeper${(serial += 1)}`, { content }))
      return content.id
    }
    let serial = 0
    const sweep = (...inUse: readonly ContentId[]): Promise<{ examined: number; removed: number }> =>
      t.store.spool.sweep(async (ids) => new Set(ids.filter((id) => inUse.includes(id))))
    const collect = async (content: ContentId, range?: { start: number; end?: number }): Promise<Buffer> => {
      const chunks: Buffer[] = []
      for await (const chunk of t.store.spool.open(content, range)) {
        expect(chunk.length).toBeLessThanOrEqual(262_144)
        expect(chunk.length).toBeGreaterThan(0)
        chunks.push(Buffer.from(chunk))
      }
      return Buffer.concat(chunks)
    }

    test('gives back what was written, the prefix in front', async () => {
      const content = await t.put([latin1('Subject: x\r\n'), latin1('\r\nbody\r\n')], { prefix: 'Received: y\r\n' })
      expect(content.sizeBytes).toBe(13 + 12 + 8)
      await t.enqueue(entry('a', { content }))
      expect(await t.read(content.id)).toBe('Received: y\r\nSubject: x\r\n\r\nbody\r\n')
    })

    test('keeps empty content', async () => {
      const content = await t.put([])
      expect(content.sizeBytes).toBe(0)
      await t.enqueue(entry('a', { content }))
      expect(await t.read(content.id)).toBe('')
    })

    test('keeps content that is only a prefix, and chunks that are empty', async () => {
      expect(await t.read(await keep([new Uint8Array()], 'prefix'))).toBe('prefix')
    })

    test('keeps every byte of content of several megabytes, in chunks of 256 KiB at most', async () => {
      const bytes = pattern(3_000_001)
      const pieces: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += 65_537) pieces.push(bytes.subarray(at, at + 65_537))
      const content = await keep(pieces, 'front:')
      expect((await collect(content)).equals(Buffer.concat([Buffer.from('front:'), bytes]))).toBe(true)
      for (const [start, end] of [
        [0, 10],
        [3, 262_150],
        [262_140, 262_160],
        [2_999_990, 3_000_007],
        [1_234_567, 2_345_678],
      ] as const) {
        expect(
          (await collect(content, { start, end })).equals(
            Buffer.concat([Buffer.from('front:'), bytes]).subarray(start, end),
          ),
        ).toBe(true)
      }
    })

    test('keeps one chunk that is larger than 256 KiB', async () => {
      const bytes = pattern(700_000)
      expect((await collect(await keep([bytes]))).equals(Buffer.from(bytes))).toBe(true)
    })

    for (const { range, text } of [
      { range: { start: 0 }, text: 'prefix0123456789' },
      { range: { start: 0, end: 6 }, text: 'prefix' },
      { range: { start: 4, end: 8 }, text: 'ix01' },
      { range: { start: 10 }, text: '456789' },
      { range: { start: 15, end: 16 }, text: '9' },
      { range: { start: 12, end: 100 }, text: '6789' },
      { range: { start: 16 }, text: '' },
      { range: { start: 50, end: 60 }, text: '' },
      { range: { start: 5, end: 5 }, text: '' },
    ]) {
      test(`reads the range ${JSON.stringify(range)}`, async () => {
        expect(await t.read(await keep('0123456789', 'prefix'), range)).toBe(text)
      })
    }

    test('copies chunks: the caller may write over them after write', async () => {
      const writer = await t.store.spool.stage({ message: messageId('M'), ttlMs: 60_000 })
      const chunk = new Uint8Array(10_000)
      for (let n = 0; n < 100; n += 1) {
        chunk.fill(n)
        await writer.write(chunk)
      }
      const prefix = latin1('first')
      const sealing = writer.seal({ prefix })
      const content = await sealing
      chunk.fill(255)
      prefix.fill(255)
      await t.enqueue(entry('a', { content }))
      const bytes = await collect(content.id)
      expect(bytes.subarray(0, 5).toString()).toBe('first')
      for (let n = 0; n < 100; n += 1)
        expect(bytes.subarray(5 + n * 10_000, 5 + (n + 1) * 10_000).every((byte) => byte === n)).toBe(true)
    })

    test('keeps apart what is written at the same time', async () => {
      const writers = await Promise.all(
        [1, 2, 3].map(() => t.store.spool.stage({ message: messageId('M'), sizeHint: 5, ttlMs: 60_000 })),
      )
      for (let round = 0; round < 50; round += 1) {
        for (const [n, writer] of writers.entries()) await writer.write(new Uint8Array(9_000).fill(n))
      }
      const contents = await Promise.all(writers.map((writer) => writer.seal({ prefix: new Uint8Array() })))
      expect(new Set(contents.map(({ id }) => id)).size).toBe(3)
      for (const [n, content] of contents.entries()) {
        await t.enqueue(entry(`m${n}`, { content }))
        const bytes = await collect(content.id)
        expect(bytes.length).toBe(450_000)
        expect(bytes.every((byte) => byte === n)).toBe(true)
      }
    })

    test('throws ContentMissingError in the iteration for content that is not there', async () => {
      await expect(t.read(NO_CONTENT)).rejects.toBeInstanceOf(ContentMissingError)
    })

    test('shows nothing before an enqueue names it', async () => {
      const content = await t.put('not yet')
      await expect(t.read(content.id)).rejects.toBeInstanceOf(ContentMissingError)
    })

    test('lets a reader stop early and others read on', async () => {
      const content = await keep([pattern(1_000_000)])
      for await (const chunk of t.store.spool.open(content)) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
      const both = await Promise.all([collect(content), collect(content)])
      expect(both.map(({ length }) => length)).toEqual([1_000_000, 1_000_000])
    })

    test('reads content that goes meanwhile to its end, or throws: it never just ends', async () => {
      const content = await t.put([pattern(1_500_000)])
      await t.enqueue(entry('going', { content }))
      const lease = await t.take()
      let sizeBytes = 0
      const read = async (): Promise<void> => {
        for await (const chunk of t.store.spool.open(content.id)) {
          if (sizeBytes === 0) await t.settle(lease)
          sizeBytes += chunk.length
        }
      }
      const end = await read().catch((error: unknown) => error)
      if (end === undefined) expect(sizeBytes).toBe(1_500_000)
      else expect(end).toBeInstanceOf(ContentMissingError)
    })

    test('removes nothing where it cannot be asked what is in use', async () => {
      const content = await t.put('unnamed', { ttlMs: 10 })
      t.now += 1_000
      const refusal = new Error('away')
      await t.store.spool.sweep(() => Promise.reject(refusal)).catch((error) => expect(error).toBe(refusal))
      await t.enqueue(entry('a', { content }))
      expect(await t.read(content.id)).toBe('unnamed')
    })

    test('forgets what is aborted, before and after seal, and a second time', async () => {
      const begun = await t.store.spool.stage({ message: messageId('M'), ttlMs: 60_000 })
      await begun.write(latin1('half'))
      await begun.abort()
      await begun.abort()
      const sealed = await t.store.spool.stage({ message: messageId('M'), ttlMs: 60_000 })
      await sealed.write(pattern(600_000))
      const content = await sealed.seal({ prefix: new Uint8Array() })
      await sealed.abort()
      await expect(t.enqueue(entry('a', { content }))).rejects.toBeInstanceOf(ContentMissingError)
    })

    test('persists as a no-op for the caller', async () => {
      const content = await t.put('x')
      expect(await t.store.spool.persist([content])).toBeUndefined()
      expect(await t.store.spool.persist([])).toBeUndefined()
    })

    test('drops what no entry names, and passes over the rest', async () => {
      const unnamed = await t.put('unnamed')
      const named = await keep('named')
      await t.store.spool.drop([unnamed.id, named, NO_CONTENT])
      await t.store.spool.drop([])
      await expect(t.enqueue(entry('a', { content: unnamed }))).rejects.toBeInstanceOf(ContentMissingError)
      expect(await t.read(named)).toBe('named')
    })

    test('sweeps what was never named once its time to live has passed', async () => {
      const content = await t.put(
        ['x', 'y'].map(() => pattern(300_000)),
        { ttlMs: 5_000 },
      )
      t.now += 5_001
      expect((await sweep()).removed).toBe(1)
      expect((await sweep()).removed).toBe(0)
      await expect(t.enqueue(entry('a', { content }))).rejects.toBeInstanceOf(ContentMissingError)
    })

    test('sweeps what was begun and left', async () => {
      const writer = await t.store.spool.stage({ message: messageId('M'), ttlMs: 5_000 })
      await writer.write(pattern(600_000))
      t.now += 5_001
      await sweep()
      const seal = writer.seal({ prefix: new Uint8Array() })
      await expect(seal.then((content) => t.enqueue(entry('a', { content })))).rejects.toThrow()
    })

    test('counts the time to live from the last write', async () => {
      const writer = await t.store.spool.stage({ message: messageId('M'), ttlMs: 5_000 })
      for (let n = 0; n < 3; n += 1) {
        await writer.write(pattern(300_000))
        t.now += 4_000
      }
      expect((await sweep()).removed).toBe(0)
      const content = await writer.seal({ prefix: new Uint8Array() })
      await t.enqueue(entry('a', { content }))
      expect((await collect(content.id)).length).toBe(900_000)
    })

    test('sweeps nothing that is still within its time, named, or in use', async () => {
      const fresh = await t.put('fresh', { ttlMs: 60_000 })
      const named = await keep('named')
      const used = await t.put('used', { ttlMs: 10 })
      t.now += 1_000
      expect((await sweep(used.id, named)).removed).toBe(0)
      expect(await t.read(named)).toBe('named')
      await t.enqueue(entry('a', { content: fresh }))
      await t.enqueue(entry('b', { content: used }))
      expect(await t.read(fresh.id)).toBe('fresh')
      expect(await t.read(used.id)).toBe('used')
    })

    test('spares in a sweep what an entry names, though nobody says that it is in use', async () => {
      const [small, large] = [await t.put('small', { ttlMs: 10 }), await t.put([pattern(900_000)], { ttlMs: 10 })]
      await t.enqueue(entry('a', { content: small }), entry('b', { id: 'a.1', content: large }))
      t.now += 1_000
      expect((await sweep()).removed).toBe(0)
      expect(await t.read(small.id)).toBe('small')
      await t.take()
      t.now += 1_000
      expect((await sweep()).removed).toBe(0)
      expect((await collect(large.id)).equals(Buffer.from(pattern(900_000)))).toBe(true)
    })

    afterCrash('has nothing of what was sealed and never named, once it is swept', async () => {
      const small = await t.put('small', { ttlMs: 5_000 })
      const large = await t.put([pattern(900_000)], { ttlMs: 5_000 })
      const named = await keep([pattern(900_000)])
      await t.crash()
      await expect(t.read(small.id)).rejects.toBeInstanceOf(ContentMissingError)
      await expect(t.read(large.id)).rejects.toBeInstanceOf(ContentMissingError)
      t.now += 5_001
      await sweep(named)
      await expect(t.enqueue(entry('a', { content: small }))).rejects.toBeInstanceOf(ContentMissingError)
      await expect(t.enqueue(entry('b', { content: large }))).rejects.toBeInstanceOf(ContentMissingError)
      expect((await collect(named)).equals(Buffer.from(pattern(900_000)))).toBe(true)
    })
  })
}

/** Bytes that differ at every place where a mistake in chunking would show. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => (n * 31 + (n >> 8) * 7 + (n >> 16)) & 255)
}
