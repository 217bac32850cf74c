/** Asks a server one thing, without a client library: enough to set up servers that belong together. */

import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const ANSWER_WITHIN_MS = 5_000
const BECOMES_WITHIN_MS = 30_000
const LOOK_AGAIN_MS = 20

/**
 * Sends one command of words without spaces and gives the reply as text: a status, a number, a bulk string, or the
 * strings of a list, one a line.
 *
 * @throws Where the server refuses, or does not answer.
 */
export function ask(port: number, ...words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(`${words.join(' ')}\r\n`))
    let text = ''
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(ANSWER_WITHIN_MS, () => fail(new Error(`Redis at ${port} did not answer.`)))
    socket.once('error', fail)
    socket.once('end', () => fail(new Error(`Redis at ${port} closed the connection.`)))
    socket.on('data', (bytes) => {
      text += bytes.toString('utf8')
      if (text.startsWith('-') && text.endsWith('\r\n')) return fail(new Error(`${words[0]}: ${text.slice(1).trim()}`))
      const reply = wholeReply(text)
      if (reply === undefined) return undefined
      socket.destroy()
      return resolve(reply)
    })
  })
}

/** Asks again and again until the answer is as wanted. */
export async function becomes(
  port: number,
  words: readonly string[],
  wanted: (reply: string) => boolean,
): Promise<void> {
  const deadline = performance.now() + BECOMES_WITHIN_MS
  let last = ''
  while (performance.now() < deadline) {
    last = await ask(port, ...words).catch(String)
    if (wanted(last)) return
    await sleep(LOOK_AGAIN_MS)
  }
  throw new Error(`Redis at ${port} did not come to answer ${words.join(' ')} as it should. Its last answer:\n${last}`)
}

/** The reply where all of it is there; flat lists of strings are all the lists there are. */
function wholeReply(text: string): string | undefined {
  const [head = '', ...lines] = text.split('\r\n')
  if (!text.includes('\r\n')) return undefined
  if (head.startsWith('+') || head.startsWith(':')) return head.slice(1)
  if (head.startsWith('$')) {
    const length = Number(head.slice(1))
    const body = text.slice(head.length + 2)
    return Buffer.byteLength(body) >= length + 2 || length < 0 ? body.slice(0, -2) : undefined
  }
  const count = Number(head.slice(1))
  const strings = lines.filter((_, n) => n % 2 === 1)
  return lines.length > 2 * count ? strings.slice(0, count).join('\n') : undefined
}
