/** Asks a Redis by its plain protocol: what a run must do to a server without the store. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What Redis answers; an error is thrown. */
export type RedisReply = string | number | null | readonly RedisReply[]

/** A connection for one command at a time. */
export interface RedisConnection {
  readonly socket: Socket
}

const PATIENCE_MS = 5_000

/** Opens a connection, and closes it after the work. */
export async function withRedis<Result>(
  url: string,
  work: (connection: RedisConnection) => Promise<Result>,
): Promise<Result> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('Redis did not answer in time')))
  await once(socket, 'connect')
  try {
    return await work({ socket })
  } finally {
    socket.destroy()
  }
}

/** Sends one command and waits for its reply. */
export async function askRedis({ socket }: RedisConnection, ...words: readonly string[]): Promise<RedisReply> {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  socket.write(`*${words.length}\r\n${parts.join('')}`)
  let bytes = Buffer.alloc(0)
  for (;;) {
    const [chunk] = await once(socket, 'data')
    if (Buffer.isBuffer(chunk)) bytes = Buffer.concat([bytes, chunk])
    const parsed = parse(bytes, 0)
    if (parsed !== undefined) return parsed.reply
  }
}

/** Reads one reply; `undefined` where it is not whole yet. */
function parse(bytes: Buffer, at: number): { readonly reply: RedisReply; readonly end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', at)
  if (lineEnd === -1) return undefined
  const rest = bytes.toString('utf8', at + 1, lineEnd)
  const next = lineEnd + 2
  switch (String.fromCodePoint(bytes[at] ?? 0)) {
    case '+':
      return { reply: rest, end: next }
    case '-':
      throw new Error(`Redis: ${rest}`)
    case ':':
      return { reply: Number(rest), end: next }
    case '$': {
      const length = Number(rest)
      if (length < 0) return { reply: null, end: next }
      if (bytes.length < next + length + 2) return undefined
      return { reply: bytes.toString('utf8', next, next + length), end: next + length + 2 }
    }
    case '*': {
      const list: RedisReply[] = []
      let end = next
      for (let count = Number(rest); count > 0; count -= 1) {
        const item = parse(bytes, end)
        if (item === undefined) return undefined
        list.push(item.reply)
        end = item.end
      }
      return { reply: list, end }
    }
    default:
      throw new Error('that is no reply of Redis')
  }
}
