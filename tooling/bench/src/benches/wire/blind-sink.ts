/**
 * A bare `net` server that looks for the end of data and for nothing else: what this runtime can do at most.
 *
 * For a client that waits for each reply. It tells commands by their first letter, alone.
 */

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { NodeSinkOptions, OpenSink } from './node-sinks.ts'

const GREETING = Buffer.from('220 mx.example.net ESMTP\r\n')
const OK = Buffer.from('250 2.0.0 OK\r\n')
const GO_ON = Buffer.from('354 Go on\r\n')
const BYE = Buffer.from('221 2.0.0 Bye\r\n')
const END = Buffer.from('\r\n.\r\n')
const CRLF = END.subarray(0, 2)
const LETTER_D = 68
const LETTER_Q = 81

/** Listens. */
export async function openBlindSink({ port }: NodeSinkOptions): Promise<OpenSink> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    serve(socket)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    connections: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function serve(socket: Socket): void {
  /** The end of what came of the content; `undefined` outside of it. */
  let behind: Buffer | undefined
  socket.write(GREETING)
  socket.on('data', (chunk: Buffer) => {
    if (behind !== undefined) {
      if (chunk.includes(END) || Buffer.concat([behind, chunk.subarray(0, 4)]).includes(END)) {
        behind = undefined
        socket.write(OK)
      } else behind = chunk.length < 4 ? Buffer.concat([behind, chunk]).subarray(-4) : chunk.subarray(-4)
    } else if (chunk[0] === LETTER_D) {
      behind = CRLF
      socket.write(GO_ON)
    } else if (chunk[0] === LETTER_Q) socket.end(BYE)
    else socket.write(OK)
  })
}
