/** What a stream has read and not handed out yet, because it is paused. */

import type { Duplex } from 'node:stream'

/** Takes it out past the `data` listener, which a read would call, too. The stream is paused afterwards. */
export function takeReadAhead(stream: Duplex, listener: (chunk: Uint8Array) => void): Uint8Array[] {
  const chunks: Uint8Array[] = []
  stream.off('data', listener)
  stream.pause()
  while (stream.readableLength > 0) {
    const chunk: unknown = stream.read()
    if (!(chunk instanceof Uint8Array)) break
    chunks.push(chunk)
  }
  stream.on('data', listener)
  return chunks
}
