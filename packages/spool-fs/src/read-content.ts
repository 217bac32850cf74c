/** Reads a content file: the prefix, which lies behind the body, first. */

import { crc32 } from 'node:zlib'
import type { ContentRange } from '@postroad/queue'
import type { Disk, DiskFile } from './disk.ts'
import { codeOf, contentMissing, damaged, unavailable } from './faults.ts'
import { parseTrailer, type Trailer, TRAILER_BYTES } from './trailer.ts'

/** The longest chunk. */
const CHUNK_BYTES = 262_144

/** A part of the file, and how it is checked. */
interface Part {
  readonly from: number
  readonly bytes: number
  readonly crc: number
  readonly name: string
}

/**
 * Gives the chunks of a range; one is valid until the next is asked for. Where all of the body or of the prefix is read,
 * its checksum is compared, and what differs is told before the last chunk is given.
 *
 * @throws {ContentMissingError} Where the file is not there.
 * @throws {QueueUnavailableError} Where it cannot be read, or is not what was written; the sentence names the file.
 */
export async function* readContent(
  disk: Disk,
  path: string,
  id: string,
  range: ContentRange | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await openContent(disk, path, id)
  try {
    const { bodyBytes, prefixBytes, bodyCrc, prefixCrc } = await readTrailer(file, path, id)
    const start = Math.max(0, range?.start ?? 0)
    const end = Math.min(prefixBytes + bodyBytes, range?.end ?? Infinity)
    const buffer = new Uint8Array(Math.max(0, Math.min(CHUNK_BYTES, end - start)))
    const prefix = { from: bodyBytes, bytes: prefixBytes, crc: prefixCrc, name: 'its prefix' }
    const body = { from: 0, bytes: bodyBytes, crc: bodyCrc, name: 'its body' }
    yield* readPart(file, path, prefix, start, end, buffer)
    yield* readPart(file, path, body, start - prefixBytes, end - prefixBytes, buffer)
  } finally {
    await file.close().catch(() => undefined)
  }
}

/**
 * Opens a content file.
 *
 * @throws {ContentMissingError} Where it is not there.
 */
export async function openContent(disk: Disk, path: string, id: string): Promise<DiskFile> {
  try {
    return await disk.open(path)
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? contentMissing(id) : unavailable(error, path)
  }
}

/**
 * Reads how the rest of a file is to be read.
 *
 * @throws {QueueUnavailableError} Where it is not whole, or not of this content.
 */
export async function readTrailer(file: DiskFile, path: string, id: string): Promise<Trailer> {
  const bytes = new Uint8Array(TRAILER_BYTES)
  let fileBytes: number
  let read: number
  try {
    fileBytes = await file.sizeBytes()
    read = await file.read(bytes, Math.max(0, fileBytes - TRAILER_BYTES))
  } catch (error) {
    throw unavailable(error, path)
  }
  const trailer = parseTrailer(id, bytes.subarray(0, read), fileBytes)
  if (typeof trailer === 'string') throw damaged(trailer, path)
  return trailer
}

async function* readPart(
  file: DiskFile,
  path: string,
  part: Part,
  start: number,
  end: number,
  buffer: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  const from = Math.max(0, start)
  const to = Math.min(part.bytes, end)
  const isWhole = from === 0 && to === part.bytes
  let crc = 0
  for (let at = from; at < to;) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, to - at))
    let read: number
    try {
      read = await file.read(chunk, part.from + at)
    } catch (error) {
      throw unavailable(error, path)
    }
    if (read < chunk.length) throw damaged('cut while it was read', path)
    at += read
    if (isWhole) {
      crc = crc32(chunk, crc)
      if (at === to && crc !== part.crc) throw damaged(`${part.name} is not what was written`, path)
    }
    yield chunk
  }
}
