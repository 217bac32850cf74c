/** A client by hand, for load that must be the same for all: says a line, waits for the reply. */

import type { Duplex } from 'node:stream'

/** A reply is whole when its last line has a blank behind the code. */
const WHOLE = /^\d{3} [^\r\n]*\r\n$/m

/**
 * Says something and waits for the reply. Nobody else may listen to the stream meanwhile.
 *
 * @param text With CRLF; `undefined` to say nothing, as before the greeting.
 * @param code The beginning of what the reply must be.
 * @throws Where the reply is another, or the stream ends first.
 */
export function ask(stream: Duplex, text: string | undefined, code: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let reply = ''
    const end = (error?: Error): void => {
      stream.off('data', onData)
      stream.off('error', end)
      stream.off('close', onClose)
      if (error === undefined) resolve()
      else reject(error)
    }
    const onClose = (): void => end(new Error(`The connection closed before the reply to ${JSON.stringify(text)}.`))
    const onData = (bytes: Uint8Array): void => {
      reply += String(bytes)
      if (!WHOLE.test(reply)) return
      end(reply.startsWith(code) ? undefined : new Error(`${JSON.stringify(text)} was answered ${reply.trim()}`))
    }
    stream.on('data', onData)
    stream.on('error', end)
    stream.on('close', onClose)
    if (stream.destroyed) onClose()
    else if (text !== undefined) stream.write(text)
  })
}
