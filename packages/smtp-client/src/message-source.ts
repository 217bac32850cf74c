/** The message of a composer as a source: with facts that were found out by reading it, unless it can be read once only. */

import type { ContentFacts, ContentSource } from '@postroad/envelope'
import { ContentScanner } from '@postroad/message'
import { readUntil } from './source-reader.ts'

/** A source, and what is known of it besides its facts. */
export interface MessageSource extends ContentSource {
  /** A bare CR or LF stands in it. */
  readonly bareNewlines: boolean
  /** The header section is in UTF-8, and not in ASCII (RFC 6532 §3.2). */
  readonly utf8Header: boolean
  /** It can be opened once. */
  readonly readOnce: boolean
}

/**
 * Reads bytes, and a stream without facts, whole: what was read counts. A stream with facts is taken at their word. Where
 * the signal fires first the source is a part of the message, and nothing of it must be sent.
 *
 * Rejects where the stream cannot be read.
 */
export async function readMessage(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  facts: ContentFacts | undefined,
  signal: AbortSignal,
): Promise<MessageSource> {
  if (facts !== undefined && !(content instanceof Uint8Array)) {
    const { binary, utf8Header } = facts
    return { facts, bareNewlines: binary, utf8Header, readOnce: true, open: () => content }
  }
  const chunks: Uint8Array[] = []
  if (content instanceof Uint8Array) chunks.push(content)
  else {
    await readUntil({ open: () => content }, signal, (chunk) => {
      // The next one may overwrite it; not `slice`, which shares the memory of a Buffer.
      chunks.push(new Uint8Array(chunk))
      return 'more'
    })
  }
  const scanner = new ContentScanner()
  for (const chunk of chunks) scanner.push(chunk)
  const scanned = scanner.finish()
  return {
    facts: scanned,
    bareNewlines: scanner.bareNewlines,
    utf8Header: scanned.utf8Header && isUtf8(chunks, scanned.headerBytes),
    readOnce: false,
    open: () => iterate(chunks),
  }
}

/** Whether the first so many bytes are UTF-8. */
function isUtf8(chunks: readonly Uint8Array[], length: number): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let left = length
  try {
    for (const chunk of chunks) {
      decoder.decode(chunk.subarray(0, left), { stream: true })
      left -= Math.min(left, chunk.length)
    }
    decoder.decode()
    return true
  } catch {
    return false
  }
}

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  yield* chunks
}
