/** A Sentinel that says what a test wants it to: where the master is, and that it is another one now. */

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

export interface FakeSentinel {
  readonly url: string
  /** The port of the master that it names. */
  master: number
  /** Whether it lets itself be listened to. */
  isHeard: boolean
  /** How often it was asked where the master is. */
  readonly asked: number
  /** How many listen. */
  readonly listeners: number
  /** Tells all who listen that the master is another one. */
  tell(before: number): void
  /** Ends the connections of all who listen. */
  hangUp(): void
  stop(): void
}

const CHANNEL = '+switch-master'

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`

/** The commands that have come whole, in words, and what is left. Commands of these tests hold no line ends. */
const commandsOf = (text: string): { readonly commands: string[][]; readonly rest: string } => {
  const commands: string[][] = []
  let rest = text
  for (;;) {
    const [head = '', ...lines] = rest.split('\r\n')
    const count = Number(head.slice(1))
    if (!head.startsWith('*') || lines.length <= 2 * count) return { commands, rest }
    commands.push(lines.slice(0, 2 * count).filter((_, n) => n % 2 === 1))
    rest = lines.slice(2 * count).join('\r\n')
  }
}

export const startFakeSentinel = async (master: number): Promise<FakeSentinel> => {
  const sockets = new Set<Socket>()
  const heard = new Set<Socket>()
  let asked = 0
  const answer = (socket: Socket, words: readonly string[]): void => {
    const [name = ''] = words
    if (name.toUpperCase() === 'SENTINEL') {
      asked += 1
      socket.write(`*2\r\n${bulk('127.0.0.1')}${bulk(String(fake.master))}`)
    } else if (name.toUpperCase() === 'HELLO') socket.write('-NOPROTO this one speaks RESP2\r\n')
    else if (name.toUpperCase() !== 'SUBSCRIBE') socket.write('+OK\r\n')
    else if (!fake.isHeard) socket.destroy()
    else {
      heard.add(socket)
      socket.write(`*3\r\n${bulk('subscribe')}${bulk(CHANNEL)}:1\r\n`)
    }
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      heard.delete(socket)
    })
    socket.on('data', (bytes) => {
      const { commands, rest } = commandsOf(text + bytes.toString())
      text = rest
      for (const words of commands) answer(socket, words)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  const fake: FakeSentinel = {
    url: `redis+sentinel://127.0.0.1:${address.port}/mymaster`,
    master,
    isHeard: true,
    get asked() {
      return asked
    },
    get listeners() {
      return heard.size
    },
    tell(before) {
      const text = `mymaster 127.0.0.1 ${before} 127.0.0.1 ${fake.master}`
      for (const socket of heard) socket.write(`*3\r\n${bulk('message')}${bulk(CHANNEL)}${bulk(text)}`)
    },
    hangUp() {
      for (const socket of heard) socket.destroy()
    },
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  return fake
}
