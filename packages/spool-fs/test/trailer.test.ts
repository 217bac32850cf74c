/** A file that is cut or damaged is never taken for a whole one. */

import { readFile, writeFile } from 'node:fs/promises'
import { contentId } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { contentFilePath } from '../src/index.ts'
import { formatTrailer, parseTrailer, TRAILER_BYTES } from '../src/trailer.ts'
import { setUp } from './world.ts'

const trailer = { bodyBytes: 5_000_000_000, prefixBytes: 7, bodyCrc: 0xffff_ffff, prefixCrc: 1 }
const FILE_BYTES = 5_000_000_007 + TRAILER_BYTES

describe('a trailer', () => {
  it('reads as it was written', () => {
    const bytes = formatTrailer('a.1', trailer)
    expect(bytes).toHaveLength(TRAILER_BYTES)
    expect(parseTrailer('a.1', bytes, FILE_BYTES)).toEqual(trailer)
  })

  it('is refused with any one bit turned', () => {
    for (let bit = 0; bit < TRAILER_BYTES * 8; bit += 1) {
      const bytes = formatTrailer('a.1', trailer)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(parseTrailer('a.1', bytes, FILE_BYTES)).toBeTypeOf('string')
    }
  })

  it.each([
    { what: 'of other content', id: 'a.2', fileBytes: FILE_BYTES, said: 'the file of other content' },
    { what: 'of a longer file', id: 'a.1', fileBytes: FILE_BYTES - 1, said: 'a wrong length' },
    { what: 'of a shorter file', id: 'a.1', fileBytes: FILE_BYTES + 1, said: 'a wrong length' },
  ])('is refused where it is $what', ({ id, fileBytes, said }) => {
    expect(parseTrailer(id, formatTrailer('a.1', trailer), fileBytes)).toBe(said)
  })
})

describe('a kept file', () => {
  const damage = { code: 'QUEUE_UNAVAILABLE', message: expect.stringContaining('a content file is damaged') }

  it('is refused, by its name, cut at every byte', async () => {
    const { folder, keep, read } = await setUp()
    const id = await keep('0123456789', { prefix: 'prefix' })
    const path = contentFilePath(folder, id) ?? expect.fail()
    const whole = await readFile(path)
    expect(whole).toHaveLength(16 + TRAILER_BYTES)
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length))
      await expect(read(id)).rejects.toMatchObject({ ...damage, message: expect.stringContaining(path) })
    }
    await writeFile(path, whole)
    expect((await read(id)).toString()).toBe('prefix0123456789')
  })

  it('is refused with any byte changed, before its last chunk is given', async () => {
    const { folder, keep, read } = await setUp()
    const id = await keep('0123456789', { prefix: 'prefix' })
    const path = contentFilePath(folder, id) ?? expect.fail()
    const whole = await readFile(path)
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 32
      await writeFile(path, changed)
      await expect(read(id)).rejects.toMatchObject(damage)
    }
  })

  it('is refused with bytes behind it, and under the name of another', async () => {
    const { folder, keep, read } = await setUp()
    const [id, other] = [await keep('one'), await keep('two')]
    const [path, otherPath] = [id, other].map((one) => contentFilePath(folder, one) ?? expect.fail())
    const whole = await readFile(path ?? '')
    await writeFile(path ?? '', Buffer.concat([whole, Buffer.from([0])]))
    await expect(read(id)).rejects.toMatchObject(damage)
    await writeFile(otherPath ?? '', whole)
    await expect(read(other)).rejects.toMatchObject({ message: expect.stringContaining('the file of other content') })
  })

  it('gives what is sound of a damaged body to who reads a part of it', async () => {
    const { folder, keep, read } = await setUp()
    const id = await keep('0123456789')
    const path = contentFilePath(folder, id) ?? expect.fail()
    const changed = await readFile(path)
    changed[9] = 0
    await writeFile(path, changed)
    expect((await read(id, { start: 0, end: 5 })).toString()).toBe('01234')
  })
})

describe('an id from outside', () => {
  it.each([
    '',
    '.',
    '..',
    '../x.1',
    'a/../../etc.1',
    'a\\b.1',
    'a.1/..',
    '/etc/passwd',
    'a.1\0',
    'a',
    'a.b.1',
    '.1',
    'a.',
    'ä.1',
  ])('has no path where it is none of ours: %j', async (text) => {
    const { folder, read, spool, files } = await setUp()
    expect(contentFilePath(folder, text)).toBeUndefined()
    const id = contentId(text)
    await expect(read(id)).rejects.toMatchObject({ code: 'QUEUE_CONTENT_MISSING' })
    await expect(spool.persist([{ id, sizeBytes: 0 }])).rejects.toMatchObject({ code: 'QUEUE_CONTENT_MISSING' })
    await spool.drop([id])
    expect(await files()).toEqual([])
  })
})
